"""Find letters whose worker died with them in its hands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from outbox.actions.send import settle
from outbox.clients.smtp import Outcome
from outbox.models import Fate, LetterRecipient
from outbox.rules.retry import STALE_AFTER, Answer


def sweep_letters(*, at: datetime, by: str) -> int:
    """Give letters that have been "being sent" for too long the fate "not known"; return how many.

    Whether the mail server took such a letter cannot be known, so the same rule holds as for a
    lost connection: an acknowledgement is tried once more, anything else waits for a person.
    """
    with transaction.atomic():
        stale = list(
            LetterRecipient.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("letter")
            .filter(fate=Fate.SENDING, claimed_at__lte=at - STALE_AFTER)
        )
        for row in stale:
            lost = Outcome(Answer.LOST, words="worker died")
            settle(row, lost, kind=row.letter.kind, at=at, by=by)
    return len(stale)
