"""Turn planned deadlines into rows, and end those that have run out their use."""

from __future__ import annotations

from datetime import datetime

from lib.workdays import steps_to_data
from registry.models import Deadline, Entry
from registry.models.deadline import DeadlineState
from registry.rules.deadlines import PlannedDeadline


def deadline(
    planned: PlannedDeadline,
    *,
    starts_at: datetime,
    entry: Entry | None = None,
    message_number: str = "",
) -> Deadline:
    """The row of a planned deadline, not yet written, with its rule as it was and its steps."""
    rule = planned.rule
    return Deadline(
        kind=planned.key,
        entry=entry,
        message_number=message_number,
        starts_at=starts_at,
        due_on=planned.due.on,
        due_at=planned.due.at,
        paragraph=rule.paragraph[:120],
        rule={
            "number": rule.number,
            "unit": rule.unit.value,
            "kind": rule.kind.value,
            "verified": rule.verified,
        },
        warn_on=[day.isoformat() for day in planned.warn_on],
        steps=steps_to_data(planned.due.steps),
    )


def end_deadlines(
    *, state: DeadlineState, at: datetime, kinds: tuple[str, ...] = (), **where: object
) -> int:
    """End the running deadlines `where` (entry=…, message_number=…); return how many."""
    running = Deadline.objects.filter(state=DeadlineState.OPEN, **where)
    if kinds:
        running = running.filter(kind__in=kinds)
    return running.update(state=state, ended_at=at)
