"""Restrict a case to its caseworker and named readers, and say who these are.

A restricted case never falls out of everyone's hands: as long as it is restricted, somebody who
can work on it may read it. Nothing is deleted, so that it can be told later who could read what.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.queries import those_who_may
from accounts.rules.roles import Task
from ledger.actions.record import record
from registry.actions.refusals import refusal
from registry.models import Case, CaseReader, Restriction
from registry.models.case import CaseStatus

_REASON = 200  # characters


@transaction.atomic
def restrict_case(*, case_id: int, reason: str, by: str, at: datetime) -> Restriction:
    """Restrict a case from now on.

    Raises Refused: "no_such_case", "already_void", "already_restricted", "reason_missing",
    "reason_too_long", "nobody_left".
    """
    case = _locked(case_id)
    if case.status == CaseStatus.VOID:
        raise refusal("already_void")
    if case.is_restricted:
        raise refusal("already_restricted")
    reason = _reason(reason)
    must_leave_somebody(case, caseworker_id=case.caseworker_id)
    made = Restriction.objects.create(case=case, reason=reason, placed_at=at, placed_by=by)
    case.is_restricted = True
    case.save(update_fields=["is_restricted"])
    record(verb="registry.case_restricted", subject=f"case:{case.pk}", by=by, at=at)
    return made


@transaction.atomic
def unrestrict_case(*, case_id: int, reason: str, by: str, at: datetime) -> Restriction:
    """Lift the restriction of a case; its named readers stay named.

    Raises Refused: "no_such_case", "not_restricted", "reason_missing", "reason_too_long".
    """
    case = _locked(case_id)
    if not case.is_restricted:
        raise refusal("not_restricted")
    standing = Restriction.objects.get(case=case, lifted_at=None)
    standing.lift_reason = _reason(reason)
    standing.lifted_at = at
    standing.lifted_by = by
    standing.save(update_fields=["lift_reason", "lifted_at", "lifted_by"])
    case.is_restricted = False
    case.save(update_fields=["is_restricted"])
    record(verb="registry.case_unrestricted", subject=f"case:{case.pk}", by=by, at=at)
    return standing


@transaction.atomic
def name_reader(*, case_id: int, user_id: int, reason: str, by: str, at: datetime) -> CaseReader:
    """Name a person who reads the case from now on, whatever the unit and the restriction.

    Raises Refused: "no_such_case", "no_such_reader", "already_named", "reason_missing",
    "reason_too_long".
    """
    case = _locked(case_id)
    if not those_who_may([user_id], Task.READ_CASES):
        raise refusal("no_such_reader")
    if CaseReader.objects.filter(case=case, user=user_id, ended_at=None).exists():
        raise refusal("already_named")
    made = CaseReader.objects.create(
        case=case, user_id=user_id, reason=_reason(reason), named_at=at, named_by=by
    )
    record(verb="registry.reader_named", subject=f"case:{case.pk}", by=by, at=at, person=user_id)
    return made


@transaction.atomic
def end_reader(*, case_id: int, user_id: int, reason: str, by: str, at: datetime) -> CaseReader:
    """End that a person is named to read the case.

    Raises Refused: "no_such_case", "not_named", "reason_missing", "reason_too_long",
    "nobody_left".
    """
    case = _locked(case_id)
    named = CaseReader.objects.filter(case=case, user=user_id, ended_at=None).first()
    if named is None:
        raise refusal("not_named")
    named.end_reason = _reason(reason)
    named.ended_at = at
    named.ended_by = by
    named.save(update_fields=["end_reason", "ended_at", "ended_by"])
    if case.is_restricted:
        must_leave_somebody(case, caseworker_id=case.caseworker_id)
    record(verb="registry.reader_ended", subject=f"case:{case.pk}", by=by, at=at, person=user_id)
    return named


def must_leave_somebody(case: Case, *, caseworker_id: int | None) -> None:
    """Raise Refused ("nobody_left") unless that caseworker or a named reader can work on it."""
    readers = set(
        CaseReader.objects.filter(case=case, ended_at=None).values_list("user", flat=True)
    )
    people = readers if caseworker_id is None else readers | {caseworker_id}
    if not those_who_may(people, Task.ANSWER):
        raise refusal("nobody_left")


def _locked(case_id: int) -> Case:
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise refusal("no_such_case")
    return case


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise refusal("reason_missing")
    if len(reason) > _REASON:
        raise refusal("reason_too_long")
    return reason
