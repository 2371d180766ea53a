"""Close a case when nothing in it stands open, and open a closed one again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import format_lazy

from ledger.actions.record import record
from lib.refusal import Refused
from registry import queries
from registry.actions.refusals import refusal, sentence
from registry.models import Case
from registry.rules import status


@transaction.atomic
def close_case(*, case_id: int, by: str, at: datetime) -> Case:
    """Close a case.

    Raises Refused: "no_such_case", or the first of what stands in the way ("not_open", "on_hold",
    "unanswered_entries", "open_deadlines", "unassessed_entries"); its sentence lists all of it.
    """
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise refusal("no_such_case")
    open_things = queries.standing_open(case)
    no = status.may_close(status=status.CaseStatus(case.status), **open_things)
    if no is not None:
        raise _refused(no, open_things)
    case.status = status.CaseStatus.CLOSED
    case.closed_at = at
    case.save(update_fields=["status", "closed_at"])
    record(verb="registry.case_closed", subject=f"case:{case.pk}", by=by, at=at)
    return case


@transaction.atomic
def reopen_case(*, case_id: int, by: str, at: datetime) -> Case:
    """Open a closed case again.

    Raises Refused: "no_such_case", "already_void", "nothing_changed".
    """
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise refusal("no_such_case")
    no = status.may_reopen(status=status.CaseStatus(case.status))
    if no is not None:
        raise refusal(no)
    case.status = status.CaseStatus.OPEN
    case.closed_at = None
    case.save(update_fields=["status", "closed_at"])
    record(verb="registry.case_reopened", subject=f"case:{case.pk}", by=by, at=at)
    return case


def _refused(no: status.Refusal, open_things: dict[str, int]) -> Refused:
    """The refusal with everything that stands in the way, so that nobody finds it out by turns."""
    codes = {"holds": "on_hold"}
    found = [codes.get(name, name) for name, count in open_things.items() if count]
    if no is status.Refusal.NOT_OPEN:
        return refusal(no)
    whole = format_lazy(" ".join(["{}"] * len(found)), *(sentence(code) for code in found))
    return Refused(no, whole)
