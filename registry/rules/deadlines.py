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


def _plan(
    keys: tuple[str, ...],
    received_at: datetime,
    profile: Profile,
    overrides: Sequence[Rule],
    closed: Closed,
) -> tuple[PlannedDeadline, ...]:
    on = local_date(received_at, profile)

    def find(key: str) -> Rule | None:
        try:
            return rule(profile, key, on, overrides)
        except NoRuleError:
            return None

    planned = []
    for key in keys:
        found = find(key)
        if found is None:
            continue
        warnings = (find(warning) for warning in _WARNINGS.get(key, ()))
        warn_on = tuple(
            due(each, received_at, profile, closed=closed).on for each in warnings if each
        )
        counted = due(found, received_at, profile, closed=closed)
        planned.append(PlannedDeadline(key, found, counted, warn_on))
    return tuple(planned)
