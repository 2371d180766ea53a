"""Questions about what is known when a message comes: copies, and requests it may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.models import Message, Proposal
from intake.models.message import State
from lib.asked import whole_number
from registry.queries import entries_of_messages, waits_of_cases
from registry.queries.together import messages_of_sender

if TYPE_CHECKING:
    from registry.models import Entry

# So many of a sender's latest messages are looked at.
_LATEST = 20


def lies_already_in(message: Message) -> list[Entry]:
    """The entries that an equal message is registered under.

    Equal is one with the same Message-ID that came in other bytes, or one of the same sender with
    the same subject and text: a citizen who sends a letter twice, or to two mailboxes.
    """
    found = set(
        Message.objects.filter(message_id=message.message_id, state=State.REGISTERED)
        .exclude(message_id="")
        .exclude(pk=message.pk)
        .values_list("pk", flat=True)[:_LATEST]
    )
    if message.text.strip():
        numbers = messages_of_sender(message.sender_address, limit=_LATEST)
        found |= set(
            Message.objects.filter(
                pk__in=[whole_number(number[1:]) for number in numbers],
                subject=message.subject,
                text=message.text,
            )
            .exclude(pk=message.pk)
            .values_list("pk", flat=True)
        )
    return entries_of_messages(f"M{pk}" for pk in sorted(found)) if found else []


def requests_it_may_answer(message: Message) -> list[Entry]:
    """The entries whose missing information this message may bring."""
    cases = Proposal.objects.filter(message=message).values_list("case", flat=True)
    return [notice.entry for notice in waits_of_cases(cases)]
