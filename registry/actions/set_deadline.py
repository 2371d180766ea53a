"""Start a deadline of a message that is not registered yet, or of an entry."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.queries import municipality
from ledger.actions.record import record
from lib import rows
from lib.jurisdictions import NoRuleError, due, local_date, profile_for, rule
from registry import queries
from registry.actions.deadlines import deadline
from registry.actions.refusals import refusal
from registry.models import Deadline, Entry
from registry.rules.deadlines import PlannedDeadline


@transaction.atomic
def set_deadline(
    *,
    kind: str,
    starts_at: datetime,
    by: str,
    at: datetime,
    message_number: str = "",
    entry: Entry | None = None,
) -> Deadline | None:
    """Start the deadline of the rule `kind` (a key of lib.jurisdictions) and return it.

    None when neither law nor municipality has a number for it on the day of `starts_at`. The
    second call for the same message and kind returns the deadline that there is.
    ValueError unless exactly one of `message_number` and `entry` is given.
    """
    if bool(message_number) == (entry is not None):
        raise ValueError("a deadline belongs to a message or to an entry")
    planned = plan_deadline(kind=kind, starts_at=starts_at)
    if planned is None:
        return None
    row = deadline(planned, starts_at=starts_at, entry=entry, message_number=message_number)
    if message_number:
        # Two workers on the same message: the second finds the first one's row.
        if rows.insert_unless_there(row):
            return row
        return Deadline.objects.get(message_number=message_number, kind=kind)
    rows.insert([row])
    record(
        verb="registry.deadline_set",
        subject=f"deadline:{row.pk}",
        by=by,
        at=at,
        kind=kind,
        entry=row.entry_id,
        due_on=row.due_on.isoformat(),
    )
    return row


def plan_deadline(*, kind: str, starts_at: datetime) -> PlannedDeadline | None:
    """The deadline that `set_deadline` would start; None where there is no number for it.

    Raises Refused ("no_municipality").
    """
    body = municipality()
    if body is None:
        raise refusal("no_municipality")
    profile = profile_for(body.profile)
    try:
        found = rule(profile, kind, local_date(starts_at, profile), queries.own_rules(profile))
    except NoRuleError:
        return None
    return PlannedDeadline(
        kind, found, due(found, starts_at, profile, closed=queries.closed_days())
    )
