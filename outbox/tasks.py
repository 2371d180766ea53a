"""Entrances for the worker."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from outbox.actions.send import send_due
from outbox.actions.sweep import sweep_letters as sweep
from outbox.clients.smtp import Connection

_BY = "system:outbox"


@shared_task
def send_letters() -> None:
    """Send what is due."""
    with Connection(
        settings.OUTGOING_SMTP_URL,
        timeout=settings.OUTGOING_SECONDS,
        plain_hosts=settings.OUTGOING_PLAIN_HOSTS,
    ) as connection:
        send_due(connection=connection, clock=timezone.now, by=_BY)


@shared_task
def sweep_letters() -> None:
    """Find letters that a dead worker left behind, and send what is due."""
    sweep(at=timezone.now(), by=_BY)
    send_letters()
