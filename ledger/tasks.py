"""What beat asks of the ledger."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from ledger.actions.seal import seal_events


@shared_task(name="ledger.tasks.seal", ignore_result=True)
def seal() -> None:
    """Seal what was written since the last time."""
    seal_events(at=timezone.now())
