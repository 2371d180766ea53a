"""Sign off an incoming entry (avskrive), and take that back: until then it is outstanding."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.queries import municipality
from ledger.actions.record import record
from lib.jurisdictions import profile_for
from registry import queries
from registry.actions.ask import end_wait_signed_off, reopen_wait_signed_off
from registry.actions.deadlines import end_deadlines, reopen_deadlines
from registry.actions.refusals import refusal
from registry.models import Case, Entry, SignOff
from registry.models.case import CaseStatus
from registry.models.deadline import DeadlineState
from registry.models.entry import Direction, EntryStatus
from registry.rules.promise import PROMISED

# What an answer, or the decision that none is needed, ends.
ANSWERED = ("answer", "interim_reply", PROMISED, "access_request_target", "access_request_hard")


@transaction.atomic
def sign_off(
    *,
    entry_id: int,
    way: str,
    by: str,
    at: datetime,
    answer_id: int | None = None,
    reason: str = "",
) -> SignOff:
    """Write an incoming entry off in one of the ways of Noark M619; its answer deadlines are met.

    What was missing in it is waited for no longer.

    `answer_id` is the outgoing entry that answers it; without one the `reason` says why nothing
    more is to be done. Raises Refused: "no_such_entry", "not_incoming", "already_void",
    "is_a_copy", "case_not_open", "already_signed_off", "answer_elsewhere", "reason_missing",
    "reason_too_long".
    """
    found = Entry.objects.filter(pk=entry_id).first()
    if found is None:
        raise refusal("no_such_entry")
    case = Case.objects.select_for_update().get(pk=found.case_id)
    entry = Entry.objects.get(pk=entry_id)
    _check(entry, case, answer_id)
    reason = reason.strip()
    if answer_id is None and not reason:
        raise refusal("reason_missing")
    if len(reason) > 400:
        raise refusal("reason_too_long")
    signed = SignOff.objects.create(
        entry=entry, way=way, answer_id=answer_id, reason=reason, made_at=at, made_by=by
    )
    end_deadlines(state=DeadlineState.MET, at=at, kinds=ANSWERED, entry=entry)
    end_wait_signed_off(entry_id=entry.pk, by=by, at=at)
    record(
        verb="registry.entry_signed_off",
        subject=f"entry:{entry.pk}",
        by=by,
        at=at,
        reason=way,
        answer=answer_id,
    )
    return signed


@transaction.atomic
def take_back_sign_off(*, entry_id: int, by: str, at: datetime) -> Entry:
    """Make an entry outstanding again; the deadlines that the sign-off met run on.

    The row stays, as taken back. Raises Refused: "no_such_entry", "case_not_open",
    "not_signed_off".
    """
    found = Entry.objects.filter(pk=entry_id).first()
    if found is None:
        raise refusal("no_such_entry")
    case = Case.objects.select_for_update().get(pk=found.case_id)
    if case.status != CaseStatus.OPEN:
        raise refusal("case_not_open")
    signed = SignOff.objects.filter(entry=found).first()
    if signed is None:
        raise refusal("not_signed_off")
    signed.entry, signed.taken_back_of = None, found
    signed.taken_back_at, signed.taken_back_by = at, by
    signed.save(update_fields=["entry", "taken_back_of", "taken_back_at", "taken_back_by"])
    body = municipality()
    if body is None:
        raise refusal("no_municipality")
    reopen_deadlines(
        entry_id=found.pk,
        kinds=ANSWERED,
        ended_at=signed.made_at,
        profile=profile_for(body.profile),
        closed=queries.closed_days(),
    )
    reopen_wait_signed_off(entry_id=found.pk, ended_at=signed.made_at, by=by, at=at)
    record(
        verb="registry.sign_off_taken_back",
        subject=f"entry:{found.pk}",
        by=by,
        at=at,
        sign_off=signed.pk,
    )
    return found


def check_outstanding(entry: Entry, case: Case) -> None:
    """Raise Refused unless the entry can be dealt with: incoming, here, and in an open case."""
    if entry.direction != Direction.INCOMING:
        raise refusal("not_incoming")
    if entry.status == EntryStatus.VOID:
        raise refusal("already_void")
    if entry.copy_of_id is not None:
        raise refusal("is_a_copy")
    if case.status != CaseStatus.OPEN:
        raise refusal("case_not_open")


def _check(entry: Entry, case: Case, answer_id: int | None) -> None:
    check_outstanding(entry, case)
    if SignOff.objects.filter(entry=entry).exists():
        raise refusal("already_signed_off")
    answers = case.entries.filter(direction=Direction.OUTGOING, status=EntryStatus.REGISTERED)
    if answer_id is not None and not answers.filter(pk=answer_id).exists():
        raise refusal("answer_elsewhere")
