"""To whom a notice about a message goes, and that it may stand for the acknowledgement."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from intake.actions.acknowledging import acknowledge_message, answered_id, refusal_for
from intake.models import Message
from registry.actions.acknowledge import MadeLetter
from registry.actions.notices import Address

if TYPE_CHECKING:
    from registry.models import Entry, Notice


def sender_of(message: Message, *, language: str, at: datetime) -> Address:
    """Who gets a notice about the message: the envelope sender, or why nobody does.

    The rules for acknowledgements hold for every letter that a mail calls forth (RFC 3834): no
    machine is answered, and an address that anyone can write (From, Reply-To) is not written to.
    """
    return Address(
        to=message.envelope_from or "",
        language=language,
        refusal=refusal_for(message, by_registration=True, at=at),
        in_reply_to=answered_id(message),
    )


def acknowledge_by_notice(
    message: Message, entry: Entry, notice: Notice, *, by: str, at: datetime
) -> None:
    """Let the notice confirm receipt: it tells the time of receipt and the number.

    A receipt that went out earlier goes on standing, and is registered now. Where no notice could
    be sent its reason is the acknowledgement's too.
    """
    letter = None
    if notice.letter_id is not None and notice.letter_entry is not None:
        letter = MadeLetter(notice.letter_id, notice.letter_entry)
    acknowledge_message(
        message,
        entry=entry,
        by_letter=letter,
        refusal=notice.not_sent_reason or None,
        by=by,
        at=at,
    )
