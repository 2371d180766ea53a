"""Undo a registration before its letter has left: everything stays in the record, as void."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import F, Q, Value, When

from ledger.actions.record import record
from registry.actions.acknowledge import KIND
from registry.actions.ask import reopen_waits
from registry.actions.assign import move_case_back
from registry.actions.notices import undo_notices
from registry.actions.refusals import refusal
from registry.actions.sign_off import take_back_sign_off
from registry.actions.void import UNDONE, call_back, mark_case_void, mark_entry_void
from registry.models import Acknowledgement, Case, Deadline, Entry, Hold, SignOff
from registry.models.deadline import DeadlineState
from registry.models.entry import EntryStatus


@transaction.atomic
def undo_registration(*, entry_id: int, message_number: str, by: str, at: datetime) -> Entry:
    """Make an entry void within UNDO_SECONDS of its registration, and call its letter back.

    Void become: the entry, the outgoing entries of its acknowledgement and notices, and the case
    if it was opened by this registration and holds nothing else. Numbers stay taken. A case that
    went to another unit with it goes back. The message
    can be registered and acknowledged again; a receipt that went out earlier goes on standing for
    it.
    Raises Refused: "no_such_entry", "another_message", "already_void", "on_hold", "case_not_open",
    "too_late" (also when the letter is on its way).
    """
    found = Entry.objects.filter(pk=entry_id).first()
    if found is None:
        raise refusal("no_such_entry")
    case = Case.objects.select_for_update().get(pk=found.case_id)
    entry = Entry.objects.get(pk=entry_id)
    if entry.message_number != message_number:
        raise refusal("another_message")
    if at > entry.registered_at + timedelta(seconds=settings.UNDO_SECONDS):
        raise refusal("too_late")
    holds = Hold.objects.filter(case=case, released_at=None).count()
    undo_notices(entry, case, holds=holds, by=by, at=at, since=entry.registered_at)
    reopen_waits(answer=entry, by=by, at=at)
    if SignOff.objects.filter(entry=entry).exists():
        # Misdirected: it was written off by the notice that is called back.
        take_back_sign_off(entry_id=entry.pk, by=by, at=at)
    reopened = _undo_acknowledgement(entry, case, holds=holds, by=by, at=at)
    # Before the entry's own deadlines are cancelled with it.
    _return_deadlines(entry, reopened=reopened)
    mark_entry_void(entry, case, holds=holds, left_the_house=False, reason=UNDONE, by=by, at=at)
    move_case_back(entry, case, by=by, at=at)
    if _was_opened_by(entry, case):
        mark_case_void(case, entries_not_void=0, holds=holds, reason=UNDONE, by=by, at=at)
    record(
        verb="registry.registration_undone",
        subject=f"entry:{entry.pk}",
        by=by,
        at=at,
        message=message_number,
    )
    return entry


def _undo_acknowledgement(entry: Entry, case: Case, *, holds: int, by: str, at: datetime) -> bool:
    """Set the standing row aside; True when the message is unacknowledged afterwards."""
    row = (
        Acknowledgement.objects.select_for_update(of=("self",))
        .select_related("letter_entry")
        .filter(entry=entry, undone_at=None)
        .first()
    )
    if row is None:
        return False
    sent_before = row.is_receipt or row.made_at < entry.registered_at
    # A notice that was the acknowledgement too has been called back already.
    letter_id = None if sent_before else row.letter_id
    call_back(case, letter_id, row.letter_entry, holds=holds, by=by, at=at)
    row.undone_at = at
    row.save(update_fields=["undone_at"])
    if sent_before:
        # What was true before this registration is true again.
        Acknowledgement.objects.create(
            message_number=row.message_number,
            letter_id=row.letter_id,
            not_sent_reason=row.not_sent_reason,
            is_receipt=row.is_receipt,
            made_at=row.made_at,
        )
    return not sent_before


def _return_deadlines(entry: Entry, *, reopened: bool) -> None:
    """Give the message its deadlines back, as they were before it was registered."""
    runs_again = Q(kind__startswith="registration")
    if reopened:
        runs_again |= Q(kind=KIND)
    Deadline.objects.filter(entry=entry).exclude(message_number="").update(
        entry=None,
        state=Choice(When(runs_again, then=Value(DeadlineState.OPEN)), default=F("state")),
        ended_at=Choice(When(runs_again, then=Value(None)), default=F("ended_at")),
    )


def _was_opened_by(entry: Entry, case: Case) -> bool:
    return (
        case.opened_at == entry.registered_at
        and case.opened_by == entry.registered_by
        and not case.entries.exclude(status=EntryStatus.VOID).exists()
    )
