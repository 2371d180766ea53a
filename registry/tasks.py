"""Entrances for worker and beat."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from lib.reading import reader
from registry.actions.escalate import escalate
from registry.actions.read_text import read_waiting_texts, text_reader
from registry.actions.recompute import recount_deadlines as recount
from registry.actions.send_digests import send_digests

_BY = "system:worker"


@shared_task
def read_texts() -> None:
    """Make the content of new entries searchable, and of those that a dead worker left behind."""
    read_waiting_texts(mail=reader(), texts=text_reader(), clock=timezone.now)


@shared_task
def send_daily_digests() -> None:
    """Write the daily letters that are due and have not been written."""
    send_digests(by=_BY, at=timezone.now())


@shared_task
def escalate_deadlines() -> None:
    """Tell leaders of deadlines that nobody has touched."""
    escalate(by=_BY, at=timezone.now())


@shared_task
def recount_deadlines() -> None:
    """Count running deadlines anew where a change asks for it."""
    recount(at=timezone.now())
