"""Make an entry or a case void: its number stays taken and its row stays visible."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from outbox.actions.cancel import cancel_letter
from registry.actions.deadlines import end_deadlines
from registry.actions.index import index_entries
from registry.actions.refusals import refusal
from registry.models import Answer, Case, Entry, Hold
from registry.models.deadline import DeadlineState
from registry.models.entry import EntryStatus, Keeper
from registry.rules import status

# Why what was taken back before it left is void.
UNDONE = "undone"


@transaction.atomic
def void_entry(*, entry_id: int, reason: str, by: str, at: datetime) -> Entry:
    """Make an entry void, for good (utgår, makulerad); its deadlines no longer apply.

    Raises Refused: "no_such_entry", "already_void", "case_not_open", "on_hold", "already_sent",
    "reason_missing", "reason_too_long".
    """
    found = Entry.objects.filter(pk=entry_id).first()
    if found is None:
        raise refusal("no_such_entry")
    case = Case.objects.select_for_update().get(pk=found.case_id)
    entry = Entry.objects.get(pk=entry_id)
    mark_entry_void(
        entry,
        case,
        holds=Hold.objects.filter(case=case, released_at=None).count(),
        # A letter that was queued has left, or will, and so has an answer by letter post, which
        # has written something off: only undoing calls it back.
        left_the_house=entry.documents.filter(kept_in=Keeper.LETTER).exists()
        or Answer.objects.filter(sent_entry=entry).exists(),
        reason=reason,
        by=by,
        at=at,
    )
    return entry


@transaction.atomic
def void_case(*, case_id: int, reason: str, by: str, at: datetime) -> Case:
    """Make a case void whose entries all are.

    Raises Refused: "no_such_case", "already_void", "on_hold", "entries_not_void",
    "reason_missing", "reason_too_long".
    """
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise refusal("no_such_case")
    mark_case_void(
        case,
        entries_not_void=case.entries.exclude(status=EntryStatus.VOID).count(),
        holds=case.holds.filter(released_at=None).count(),
        reason=reason,
        by=by,
        at=at,
    )
    return case


def mark_entry_void(
    entry: Entry,
    case: Case,
    *,
    holds: int,
    left_the_house: bool,
    reason: str,
    by: str,
    at: datetime,
) -> None:
    """Make an entry of a locked case void, if the rule allows it."""
    no = status.may_void_entry(
        status=status.EntryStatus(entry.status),
        case_status=status.CaseStatus(case.status),
        direction=status.Direction(entry.direction),
        left_the_house=left_the_house,
        holds=holds,
        reason=reason,
    )
    _refuse(no, reason)
    entry.status = EntryStatus.VOID
    entry.void_reason = reason.strip()
    entry.save(update_fields=["status", "void_reason"])
    index_entries([entry.pk])
    end_deadlines(state=DeadlineState.CANCELLED, at=at, entry=entry)
    record(verb="registry.entry_voided", subject=f"entry:{entry.pk}", by=by, at=at, case=case.pk)


def call_back(
    case: Case,
    letter_id: int | None,
    letter_entry: Entry | None,
    *,
    holds: int,
    by: str,
    at: datetime,
) -> None:
    """Stop a letter of a locked case that has not left, and make the entry it was void.

    Raises Refused ("too_late") when it is on its way, and what voiding refuses.
    """
    if letter_id and not cancel_letter(letter_id=letter_id, by=by, at=at):
        raise refusal("too_late")
    if letter_entry is not None and letter_entry.status != EntryStatus.VOID:
        mark_entry_void(
            letter_entry,
            case,
            holds=holds,
            left_the_house=False,
            reason=UNDONE,
            by=by,
            at=at,
        )


def mark_case_void(
    case: Case, *, entries_not_void: int, holds: int, reason: str, by: str, at: datetime
) -> None:
    """Make a locked case void, if the rule allows it."""
    no = status.may_void_case(
        status=status.CaseStatus(case.status),
        entries_not_void=entries_not_void,
        holds=holds,
        reason=reason,
    )
    _refuse(no, reason)
    case.status = status.CaseStatus.VOID
    case.void_reason = reason.strip()
    case.save(update_fields=["status", "void_reason"])
    record(verb="registry.case_voided", subject=f"case:{case.pk}", by=by, at=at)


def _refuse(no: status.Refusal | None, reason: str) -> None:
    if no is not None:
        raise refusal(no)
    if len(reason) > 200:
        raise refusal("reason_too_long")
