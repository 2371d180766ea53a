"""The date that an interim reply promises, which becomes the next deadline."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from lib.jurisdictions import Country, Due, Profile, Roll, Rule, RuleKind, Unit, due_on, local_date
from registry.rules.deadlines import PlannedDeadline

# No rule of any country has this key: nothing but the promise sets the date.
PROMISED = "interim_reply_promised"

_LONGEST = timedelta(days=366)
_WARN = (7, 2)  # days before
_PARAGRAPH: dict[Country, str] = {
    "NO": "forvaltningsloven § 11 a andre ledd",
    "SE": "förvaltningslagen 11 §",
}


def may_promise(promised_on: date, *, today: date) -> bool:
    """Whether the date can be promised: after today, and within a year."""
    return today < promised_on <= today + _LONGEST


def promised_deadline(promised_on: date, *, at: datetime, profile: Profile) -> PlannedDeadline:
    """The deadline of the promise: when it passes, the party is told anew or has the answer.

    The letter names this very day, so it is not moved for a holiday (fvl. § 11 a; FL 11 §).
    """
    today = local_date(at, profile)
    rule = Rule(
        key=PROMISED,
        number=(promised_on - today).days,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.NONE,
        paragraph=_PARAGRAPH[profile.country],
        note="",
        valid_from=today,
        kind=RuleKind.SERVICE,
    )
    due: Due = due_on(rule, today, profile)
    warn_on = tuple(
        day for day in (promised_on - timedelta(days=days) for days in _WARN) if day > today
    )
    return PlannedDeadline(PROMISED, rule, due, warn_on)
