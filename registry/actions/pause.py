"""Let the deadlines of an entry stand still, with a reason, and let them run again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.queries import municipality
from ledger.actions.record import record
from lib.jurisdictions import Profile, profile_for
from registry import queries
from registry.actions.deadlines import count_again, keep_count, rule_of
from registry.actions.refusals import refusal
from registry.models import Case, Deadline, DeadlinePause, Entry
from registry.models.deadline import DeadlineState
from registry.rules.pauses import MayPause, PauseReason, may_pause

_COUNTED = ["due_on", "due_at", "steps", "state"]


@transaction.atomic
def pause_deadlines(
    *, entry_id: int, reason: str, by: str, at: datetime, words: str = ""
) -> list[Deadline]:
    """Stop the running deadlines of an entry that may stand still, and return them.

    `reason` is a code of PauseReason; "other" needs `words`. Those that may not (receipt,
    registration, access requests, interim reply) run on, and so does one that is over already: a
    breach is not paused away. None is an empty list, and so is a second call.
    Raises Refused ("no_municipality", "no_such_entry", "no_such_reason", "reason_missing",
    "reason_too_long").
    """
    words = words.strip()
    _check(reason, words)
    profile = _profile()
    _lock(entry_id)
    paused = []
    for row in _of(entry_id, DeadlineState.OPEN):
        rule = may_pause(row.kind, profile.country)
        if rule.yes and at < row.due_at:
            _pause(row, rule, reason=reason, words=words, profile=profile, by=by, at=at)
            paused.append(row)
    return paused


@transaction.atomic
def resume_deadlines(*, entry_id: int, by: str, at: datetime, reason: str = "") -> list[Deadline]:
    """Let the paused deadlines of an entry run again, and return them; none is an empty list.

    `reason`: only those that stand still for it; what waits for something else goes on waiting.

    The last day moves by the whole local days (or working days, if the rule counts those) that the
    clock stood still, and is planned or rolled as the rule says.
    Raises Refused ("no_municipality", "no_such_entry").
    """
    profile = _profile()
    _lock(entry_id)
    resumed = _of(entry_id, DeadlineState.PAUSED)
    if reason:
        standing = DeadlinePause.objects.filter(deadline__in=resumed, ended_at=None, reason=reason)
        because = set(standing.values_list("deadline", flat=True))
        resumed = [row for row in resumed if row.pk in because]
    for row in resumed:
        _resume(row, profile, by=by, at=at)
    return resumed


def _check(reason: str, words: str) -> None:
    if reason not in {code.value for code in PauseReason}:
        raise refusal("no_such_reason")
    if reason == PauseReason.OTHER and not words:
        raise refusal("reason_missing")
    if len(words) > 200:
        raise refusal("reason_too_long")


def _profile() -> Profile:
    body = municipality()
    if body is None:
        raise refusal("no_municipality")
    return profile_for(body.profile)


def _lock(entry_id: int) -> None:
    """Lock the case, so that nobody signs the entry off meanwhile."""
    case_id = Entry.objects.filter(pk=entry_id).values_list("case", flat=True).first()
    if case_id is None:
        raise refusal("no_such_entry")
    Case.objects.select_for_update().get(pk=case_id)


def _of(entry_id: int, state: DeadlineState) -> list[Deadline]:
    return list(
        Deadline.objects.select_for_update(of=("self",))
        .filter(entry=entry_id, state=state)
        .order_by("pk")
    )


def _pause(
    row: Deadline,
    rule: MayPause,
    *,
    reason: str,
    words: str,
    profile: Profile,
    by: str,
    at: datetime,
) -> None:
    DeadlinePause.objects.create(
        deadline=row,
        reason=reason,
        words=words,
        paragraph=rule.paragraph,
        started_at=at,
        started_by=by,
    )
    row.state = DeadlineState.PAUSED
    _count(row, profile)
    row.save(update_fields=_COUNTED)
    record(
        verb="registry.deadline_paused",
        subject=f"deadline:{row.pk}",
        by=by,
        at=at,
        reason=reason,
        entry=row.entry_id,
        kind=row.kind,
        due_on=row.due_on.isoformat(),
    )


def _resume(row: Deadline, profile: Profile, *, by: str, at: datetime) -> None:
    before = row.due_on
    DeadlinePause.objects.filter(deadline=row, ended_at=None).update(ended_at=at, ended_by=by)
    row.state = DeadlineState.OPEN
    _count(row, profile)
    row.save(update_fields=_COUNTED)
    record(
        verb="registry.deadline_resumed",
        subject=f"deadline:{row.pk}",
        by=by,
        at=at,
        entry=row.entry_id,
        kind=row.kind,
        before=before.isoformat(),
        due_on=row.due_on.isoformat(),
    )


def _count(row: Deadline, profile: Profile) -> None:
    pauses = list(row.pauses.order_by("started_at", "pk"))
    due = count_again(
        row,
        rule_of(row, profile),
        pauses=pauses,
        profile=profile,
        closed=queries.closed_days(),
    )
    keep_count(row, due)
