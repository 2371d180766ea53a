"""Acknowledge a message once: with the entry's number, or with the message's own as a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.queries import municipality, unit_name
from ledger.actions.record import record
from lib import rows
from lib.jurisdictions import Profile, profile_for
from lib.refusal import Refused
from outbox.actions.queue import queue_letter
from outbox.queries import letter_raw
from outbox.rules.letters import format_date, format_time
from registry.actions.refusals import refusal as refused
from registry.actions.register_letter import LetterCopy, register_letter
from registry.models import Acknowledgement, Deadline, Entry
from registry.models.deadline import DeadlineState
from registry.models.entry import EntryStatus

KIND = "acknowledgement"
NOT_TO_BE_WRITTEN_TO = "bad_address"

# Claims the message before anything is made for it: whoever comes second waits here, then finds
# the first one's row. The database checks at commit that the row got its letter.
_CLAIM = """
INSERT INTO registry_acknowledgement
    (message_number, entry_id, not_sent_reason, is_receipt, made_at)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (message_number) WHERE undone_at IS NULL DO NOTHING
RETURNING id
"""

# Its deadline can only run or have ended: nobody pauses an acknowledgement.
_END_DEADLINE = """
UPDATE registry_deadline SET state = %s, ended_at = %s
WHERE message_number = %s AND kind = %s AND state = 'open'
"""

_ANSWER_BY = """
SELECT due_on FROM registry_deadline
WHERE entry_id = %s AND kind = 'answer' AND state = 'open' ORDER BY id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """A letter that was made and registered in this transaction, and confirms receipt as well."""

    letter_id: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Request:
    """What a call of `acknowledge` asked for."""

    message_number: str
    entry: Entry | None
    to: str
    language: str
    received_at: datetime
    in_reply_to: str
    refusal: str | None
    not_before: datetime
    by: str
    at: datetime
    also: tuple[Entry, ...] = ()
    by_letter: MadeLetter | None = None


@transaction.atomic(savepoint=False)
def acknowledge(
    *,
    message_number: str,
    entry: Entry | None,
    is_fresh: bool = False,
    to: str,
    language: str,
    received_at: datetime,
    in_reply_to: str,
    refusal: str | None,
    not_before: datetime,
    by: str,
    at: datetime,
    also: Sequence[Entry] = (),
    by_letter: MadeLetter | None = None,
) -> Acknowledgement:
    """Confirm receipt of a message, once, and return the row that says so (eForvf. § 6).

    With an entry: an acknowledgement with its number, itself registered as an outgoing entry of
    the case. Without one: a receipt with the message's number, registered when there is one. With
    `refusal` (a code): no letter, and the code is kept as the reason. A message that has its
    letter gets no second one, whatever the call: if it was a receipt, it is registered now.
    A reason kept earlier gives way to a letter. The acknowledgement's deadline ends: met, or
    cancelled where there is a reason. An address that cannot be written to is a reason too.
    `is_fresh`: this transaction has just registered the entry, and so holds its case locked.
    `also`: the other entries that the same message was split into; the one letter names them all.
    `by_letter`: this letter tells time of receipt and number too, so it is the acknowledgement.
    Raises Refused ("no_municipality", "no_such_entry", "case_not_open", "bad_letter").
    """
    asked = _Request(
        message_number=message_number,
        entry=entry if entry is None or is_fresh else _locked(entry),
        to=to,
        language=language,
        received_at=received_at,
        in_reply_to=in_reply_to,
        refusal=refusal,
        not_before=not_before,
        by=by,
        at=at,
        also=tuple(also),
        by_letter=by_letter,
    )
    pk = _claim(asked)
    if pk is None:
        standing = _standing(message_number)
        if standing.not_sent_reason and refusal is None:
            _withdraw(standing, at)
            pk = _claim(asked)
        else:
            return _join(standing, asked)
    if pk is None:
        return _standing(message_number)
    return _settle(pk, asked)


@transaction.atomic
def withdraw_refusal(*, message_number: str, by: str, at: datetime) -> bool:
    """Forget the reason for sending nothing, as a message returns to the queue.

    Its deadline runs again. False when no reason stood (a letter was sent, or nothing decided).
    """
    row = (
        Acknowledgement.objects.select_for_update()
        .filter(message_number=message_number, undone_at=None, letter=None)
        .first()
    )
    if row is None:
        return False
    _withdraw(row, at)
    Deadline.objects.filter(message_number=message_number, kind=KIND).update(
        state=DeadlineState.OPEN, ended_at=None
    )
    record(
        verb="registry.acknowledgement_withdrawn",
        subject=f"acknowledgement:{row.pk}",
        by=by,
        at=at,
        reason=row.not_sent_reason,
        message=message_number,
    )
    return True


def _locked(entry: Entry) -> Entry:
    """The entry as it stands, with its case locked: always before the message's row."""
    found = (
        Entry.objects.select_for_update(of=("case",))
        .select_related("case")
        .filter(pk=entry.pk, status=EntryStatus.REGISTERED)
        .first()
    )
    if found is None:
        raise refused("no_such_entry")
    return found


def _claim(asked: _Request) -> int | None:
    claimed = rows.run(
        _CLAIM,
        [
            asked.message_number,
            asked.entry.pk if asked.entry else None,
            asked.refusal or "",
            asked.entry is None and asked.refusal is None,
            asked.at,
        ],
    )
    return int(claimed[0][0]) if claimed else None


def _standing(message_number: str) -> Acknowledgement:
    return Acknowledgement.objects.select_for_update(of=("self",)).get(
        message_number=message_number, undone_at=None
    )


