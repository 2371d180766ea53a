"""What a person decides about a letter that did not arrive."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ledger.actions.record import record
from lib.enqueue import enqueue
from lib.refusal import Refused
from outbox.models import Fate, LetterRecipient

_UNDELIVERED = [Fate.FAILED, Fate.BOUNCED, Fate.UNKNOWN]


def send_again(*, recipient_id: int, by: str, at: datetime) -> None:
    """Queue the same letter to the same recipient once more, with five days to arrive.

    Raises Refused ("not_undelivered") unless it was refused, came back, or its fate is not known.
    """
    with transaction.atomic():
        row = _undelivered(recipient_id)
        row.fate = Fate.QUEUED
        row.next_attempt_at = row.changed_at = row.due_at = at
        row.attempts = 0
        # Whoever took note of the first failure has not seen the next one.
        row.seen_at = None
        row.seen_by = ""
        row.save(
            update_fields=[
                "fate",
                "next_attempt_at",
                "changed_at",
                "due_at",
                "attempts",
                "seen_at",
                "seen_by",
            ]
        )
        _note("outbox.letter_sent_again", row, by=by, at=at)
        enqueue("outbox.tasks.send_letters")


def take_note(*, recipient_id: int, by: str, at: datetime) -> None:
    """A person has seen that the letter did not arrive; it no longer raises an alarm.

    Raises Refused ("not_undelivered") as `send_again`.
    """
    with transaction.atomic():
        row = _undelivered(recipient_id)
        row.seen_at = at
        row.seen_by = by
        row.next_attempt_at = None
        row.save(update_fields=["seen_at", "seen_by", "next_attempt_at"])
        _note("outbox.letter_noted_undelivered", row, by=by, at=at)


def _undelivered(recipient_id: int) -> LetterRecipient:
    row = LetterRecipient.objects.select_for_update().get(pk=recipient_id)
    if row.fate not in _UNDELIVERED:
        raise Refused("not_undelivered", _("The letter is still on its way or has arrived."))
    return row


def _note(verb: str, row: LetterRecipient, *, by: str, at: datetime) -> None:
    record(verb=verb, subject=f"letter:{row.letter_id}", by=by, at=at, recipient=row.pk)
