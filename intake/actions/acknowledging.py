"""Whether a message may be acknowledged automatically, with the numbers the rule asks for."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from intake import queries
from intake.models import Message
from intake.rules.acknowledgement import Limits, may_acknowledge
from intake.rules.kind import MessageKind
from outbox.queries import sent_counts


def refusal_for(message: Message, *, by_registration: bool, at: datetime) -> str | None:
    """Why the message gets no acknowledgement, as a code; None when it gets one."""
    first = message.deliveries.order_by("pk").first()
    address = message.envelope_from
    receipts, hour, total = sent_counts(address, at)
    return may_acknowledge(
        kind=MessageKind(message.kind),
        envelope_from=address if address or (first and first.has_envelope) else None,
        already=False,
        by_registration=by_registration,
        receipts_to_address_today=receipts,
        sent_to_address_last_hour=hour,
        sent_total_last_hour=total,
        limits=Limits(
            receipts_per_address_day=settings.RECEIPTS_PER_ADDRESS_AND_DAY,
            per_address_hour=settings.ACKNOWLEDGEMENTS_PER_ADDRESS_AND_HOUR,
            total_hour=settings.ACKNOWLEDGEMENTS_PER_HOUR,
        ),
        our_addresses=queries.our_addresses(),
    )
