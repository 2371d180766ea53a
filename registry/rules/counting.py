"""Count a deadline anew from what was stored when it was first counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from lib.jurisdictions import (
    Due,
    NoRuleError,
    Pause,
    Profile,
    Roll,
    Rule,
    RuleKind,
    Unit,
    due,
    local_date,
    rule,
)
from lib.workdays import Closed, Step, StepCode


def rule_to_data(rule_: Rule) -> dict[str, object]:
    """What is kept of a rule with each deadline that it counted."""
    return {
        "number": rule_.number,
        "unit": rule_.unit.value,
        "roll": rule_.roll.value,
        "kind": rule_.kind.value,
        "verified": rule_.verified,
    }


def stored_rule(
    kind: str,
    data: Mapping[str, object],
    *,
    paragraph: str,
    starts_at: datetime,
    due_on: date,
    profile: Profile,
) -> Rule:
    """The rule by which a deadline was counted.

    A date that was promised and not counted has no rule: as many calendar days as it was, planned
    on a working day. How a last day rolls was not always kept; then it is the shipped rule's.
    """
    start_on = local_date(starts_at, profile)
    if not data:
        days = max((due_on - start_on).days, 0)
        data = {"number": days, "unit": "calendar_days", "roll": "back", "kind": "service"}
    return Rule(
        key=kind,
        number=int(str(data["number"])),
        unit=Unit(str(data["unit"])),
        roll=Roll(str(data["roll"])) if "roll" in data else _shipped_roll(kind, start_on, profile),
        paragraph=paragraph,
        note="",
        valid_from=start_on,
        kind=RuleKind(str(data["kind"])),
        verified=bool(data.get("verified", True)),
    )


def _shipped_roll(kind: str, start_on: date, profile: Profile) -> Roll:
    try:
        return rule(profile, kind, start_on).roll
    except NoRuleError:
        return Roll.NONE


def recounted(
    rule_: Rule,
    *,
    starts_at: datetime,
    profile: Profile,
    pauses: Sequence[Pause],
    closed: Closed,
    before: Sequence[Step],
    paused_on: date | None = None,
) -> Due:
    """Count again with these pauses and closed days; what was told of earlier counts is kept.

    `paused_on`: since when the clock stands still now.
    """
    found = due(rule_, starts_at, profile, pauses=pauses, closed=closed)
    told = tuple(step for step in before if step.code is StepCode.RECOUNTED)
    still = () if paused_on is None else (Step(StepCode.PAUSED, paused_on),)
    return Due(found.at, found.on, (*found.steps, *told, *still))
