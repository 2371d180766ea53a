"""Give a case to a unit, and to a caseworker."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from outbox.actions.notify import notify_person
from registry.actions.index import index_case
from registry.actions.refusals import refusal
from registry.actions.restrict import must_leave_somebody
from registry.models import Case
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
