"""The automatic receipt: sent when the limit for acknowledging nears and nobody has registered."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from intake.actions.acknowledging import acknowledge_message, refusal_for
from intake.models import Message
from intake.queries import WAITING
from intake.rules.acknowledgement import TEMPORARY
from registry.queries import messages_due_for_acknowledgement

log = logging.getLogger(__name__)


def send_receipts(*, by: str, at: datetime, limit: int = 500) -> int:
    """Acknowledge what waits and whose limit is within RECEIPT_LEAD_HOURS; return how many.

    eForvaltningsforskriften § 6: receipt is confirmed at the latest in the course of the day after
    receipt, whether or not anyone has had time to register. Each message is a transaction of its
    own, so that one that cannot be answered stops no other.
    """
    until = at + timedelta(hours=settings.RECEIPT_LEAD_HOURS)
    numbers = messages_due_for_acknowledgement(until=until, limit=limit)
    sent = 0
    for number in numbers:
        try:
            sent += _send_receipt(number=number, by=by, at=at)
        except Exception as error:
            # Its deadline stays open, and an alarm tells of it before the limit.
            log.error("no receipt for %s: %s", number, type(error).__name__)
    return sent


@transaction.atomic
def _send_receipt(*, number: str, by: str, at: datetime) -> bool:
    message = (
        Message.objects.select_for_update(of=("self",))
        .filter(pk=int(number[1:]), state__in=WAITING)
        .first()
    )
    if message is None:
        return False
    refusal = refusal_for(message, by_registration=False, at=at)
    if refusal in TEMPORARY:
        return False  # the next run tries again
    acknowledge_message(message, refusal=refusal, by=by, at=at)
    return True
