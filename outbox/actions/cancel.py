"""Call a letter back before it has left."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from outbox.models import Fate, LetterRecipient


def cancel_letter(*, letter_id: int, by: str, at: datetime) -> bool:
    """Cancel a letter to all its recipients; True when none of them has been or will be written to.

    A letter that is on its way to anyone cannot be called back, and then nothing is changed.
    Cancelling twice is the same as once. False for a letter that does not exist.
    """
    with transaction.atomic():
        rows = list(
            LetterRecipient.objects.select_for_update().filter(letter=letter_id).order_by("pk")
        )
        if rows and all(row.fate == Fate.CANCELLED for row in rows):
            return True
        # A letter that waits because a person sent it again has been tried before.
        if not rows or any(row.fate != Fate.QUEUED or row.claimed_at for row in rows):
            return False
        LetterRecipient.objects.filter(pk__in=[row.pk for row in rows]).update(
            fate=Fate.CANCELLED, next_attempt_at=None, changed_at=at
        )
        record(verb="outbox.letter_cancelled", subject=f"letter:{letter_id}", by=by, at=at)
    return True
