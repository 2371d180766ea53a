"""Count running deadlines anew when a rule or a closed day has changed, and say so with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from accounts.queries import municipality
from ledger.actions.record import record
from lib.jurisdictions import Due, NoRuleError, Profile, Rule, local_date, profile_for, rule
from lib.workdays import Closed, Step, StepCode, steps_to_data
from registry import queries
from registry.actions.deadlines import count_again, rule_of
from registry.models import Deadline, DeadlinePause, Recount
from registry.models.deadline import RUNNING, RecountReason
from registry.rules.counting import rule_to_data
from registry.rules.deadlines import has_reminders, kind_of, reminders

# What an administrator is told beforehand is counted in so many at most.
_MOST_TOLD = 5_000
# A process remembers rules and closed days for five seconds: nothing is counted by the old ones
# once this time is over.
SETTLED = timedelta(seconds=10)
# A last day is moved back over a row of free days, which is never longer.
_FREE_DAYS = timedelta(days=14)


@dataclass(frozen=True)
class Change:
    """What counting anew would change: of how many, and some examples (before, after)."""

    looked_at: int = 0
    changed: int = 0
    is_cut: bool = False
    examples: list[tuple[date, date]] = field(default_factory=list)


def request_recount(
    *, reason: str, by: str, at: datetime, kind: str = "", on: date | None = None
) -> Recount:
    """Have the running deadlines counted anew that a change concerns.

    `reason` is a RecountReason; `kind` the rule, `on` the closed day. It begins when no process
    remembers the old state any more.
    """
    queries.own_rules.forget()
    queries.closed_days.forget()
    made = Recount.objects.create(reason=reason, kind=kind, on=on, requested_at=at, requested_by=by)
    record(
        verb="registry.recount_requested",
        subject=f"recount:{made.pk}",
        by=by,
        at=at,
        reason=reason,
        kind=kind,
        on=on.isoformat() if on else None,
    )
    return made


def recount_deadlines(*, at: datetime) -> int:
    """Finish what was requested, the oldest first; return how many deadlines have changed.

    Each deadline is a transaction that keeps how far it has come, so that a worker that dies loses
    nothing and two do not do the same. One at a time, because others lock the deadlines of an entry
    in orders of their own: whoever holds one and waits for none is in nobody's way.
    """
    body = municipality()
    if body is None:
        return 0
    queries.own_rules.forget()
    queries.closed_days.forget()
    profile = profile_for(body.profile)
    waiting = Recount.objects.filter(finished_at=None, requested_at__lte=at - SETTLED)
    changed = 0
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        while (has_changed := _next(pk, profile, at=at)) is not None:
            changed += has_changed
    return changed


def what_would_change(
    *,
    reason: str,
    rules: Sequence[Rule],
    closed: Closed,
    kind: str = "",
    on: date | None = None,
) -> Change:
    """What counting by these rules and closed days would change. Nothing is written."""
    body = municipality()
    if body is None:
        return Change()
    profile = profile_for(body.profile)
    rows = list(_concerned(kind, on, profile).order_by("pk")[: _MOST_TOLD + 1])
    moved = []
    for row in rows[:_MOST_TOLD]:
        counted = _counted(row, reason, profile, rules, closed)
        if counted is not None and counted[1].on != row.due_on:
            moved.append((row.due_on, counted[1].on))
    return Change(min(len(rows), _MOST_TOLD), len(moved), len(rows) > _MOST_TOLD, moved[:3])


def _concerned(kind: str, on: date | None, profile: Profile) -> QuerySet[Deadline]:
    pauses = DeadlinePause.objects.order_by("started_at", "pk")
    rows = Deadline.objects.filter(state__in=RUNNING).prefetch_related(Prefetch("pauses", pauses))
    if kind:
        rows = rows.filter(kind=kind_of(kind))
    if on is not None:
        # It may lie in the count, or where the last day is moved from or to.
        rows = rows.filter(due_on__gte=on - _FREE_DAYS, starts_at__lt=_end(on, profile))
    return rows


def _end(on: date, profile: Profile) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=profile.zone) + timedelta(days=1)


def _counted(
    row: Deadline, reason: str, profile: Profile, rules: Sequence[Rule], closed: Closed
) -> tuple[Rule, Due] | None:
    """The row counted anew, with the rule; None for what no rule has counted, such as a promise."""
    try:
        valid = rule(profile, row.kind, local_date(row.starts_at, profile), rules)
    except NoRuleError:
        return None
    by = valid if reason == RecountReason.RULE else rule_of(row, profile)
    return by, count_again(row, by, pauses=list(row.pauses.all()), profile=profile, closed=closed)


@transaction.atomic
def _next(recount_id: int, profile: Profile, *, at: datetime) -> bool | None:
    """Count the next deadline anew; whether it has changed, or None when there was none left."""
    job = (
        Recount.objects.select_for_update(skip_locked=True)
        .filter(pk=recount_id, finished_at=None)
        .first()
    )
    if job is None:
        return None
    concerned = _concerned(job.kind, job.on, profile)
    following = concerned.filter(pk__gt=job.last_id).order_by("pk")
    pk = following.values_list("pk", flat=True).first()
    if pk is None:
        job.finished_at = at
        job.save(update_fields=["finished_at"])
        return None
    # Read again when it is locked: what has ended meanwhile stays as it ended.
    row = concerned.filter(pk=pk).select_for_update(of=("self",)).first()
    has_changed = row is not None and _recount(row, job, profile, at=at)
    job.last_id = pk
    job.looked_at += 1
    job.changed += has_changed
    job.save(update_fields=["last_id", "looked_at", "changed"])
    return has_changed


def _recount(row: Deadline, job: Recount, profile: Profile, *, at: datetime) -> bool:
    rules, closed = queries.own_rules(profile), queries.closed_days()
    counted = _counted(row, job.reason, profile, rules, closed)
    if counted is None:
        return False
    valid, due = counted
    before, reminded = row.due_on, row.warn_on
    if has_reminders(row.kind):
        days = reminders(
            row.kind,
            received_at=row.starts_at,
            due_on=due.on,
            profile=profile,
            overrides=rules,
            closed=closed,
        )
        row.warn_on = [day.isoformat() for day in days]
    if due.on == before:
        # A reminder binds nobody: it moves without a word.
        if row.warn_on != reminded:
            row.save(update_fields=["warn_on"])
        return False
    told = Step(StepCode.RECOUNTED, local_date(at, profile), (before.isoformat(), job.reason))
    row.due_on, row.due_at = due.on, due.at
    row.steps = steps_to_data((*due.steps, told))
    row.rule = rule_to_data(valid)
    row.paragraph = valid.paragraph[:120]
    row.save(update_fields=["due_on", "due_at", "steps", "rule", "paragraph", "warn_on"])
    record(
        verb="registry.deadline_recounted",
        subject=f"deadline:{row.pk}",
        by=job.requested_by,
        at=at,
        reason=job.reason,
        recount=job.pk,
        kind=row.kind,
        before=before.isoformat(),
        due_on=due.on.isoformat(),
    )
    return True
