"""Send what is due: claim a letter, commit, hand it over, record what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ledger.actions.record import record
from lib import rows
from outbox import queries
from outbox.clients.smtp import Connection, Outcome
from outbox.models import Fate, LetterRecipient
from outbox.rules import retry
from outbox.rules.retry import Answer

_CLAIM = """
WITH claimed AS (
    UPDATE outbox_letterrecipient
    SET fate = 'sending', attempts = attempts + 1, claimed_at = %s, changed_at = %s,
        next_attempt_at = NULL
    WHERE id = (
        SELECT id FROM outbox_letterrecipient
        WHERE fate IN ('queued', 'retry', 'unknown') AND next_attempt_at <= %s
        ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, letter_id, address
)
SELECT claimed.id, address, kind, envelope_from, raw
FROM claimed JOIN outbox_letter ON outbox_letter.id = letter_id
"""
# A worker has other things to do as well; the next run goes on where this one ended.
_RUN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A letter that is ours to hand over to one recipient, since when."""

    recipient_id: int
    address: str
    kind: str
    envelope_from: str
    raw: bytes
    at: datetime


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
        letter = _claim(at=clock())
    while letter is not None:
        outcome = connection.send(letter.envelope_from, letter.address, letter.raw)
        tried, now = tried + 1, clock()
        goes_on = tried < limit and now - started < _RUN and outcome.answer is not Answer.UNREACHED
        with transaction.atomic(durable=True):
            _record(letter, outcome, at=now, by=by)
            letter = _claim(at=now) if goes_on else None
    return tried


def _claim(*, at: datetime) -> _Claimed | None:
    claimed = rows.run(_CLAIM, [at, at, at])
    if not claimed:
        return None
    recipient_id, address, kind, envelope_from, raw = claimed[0]
    return _Claimed(recipient_id, address, kind, envelope_from, raw, at)


def _record(letter: _Claimed, outcome: Outcome, *, at: datetime, by: str) -> None:
    row = rows.read(LetterRecipient, letter.recipient_id, lock=True)
    taken_away = row.fate != Fate.SENDING or row.claimed_at != letter.at
    # A sweeper that took us for dead has decided already: only a letter that has arrived after
    # all is worth more than its decision. A delivery report is about what the server accepted.
    if taken_away and (outcome.answer is not Answer.ACCEPTED or row.fate == Fate.BOUNCED):
        return
    settle(row, outcome, kind=letter.kind, at=at, by=by)


def settle(row: LetterRecipient, outcome: Outcome, *, kind: str, at: datetime, by: str) -> None:
    """Give a locked recipient of a letter of this kind the fate that follows from `outcome`."""
    if outcome.answer is Answer.LOST:
        row.losses += 1
    following = retry.after(
        outcome.answer,
        kind=kind,
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
        subject=f"letter:{row.letter_id}",
        by=by,
        at=at,
        recipient=row.pk,
        attempt=row.attempts,
        code=outcome.code,
    )
