"""Give a case to a unit, and to a caseworker."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from outbox.actions.notify import notify_person
from registry.actions.index import index_case
from registry.actions.refusals import refusal
from registry.actions.restrict import must_leave_somebody
from registry.models import Case, CaseMove, Entry
from registry.models.case import CaseStatus


@transaction.atomic
def assign_case(
    *, case_id: int, unit_id: int, caseworker_id: int | None, by: str, at: datetime
) -> Case:
    """Say which unit and (or None) which caseworker has the case; a new caseworker is told.

    Raises Refused: "no_such_case", "case_not_open", "nothing_changed", and "nobody_left" when
    nobody could work on a restricted case any more.
    """
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise refusal("no_such_case")
    if case.status != CaseStatus.OPEN:
        raise refusal("case_not_open")
    if (case.unit_id, case.caseworker_id) == (unit_id, caseworker_id):
        raise refusal("nothing_changed")
    if case.is_restricted:
        must_leave_somebody(case, caseworker_id=caseworker_id)
    before = case.caseworker_id
    case.unit_id = unit_id
    case.caseworker_id = caseworker_id
    case.save(update_fields=["unit", "caseworker"])
    index_case(case.pk)
    record(
        verb="registry.case_assigned",
        subject=f"case:{case.pk}",
        by=by,
        at=at,
        unit=unit_id,
        caseworker=caseworker_id,
    )
    if caseworker_id not in (None, before):
        notify_person(
            user_id=caseworker_id,
            kind="assigned",
            about=case.reference,
            is_restricted=case.is_restricted,
            by=by,
            at=at,
        )
    return case


@transaction.atomic
def move_case_with(*, entry_id: int, unit_id: int, by: str, at: datetime) -> None:
    """Give the case of an entry that has just been registered to another unit, and nobody in it.

    Undoing the registration gives it back to those who had it (`move_case_back`). Nothing happens
    where the unit has it already. Raises Refused as `assign_case`.
    """
    case_id = Entry.objects.values_list("case", flat=True).get(pk=entry_id)
    case = Case.objects.select_for_update().get(pk=case_id)
    if case.unit_id == unit_id:
        return
    CaseMove.objects.create(
        entry_id=entry_id,
        from_unit_id=case.unit_id,
        from_caseworker_id=case.caseworker_id,
        to_unit_id=unit_id,
        made_at=at,
    )
    assign_case(case_id=case.pk, unit_id=unit_id, caseworker_id=None, by=by, at=at)


def move_case_back(entry: Entry, case: Case, *, by: str, at: datetime) -> None:
    """Give a locked case back to those who had it before an entry's registration moved it.

    Where somebody has given it to others meanwhile, it stays with them. Nobody is told: for those
    who have it nothing has happened.
    """
    move = CaseMove.objects.filter(entry=entry).first()
    if move is None or (case.unit_id, case.caseworker_id) != (move.to_unit_id, None):
        return
    case.unit_id, case.caseworker_id = move.from_unit_id, move.from_caseworker_id
    case.save(update_fields=["unit", "caseworker"])
    index_case(case.pk)
    record(
        verb="registry.case_assigned",
        subject=f"case:{case.pk}",
        by=by,
        at=at,
        reason="undone",
        unit=case.unit_id,
        caseworker=case.caseworker_id,
    )
