"""Whether a message may be acknowledged automatically, with the numbers the rule asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from intake import queries
from intake.models import Message
from intake.rules.acknowledgement import (
    Limits,
    NotAcknowledged,
    acknowledgement_address,
    may_acknowledge,
)
from intake.rules.kind import MessageKind
from outbox.queries import sent_counts
from registry.actions.acknowledge import MadeLetter, acknowledge
from registry.actions.arrival import start_arrival_deadlines

if TYPE_CHECKING:
    from registry.models import Entry

# What may be repeated in our In-Reply-To. Anything else that a stranger called a Message-ID is
# left out: it could not be sent, or would end up as words of theirs in our letter.
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}>")


def refusal_for(message: Message, *, by_registration: bool, at: datetime) -> str | None:
    """Why the message gets no acknowledgement, as a code; None when it gets one."""
    refusal = lasting_refusal(message)
    if refusal is not None or by_registration:
        return refusal
    return _ask(message, sent=sent_counts(message.envelope_from or "", at))


def lasting_refusal(message: Message) -> str | None:
    """Why the message never gets an acknowledgement, whatever else is sent; None when it may."""
    refusal = _ask(message, sent=(0, 0, 0))
    to = acknowledgement_address(message.envelope_from)
    if refusal is None and to is not None and not to.rpartition("@")[0].isascii():
        # Letters beyond ASCII before the @ need SMTPUTF8 all the way (RFC 6531), which our letters
        # do not ask for.
        return NotAcknowledged.BAD_ADDRESS
    return refusal


def _ask(message: Message, *, sent: tuple[int, int, int]) -> NotAcknowledged | None:
    receipts, hour, total = sent
    return may_acknowledge(
        kind=MessageKind(message.kind),
        envelope_from=message.envelope_from,
        already=False,
        by_registration=False,
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


def acknowledge_entry(
    message: Message, entry: Entry, *, also: Sequence[Entry] = (), by: str, at: datetime
) -> None:
    """Acknowledge a message with the entry just registered; the letter waits UNDO_SECONDS.

    `also`: the other entries that the message was split into; the one letter names them all.
    """
    acknowledge_message(
        message,
        entry=entry,
        also=also,
        refusal=refusal_for(message, by_registration=True, at=at),
        not_before=at + timedelta(seconds=settings.UNDO_SECONDS),
        by=by,
        at=at,
    )


def acknowledge_message(
    message: Message,
    *,
    refusal: str | None,
    by: str,
    at: datetime,
    entry: Entry | None = None,
    also: Sequence[Entry] = (),
    by_letter: MadeLetter | None = None,
    not_before: datetime | None = None,
) -> None:
    """Acknowledge a message to its envelope sender, or keep the reason why nothing is sent.

    `entry` has just been registered in this transaction; without one the message gets a receipt.
    The rest is as for registry.actions.acknowledge; `not_before` is `at` unless given.
    """
    acknowledge(
        message_number=message.number,
        entry=entry,
        is_fresh=entry is not None,
        also=also,
        by_letter=by_letter,
        to=message.envelope_from or "",
        language=message.language,
        received_at=message.received_at,
        in_reply_to=answered_id(message),
        refusal=refusal,
        not_before=not_before or at,
        by=by,
        at=at,
    )


def follow_up(message: Message, *, by: str, at: datetime) -> None:
    """Start what runs from arrival; what gets no acknowledgement, gets the reason why."""
    refusal = lasting_refusal(message)
    start_arrival_deadlines(
        message_number=message.number,
        received_at=message.received_at,
        is_acknowledged=refusal is None,
    )
    if refusal is not None:
        acknowledge_message(message, refusal=refusal, by=by, at=at)


def answered_id(message: Message) -> str:
    """The message's Message-ID as a letter may repeat it, or empty."""
    return message.message_id if _MESSAGE_ID.fullmatch(message.message_id) else ""
