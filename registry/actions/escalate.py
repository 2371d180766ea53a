"""Tell the unit's leader once of a deadline that is near its end and that nobody has touched.

Of a restricted case somebody is told who may know of it.
"""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from accounts.queries import away, leaders_of, municipality, people_who_may_in, those_who_may
from accounts.rules.absence import stand_in
from accounts.rules.roles import Task
from ledger.actions.record import record
from lib.jurisdictions import local_date, profile_for
from outbox.actions.notify import notify_person
from registry import queries
from registry.models import Case, Deadline, Escalation
from registry.models.deadline import DeadlineState
from registry.queries import board
from registry.rules.escalation import escalates_until

_AT_A_TIME = 200


def escalate(*, by: str, at: datetime) -> int:
    """Escalate what is due for it and has not been; return how many deadlines.

    Each in a transaction of its own. A unit without a leader, or whose only leader has the case,
    leaves its deadline for the next run: somebody may lead it by then.
    """
    body = municipality()
    if body is None:
        return 0
    profile = profile_for(body.profile)
    today = local_date(at, profile)
    until = escalates_until(today, settings.ESCALATION_DAYS, profile.country, queries.closed_days())
    after, done = 0, 0
    while rows := board.untouched(until, after=after, limit=_AT_A_TIME):
        done += sum(_escalate(each, today, by=by, at=at) for each in rows)
        after = rows[-1]
    return done


def _escalate(deadline_id: int, today: date, *, by: str, at: datetime) -> bool:
    with transaction.atomic():
        row = (
            Deadline.objects.select_for_update(of=("self",))
            .select_related("entry__case")
            .get(pk=deadline_id)
        )
        if row.state != DeadlineState.OPEN or row.entry is None:
            return False
        if Escalation.objects.filter(deadline=row).exists():
            return False
        case = row.entry.case
        leader = _reader(case, today) if case.is_restricted else _leader(case, today)
        if leader is None:
            return False
        Escalation.objects.create(deadline=row, leader_id=leader, made_at=at)
        record(
            verb="registry.deadline_escalated",
            subject=f"deadline:{row.pk}",
            by=by,
            at=at,
            kind=row.kind,
            entry=row.entry_id,
            leader=leader,
            due_on=row.due_on.isoformat(),
        )
        notify_person(
            user_id=leader,
            kind="escalated",
            about=case.reference,
            is_restricted=case.is_restricted,
            by=by,
            at=at,
        )
    return True


def _leader(case: Case, today: date) -> int | None:
    """Who leads the unit and is here, but for the one who has the case already."""
    absent = away(today)
    for leader in leaders_of(case.unit_id):
        if (stand_in(leader, absent) or leader) != case.caseworker_id:
            return leader
    return None


def _reader(case: Case, today: date) -> int | None:
    """Who hears of a restricted case, rather one who is here: nobody stands in there.

    The leader who is named to read it, else another who is named and can work on it, else one who
    keeps the registry and sees its number anyway. A leader who is not named hears nothing: it may
    be the leader whom it is about (fvl. § 13 b; OSL 8 kap. 2 §).
    """
    named = [each.user_id for each in queries.readers_of_case(case) if each.ended_at is None]
    able = those_who_may(named, Task.ANSWER)
    people = [
        *(each for each in leaders_of(case.unit_id) if each in named),
        *(each for each in named if each in able),
        *people_who_may_in(case.unit_id, Task.REGISTER),
    ]
    absent = away(today)
    people = sorted(
        (each for each in people if each != case.caseworker_id), key=absent.__contains__
    )
    return next(iter(people), None)
