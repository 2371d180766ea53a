"""Sign off an incoming entry (avskrive): until then it is outstanding."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from registry.actions.deadlines import end_deadlines
from registry.actions.refusals import refusal
from registry.models import Case, Entry, SignOff
from registry.models.case import CaseStatus
from registry.models.deadline import DeadlineState
from registry.models.entry import Direction, EntryStatus

# What an answer, or the decision that none is needed, ends.
ANSWERED = ("answer", "interim_reply", "access_request_target", "access_request_hard")


@transaction.atomic
def sign_off(
    *, entry_id: int, way: str, by: str, at: datetime, answer_id: int | None = None
) -> SignOff:
    """Write an incoming entry off in one of the ways of Noark M619; its answer deadlines are met.

    `answer_id` is the outgoing entry that answers it. Raises Refused: "no_such_entry",
    "not_incoming", "already_void", "case_not_open", "already_signed_off", "answer_elsewhere".
    """
    found = Entry.objects.filter(pk=entry_id).first()
    if found is None:
        raise refusal("no_such_entry")
    case = Case.objects.select_for_update().get(pk=found.case_id)
    entry = Entry.objects.get(pk=entry_id)
    _check(entry, case, answer_id)
    signed = SignOff.objects.create(
        entry=entry, way=way, answer_id=answer_id, made_at=at, made_by=by
    )
    end_deadlines(state=DeadlineState.MET, at=at, kinds=ANSWERED, entry=entry)
    record(
        verb="registry.entry_signed_off",
        subject=f"entry:{entry.pk}",
        by=by,
        at=at,
        reason=way,
        answer=answer_id,
    )
    return signed


def _check(entry: Entry, case: Case, answer_id: int | None) -> None:
    if entry.direction != Direction.INCOMING:
        raise refusal("not_incoming")
    if entry.status == EntryStatus.VOID:
        raise refusal("already_void")
    if case.status != CaseStatus.OPEN:
        raise refusal("case_not_open")
    if SignOff.objects.filter(entry=entry).exists():
        raise refusal("already_signed_off")
    answers = case.entries.filter(direction=Direction.OUTGOING, status=EntryStatus.REGISTERED)
    if answer_id is not None and not answers.filter(pk=answer_id).exists():
        raise refusal("answer_elsewhere")
