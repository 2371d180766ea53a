"""Send what is due: claim a letter, commit, hand it over, record what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from ledger.actions.record import record
from lib import rows
from outbox import queries
from outbox.clients.smtp import Connection, Outcome
from outbox.models import Fate, Letter, LetterRecipient
from outbox.rules import retry
from outbox.rules.retry import Answer

_CLAIM = """
UPDATE outbox_letterrecipient
SET fate = 'sending', attempts = attempts + 1, claimed_at = %s, changed_at = %s,
    next_attempt_at = NULL
WHERE id = (
    SELECT id FROM outbox_letterrecipient
    WHERE fate IN ('queued', 'retry', 'unknown') AND next_attempt_at <= %s
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""
# A worker has other things to do as well; the next run goes on where this one ended.
_RUN = timedelta(minutes=1)


def send_due(
    *, connection: Connection, clock: Callable[[], datetime], by: str, limit: int = 200
) -> int:
    """Send up to `limit` letters that are due, for about a minute; return how many were tried.

    Letters are claimed one at a time, so that a worker that dies leaves at most one of them in
    doubt; what became of one and the claim of the next are written together. When no session with
    the mail server can be had the others are not tried: they would fare no better. Must not be
    called inside a transaction: the claim has to be committed before the network is touched.
    """
    started = clock()
    if queries.was_unreached_since(started - retry.PAUSE):
        return 0
    tried = 0
    with transaction.atomic(durable=True):
        recipient = _claim(at=clock())
    while recipient is not None:
        letter = recipient.letter
        outcome = connection.send(letter.envelope_from, recipient.address, bytes(letter.raw))
        tried, now = tried + 1, clock()
        goes_on = tried < limit and now - started < _RUN and outcome.answer is not Answer.UNREACHED
        with transaction.atomic(durable=True):
            _record(recipient, outcome, at=now, by=by)
            recipient = _claim(at=now) if goes_on else None
    return tried


def _claim(*, at: datetime) -> LetterRecipient | None:
    claimed = rows.run(_CLAIM, [at, at, at])
    if not claimed:
        return None
    recipient = rows.read(LetterRecipient, claimed[0][0])
    recipient.letter = rows.read(Letter, recipient.letter_id)
    return recipient


def _record(recipient: LetterRecipient, outcome: Outcome, *, at: datetime, by: str) -> None:
    row = rows.read(LetterRecipient, recipient.pk, lock=True)
    taken_away = row.fate != Fate.SENDING or row.claimed_at != recipient.claimed_at
    # A sweeper that took us for dead has decided already: only a letter that has arrived after
    # all is worth more than its decision. A delivery report is about what the server accepted.
    if taken_away and (outcome.answer is not Answer.ACCEPTED or row.fate == Fate.BOUNCED):
        return
    row.letter = recipient.letter
    settle(row, outcome, at=at, by=by)


def settle(row: LetterRecipient, outcome: Outcome, *, at: datetime, by: str) -> None:
    """Give a locked recipient the fate that follows from `outcome`."""
    letter = row.letter
    if outcome.answer is Answer.LOST:
        row.losses += 1
    following = retry.after(
        outcome.answer,
        kind=letter.kind,
        attempts=row.attempts,
        losses=row.losses,
        age=at - row.due_at,
    )
    row.fate = following.fate
    row.next_attempt_at = at + following.wait if following.wait is not None else None
    row.answer_code = outcome.code
    row.answer_text = outcome.words
    row.reached = outcome.answer is not Answer.UNREACHED
    row.changed_at = at
    if following.fate == Fate.SENT:
        row.sent_at = at
    rows.update(
        row,
        [
            "fate",
            "next_attempt_at",
            "answer_code",
            "answer_text",
            "reached",
            "losses",
            "changed_at",
            "sent_at",
        ],
    )
    record(
        verb=f"outbox.letter_{following.fate}",
        subject=f"letter:{letter.pk}",
        by=by,
        at=at,
        recipient=row.pk,
        attempt=row.attempts,
        code=outcome.code,
    )
