"""Turn planned deadlines into rows, count them anew, and end those that have run out their use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lib.jurisdictions import Due, Pause, Profile, Rule, local_date
from lib.workdays import Closed, steps_from_data, steps_to_data
from registry.models import Deadline, DeadlinePause, Entry
from registry.models.deadline import DeadlineState
from registry.rules.counting import recounted, rule_to_data, stored_rule
from registry.rules.deadlines import PlannedDeadline

# Nobody resumed it: what it held up is over.
_WITH_ITS_DEADLINE = "system:registry"


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
        rule=rule_to_data(rule),
        warn_on=[day.isoformat() for day in planned.warn_on],
        steps=steps_to_data(planned.due.steps),
    )


def end_deadlines(
    *, state: DeadlineState, at: datetime, kinds: tuple[str, ...] = (), **where: object
) -> int:
    """End the running deadlines `where` (entry=…, message_number=…); return how many.

    One that stands still is ended too, and its pause with it.
    """
    found = Deadline.objects.filter(**where)
    if kinds:
        found = found.filter(kind__in=kinds)
    ended = found.filter(state=DeadlineState.OPEN).update(state=state, ended_at=at)
    paused = list(found.filter(state=DeadlineState.PAUSED).values_list("pk", flat=True))
    if paused:
        DeadlinePause.objects.filter(deadline__in=paused, ended_at=None).update(
            ended_at=at, ended_by=_WITH_ITS_DEADLINE
        )
        ended += Deadline.objects.filter(pk__in=paused).update(state=state, ended_at=at)
    return ended


def reopen_deadlines(
    *, entry_id: int, kinds: tuple[str, ...], ended_at: datetime, profile: Profile, closed: Closed
) -> None:
    """Let run again what was met at an instant, as what met it is taken back.

    A pause that ended with it has moved the last day.
    """
    met = Deadline.objects.filter(
        entry=entry_id, kind__in=kinds, state=DeadlineState.MET, ended_at=ended_at
    )
    for row in met:
        row.state, row.ended_at = DeadlineState.OPEN, None
        pauses = list(row.pauses.order_by("started_at", "pk"))
        if pauses and pauses[-1].ended_at == ended_at:
            rule = rule_of(row, profile)
            keep_count(row, count_again(row, rule, pauses=pauses, profile=profile, closed=closed))
        row.save(update_fields=["state", "ended_at", "due_on", "due_at", "steps"])


def rule_of(row: Deadline, profile: Profile) -> Rule:
    """The rule by which a stored deadline was counted."""
    return stored_rule(
        row.kind,
        row.rule,
        paragraph=row.paragraph,
        starts_at=row.starts_at,
        due_on=row.due_on,
        profile=profile,
    )


def count_again(
    row: Deadline,
    rule: Rule,
    *,
    pauses: Sequence[DeadlinePause],
    profile: Profile,
    closed: Closed,
) -> Due:
    """Count a stored deadline by `rule` with its pauses, without writing anything.

    A pause that stands is told of and moves nothing yet.
    """
    over = [
        Pause(local_date(each.started_at, profile), local_date(each.ended_at, profile))
        for each in pauses
        if each.ended_at is not None
    ]
    standing = [local_date(each.started_at, profile) for each in pauses if each.ended_at is None]
    return recounted(
        rule,
        starts_at=row.starts_at,
        profile=profile,
        pauses=over,
        closed=closed,
        before=steps_from_data(row.steps),
        paused_on=standing[0] if standing else None,
    )


def keep_count(row: Deadline, due: Due) -> None:
    """Put a count into the row: its last day and its steps; not yet written."""
    row.due_on, row.due_at = due.on, due.at
    row.steps = steps_to_data(due.steps)