def _withdraw(row: Acknowledgement, at: datetime) -> None:
    row.undone_at = at
    row.save(update_fields=["undone_at"])


def _join(row: Acknowledgement, asked: _Request) -> Acknowledgement:
    """What a second call adds to a standing row: the entry, if it did not know one."""
    if asked.entry is None or row.entry_id is not None:
        return row
    if row.letter_id is not None:
        return _attach(_letters().get(pk=row.pk), asked.entry, by=asked.by, at=asked.at)
    row.entry = asked.entry
    row.save(update_fields=["entry"])
    return row


def _settle(pk: int, asked: _Request) -> Acknowledgement:
    """Make the letter of a row just claimed, register it, and end the deadline."""
    row = Acknowledgement(
        pk=pk,
        message_number=asked.message_number,
        entry=asked.entry,
        not_sent_reason=asked.refusal or "",
        is_receipt=asked.entry is None and asked.refusal is None,
        made_at=asked.at,
    )
    row._state.adding = False
    if asked.by_letter is not None:
        row.letter_id = asked.by_letter.letter_id
        row.letter_entry = asked.by_letter.entry
        rows.update(row, ["letter", "letter_entry"])
    elif asked.refusal is None:
        _send(row, asked)
    ended = DeadlineState.MET if row.letter_id else DeadlineState.CANCELLED
    rows.run(_END_DEADLINE, [ended, asked.at, asked.message_number, KIND])
    record(
        verb="registry.acknowledged" if row.letter_id else "registry.not_acknowledged",
        subject=f"acknowledgement:{pk}",
        by=asked.by,
        at=asked.at,
        reason=row.not_sent_reason,
        message=asked.message_number,
        entry=row.entry_id,
        letter=row.letter_id,
        letter_entry=row.letter_entry_id,
    )
    return row


def _send(row: Acknowledgement, asked: _Request) -> None:
    about = asked.entry.reference if asked.entry else asked.message_number
    kind = "acknowledgement" if asked.entry else "receipt"
    own_language, profile = _place()
    language = asked.language or own_language
    try:
        letter = queue_letter(
            key=f"{kind}:{about}",
            kind=kind,
            language=language,
            values=_values(asked, language, profile),
            to=[asked.to],
            automatic=True,
            about=about,
            not_before=asked.not_before,
            by=asked.by,
            at=asked.at,
            in_reply_to=asked.in_reply_to,
        )
    except Refused as error:
        # Registering must not fail because the sender's address is no address.
        if error.code != NOT_TO_BE_WRITTEN_TO:
            raise
        row.not_sent_reason = NOT_TO_BE_WRITTEN_TO
        row.is_receipt = False
        row.save(update_fields=["not_sent_reason", "is_receipt"])
        return
    row.letter = letter
    if asked.entry is not None:
        copy = LetterCopy(letter.raw_sha256, len(letter.raw), asked.to, asked.at)
        row.letter_entry = register_letter(
            answered=asked.entry,
            copy=copy,
            title=_("Acknowledgement of receipt"),
            language=own_language,
            timezone=profile.timezone,
            by=asked.by,
            at=asked.at,
        )
    rows.update(row, ["letter", "letter_entry"])


def _place() -> tuple[str, Profile]:
    """The municipality's own language, and its country's calendar and clock."""
    body = municipality()
    if body is None:
        raise refused("no_municipality")
    return body.default_language, profile_for(body.profile)


def _values(asked: _Request, language: str, profile: Profile) -> dict[str, str]:
    """The letter's values: time of receipt and number; no subject, no title."""
    received = asked.received_at.astimezone(profile.zone)
    values = {
        "received_date": format_date(received.date(), language),
        "received_time": format_time(received, language),
        "message_number": asked.message_number,
    }
    if asked.entry is not None:
        # Each part of a mail that was split has its own unit and its own time for an answer.
        answer_by = None if asked.also else _answer_by(asked.entry)
        values |= {
            "ref": ", ".join(each.reference for each in (asked.entry, *asked.also)),
            "unit": "" if asked.also else unit_name(asked.entry.case.unit_id),
            "answer_by": format_date(answer_by, language) if answer_by else "",
            # Named in this letter only when a receipt went before; then no such letter is made.
            "message_number": "",
        }
    return values


def _answer_by(entry: Entry) -> date | None:
    found = rows.run(_ANSWER_BY, [entry.pk])
    return found[0][0] if found else None


def _letters() -> QuerySet[Acknowledgement]:
    """Standing rows, locked, with the letter's row but not its text."""
    return (
        Acknowledgement.objects.select_for_update(of=("self",))
        .filter(undone_at=None)
        .select_related("letter")
        .defer("letter__raw", "letter__text", "letter__subject")
    )


def _attach(row: Acknowledgement, entry: Entry, *, by: str, at: datetime) -> Acknowledgement:
    if row.entry_id is not None or row.letter is None:
        return row
    to = row.letter.recipients.values_list("address", flat=True).first() or ""
    raw = letter_raw(row.letter.raw_sha256) or b""
    copy = LetterCopy(row.letter.raw_sha256, len(raw), to, row.made_at)
    row.entry = entry
    own_language, profile = _place()
    row.letter_entry = register_letter(
        answered=entry,
        copy=copy,
        title=_("Automatic receipt"),
        language=own_language,
        timezone=profile.timezone,
        by=by,
        at=at,
    )
    row.save(update_fields=["entry", "letter_entry"])
    record(
        verb="registry.receipt_registered",
        subject=f"acknowledgement:{row.pk}",
        by=by,
        at=at,
        message=row.message_number,
        entry=entry.pk,
        letter_entry=row.letter_entry_id,
    )
    return row
