"""Find messages whose worker died or was never woken."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from intake.actions.screen import give_up
from intake.actions.screen_waiting import MAX_ATTEMPTS, STALE_AFTER
from intake.models import Message
from intake.models.message import State
from lib.enqueue import enqueue

log = logging.getLogger(__name__)


def sweep_messages(*, by: str, at: datetime, limit: int = 1_000) -> int:
    """Wake a worker again for messages that are still only received; return how many.

    A message that has been tried MAX_ATTEMPTS times kills its worker, or screening it fails: it is
    held, so that a person sees it. One that only waits in a long queue is not tried, and so not
    held. Nothing that happens to one message stops the others.
    """
    stale = list(
        Message.objects.filter(state=State.RECEIVED, state_at__lte=at - STALE_AFTER)
        .order_by("state_at")
        .values_list("pk", "screen_attempts")[:limit]
    )
    for pk, attempts in stale:
        if attempts >= MAX_ATTEMPTS:
            try:
                give_up(message_id=pk, by=by, at=at)
            except Exception as error:
                log.error("message %s cannot even be held: %s", pk, type(error).__name__)
    if stale:
        with transaction.atomic():
            enqueue("intake.tasks.screen_messages")
    return len(stale)
