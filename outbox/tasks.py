"""Entrances for the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from outbox.actions.send import send_due
from outbox.actions.sweep import sweep_letters as sweep
from outbox.clients.smtp import Connection
from outbox.rules.envelope import greeting_name

_BY = "system:outbox"
# A server may take ten minutes over one letter, and a task that is stopped in the middle leaves
# it in doubt.
_LIMITS = {"soft_time_limit": 24 * 60, "time_limit": 25 * 60}


@shared_task(**_LIMITS)
def send_letters() -> None:
    """Send what is due."""
    hand_over(clock=timezone.now)


@shared_task(**_LIMITS)
def sweep_letters() -> None:
    """Find letters that a dead worker left behind, and send what is due."""
    sweep(at=timezone.now(), by=_BY)
    send_letters()


def hand_over(*, clock: Callable[[], datetime]) -> None:
    """Send what is due by this clock, through the mail server of the settings."""
    with Connection(
        settings.OUTGOING_SMTP_URL,
        timeout=settings.OUTGOING_SECONDS,
        hello=greeting_name(settings.BASE_URL),
        plain_hosts=settings.OUTGOING_PLAIN_HOSTS,
    ) as connection:
        send_due(connection=connection, clock=clock, by=_BY)
