"""Which deadlines an arrival and a registered incoming entry get.

Deadlines run from arrival at the municipality's first server, never from registration or from the
Date header (law: FL 22 §; Norway likewise), and by the rules valid on the day of arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lib.jurisdictions import Due, NoRuleError, Profile, Rule, due, local_date, rule
from lib.workdays import NONE_CLOSED, Closed

ACKNOWLEDGEMENT = "acknowledgement"
REGISTRATION = ("registration_target", "registration_alarm")

_WARNINGS = {
    "interim_reply": ("interim_reply_first_warning", "interim_reply_second_warning"),
}


@dataclass(frozen=True, slots=True)
class PlannedDeadline:
    """A deadline to be stored: its rule as it was, when it ends, and the days to warn on."""

    key: str
    rule: Rule
    due: Due
    warn_on: tuple[date, ...] = ()


def deadlines_for_arrival(
    *,
    received_at: datetime,
    profile: Profile,
    overrides: Sequence[Rule] = (),
    closed: Closed = NONE_CLOSED,
) -> tuple[PlannedDeadline, ...]:
    """Return what runs from arrival whether or not anyone has looked at the message.

    The acknowledgement (eForvf. § 6; in Sweden a service) and the registration (arkivforskrifta
    2025 § 15; OSL 5 kap. 1 §), as a target and as an alarm.
    """
    return _plan((ACKNOWLEDGEMENT, *REGISTRATION), received_at, profile, overrides, closed)


def deadlines_for_incoming(
    *,
    received_at: datetime,
    profile: Profile,
    needs_answer: bool,
    is_access_request: bool = False,
    overrides: Sequence[Rule] = (),
    closed: Closed = NONE_CLOSED,
) -> tuple[PlannedDeadline, ...]:
    """Return the deadlines of a newly registered incoming entry.

    An access request has its own clocks (offl. §§ 29 and 32; TF 2 kap. 15-16 §§) in place of the
    common ones. Anything else that needs an answer gets `answer` and, in Norway, `interim_reply`
    (fvl. § 11 a), which Sivilombudet applies to every inquiry and not to individual decisions only.
    Where the law of the country has no number there is no such deadline (FL 11 §).
    """
    if is_access_request:
        keys: tuple[str, ...] = ("access_request_target", "access_request_hard")
    elif needs_answer:
        keys = ("answer", "interim_reply")
    else:
        return ()
    return _plan(keys, received_at, profile, overrides, closed)


def reminders(
    kind: str,
    *,
    received_at: datetime,
    due_on: date,
    profile: Profile,
    overrides: Sequence[Rule] = (),
    closed: Closed = NONE_CLOSED,
) -> tuple[date, ...]:
    """The days on which whoever has the case is reminded: by rules of their own, from arrival.

    One that would not come before the last day is none. Only clocks that never stand still have
    such rules (fvl. § 11 a), so no pause moves them.
    """
    on = local_date(received_at, profile)
    rules = (_find(key, on, profile, overrides) for key in _WARNINGS.get(kind, ()))
    days = (due(each, received_at, profile, closed=closed).on for each in rules if each)
    return tuple(day for day in days if day < due_on)


def kind_of(rule_key: str) -> str:
    """The kind of deadline that a rule counts, or reminds of."""
    return next((kind for kind, keys in _WARNINGS.items() if rule_key in keys), rule_key)


def has_reminders(kind: str) -> bool:
    """Whether rules say when to remind of deadlines of this kind."""
    return kind in _WARNINGS


def is_reminded(warn_on: Sequence[str], today: date) -> bool:
    """Whether a day of these (ISO text) has come."""
    return any(date.fromisoformat(day) <= today for day in warn_on)


def _find(key: str, on: date, profile: Profile, overrides: Sequence[Rule]) -> Rule | None:
    try:
        return rule(profile, key, on, overrides)
    except NoRuleError:
        return None


def _plan(
    keys: tuple[str, ...],
    received_at: datetime,
    profile: Profile,
    overrides: Sequence[Rule],
    closed: Closed,
) -> tuple[PlannedDeadline, ...]:
    on = local_date(received_at, profile)
    planned = []
    for key in keys:
        found = _find(key, on, profile, overrides)
        if found is None:
            continue
        counted = due(found, received_at, profile, closed=closed)
        warn_on = reminders(
            key,
            received_at=received_at,
            due_on=counted.on,
            profile=profile,
            overrides=overrides,
            closed=closed,
        )
        planned.append(PlannedDeadline(key, found, counted, warn_on))
    return tuple(planned)
