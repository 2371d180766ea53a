"""Counts days, weeks and months as Norwegian and Swedish law counts them.

Everything here works on local dates, never on hours, so a change of clocks moves nothing. The day
of receipt is day 0. Each count comes back as `Counted`: the day, and the steps that led to it, so
that a page can answer "why this date?" in the reader's language.

Sources: domstolloven §§ 148-149 (Norway, by analogy for forvaltningsloven, which has no weekend
rule of its own) and lag (1930:173) om beräkning av lagstadgad tid §§ 1-2 (Sweden).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import holidays

Country = Literal["NO", "SE"]

# Days on which one municipality is closed, with their names: no law makes them holidays.
Closed = Mapping[date, str]
NONE_CLOSED: Closed = MappingProxyType({})

_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
# Names of days are given in the country's own language, as its statutes and calendars write them.
_LANGUAGE: Mapping[Country, str] = {"NO": "no", "SE": "sv"}


class StepCode(StrEnum):
    """What happened at one step of a count. `args` of the step are given in brackets."""

    RECEIVED = "received"  # an event at this local date starts the count [HH:MM local]
    NOT_COUNTED = "not_counted"  # the first day is day 0
    SATURDAY = "saturday"  # passed over
    SUNDAY = "sunday"  # passed over
    HOLIDAY = "holiday"  # passed over [name in the country's language]
    COUNTED = "counted"  # the count ends on this day [number, unit]
    SHORT_MONTH = "short_month"  # the month has no such day: its last day [day number asked for]
    ROLLED_FORWARD = "rolled_forward"  # moved to the next working day [from, ISO date]
    ROLLED_BACK = "rolled_back"  # planned on the working day before [from, ISO date]
    PAUSED = (
        "paused"  # the clock stood still from this day [to, ISO date, or nothing: it still does]
    )
    EXTENDED = "extended"  # moved to this day by what was paused [number, unit]
    ENDS = "ends"  # the last day, until 24:00 local time [HH:MM when the rule counts hours]
    RECOUNTED = "recounted"  # counted anew on this day [last day before, ISO date; reason, a code]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: a code, the local date it concerns, and values for the text."""

    code: StepCode
    on: date
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """The local date that a count led to, and how."""

    day: date
    steps: tuple[Step, ...] = ()


def steps_to_data(steps: Iterable[Step]) -> list[dict[str, object]]:
    """Return steps as plain values that JSON can hold; `steps_from_data` reads them back."""
    return [
        {"code": step.code.value, "on": step.on.isoformat(), "args": list(step.args)}
        for step in steps
    ]


def steps_from_data(data: Iterable[Mapping[str, object]]) -> tuple[Step, ...]:
    """Read steps written by `steps_to_data`.

    Raises KeyError or ValueError where the data is something else.
    """
    steps = []
    for item in data:
        args = item["args"]
        if not isinstance(args, list | tuple):
            raise ValueError("args is not a list")
        steps.append(
            Step(
                StepCode(str(item["code"])),
                date.fromisoformat(str(item["on"])),
                tuple(str(arg) for arg in args),
            )
        )
    return tuple(steps)


@lru_cache(maxsize=256)
def _holidays(country: Country, year: int) -> Mapping[date, str]:
    # Built for the one year asked for, so that a lookup never makes the package extend itself.
    calendar_ = holidays.country_holidays(country, years=[year], language=_LANGUAGE[country])
    days = dict(calendar_.items())
    if country == "SE":
        # Lag (1930:173) § 2 puts three eves beside Sundays. Midsummer's eve is the Friday 19-25
        # June. Maundy Thursday, 5 January, 30 April and bridge days stay ordinary.
        midsummer_eve = next(
            day for day in (date(year, 6, n) for n in range(19, 26)) if day.weekday() == 4
        )
        days.setdefault(midsummer_eve, "Midsommarafton")
        days.setdefault(date(year, 12, 24), "Julafton")
        days.setdefault(date(year, 12, 31), "Nyårsafton")
    # Norway: 24 and 31 December are ordinary days for a deadline (domstolloven § 149 names
    # Saturdays and public holidays only).
    return days


def is_holiday(day: date, country: Country) -> str | None:
    """Return the name of the public holiday, in the country's language, or None.

    Sweden's three eves that lag (1930:173) § 2 treats as holidays count. A common Saturday or
    Sunday is no holiday here, though no working day either.
    """
    return _holidays(country, day.year).get(day)


def is_workday(day: date, country: Country, closed: Closed = NONE_CLOSED) -> bool:
    """Say whether the day is Monday to Friday, no public holiday and none of the closed days."""
    return _why_not_workday(day, country, closed) is None


def workdays_between(start: date, end: date, country: Country, closed: Closed = NONE_CLOSED) -> int:
    """Count the working days after `start` up to `end`, which is included."""
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_workday(day, country, closed) for day in days)


def _why_not_workday(day: date, country: Country, closed: Closed) -> Step | None:
    name = is_holiday(day, country) or closed.get(day)
    if name is not None:
        return Step(StepCode.HOLIDAY, day, (name,))
    if day.weekday() == _SATURDAY:
        return Step(StepCode.SATURDAY, day)
    if day.weekday() == _SUNDAY:
        return Step(StepCode.SUNDAY, day)
    return None


def _walk(day: date, country: Country, by: timedelta, closed: Closed) -> Counted:
    """Go day by day from `day` (included) until a working day."""
    skipped = []
    while (step := _why_not_workday(day, country, closed)) is not None:
        skipped.append(step)
        day += by
    return Counted(day, tuple(skipped))


def next_workday(day: date, country: Country, closed: Closed = NONE_CLOSED) -> Counted:
    """Return the first working day after `day`."""
    return _walk(day + _ONE_DAY, country, _ONE_DAY, closed)


def roll_forward(day: date, country: Country, closed: Closed = NONE_CLOSED) -> Counted:
    """Return `day`, or the next working day if it is none.

    For a party's last day: domstolloven § 149; lag (1930:173) § 2.
    """
    walked = _walk(day, country, _ONE_DAY, closed)
    if walked.day == day:
        return walked
    rolled = Step(StepCode.ROLLED_FORWARD, walked.day, (day.isoformat(),))
    return Counted(walked.day, (*walked.steps, rolled))


def roll_back(day: date, country: Country, closed: Closed = NONE_CLOSED) -> Counted:
    """Return `day`, or the working day before if it is none.

    For the municipality's own duties: the rolling rules help the party, not the organ.
    """
    walked = _walk(day, country, -_ONE_DAY, closed)
    if walked.day == day:
        return walked
    rolled = Step(StepCode.ROLLED_BACK, walked.day, (day.isoformat(),))
    return Counted(walked.day, (*walked.steps, rolled))


def _refuse_negative(n: int) -> None:
    if n < 0:
        raise ValueError("a period is not negative")


def add_days(start: date, n: int, country: Country) -> Counted:
    """Return the day `n` calendar days after `start`, which is day 0. `n` is 0 or more."""
    _refuse_negative(n)
    day = start + timedelta(days=n)
    return Counted(day, (Step(StepCode.COUNTED, day, (str(n), "calendar_days")),))


def add_workdays(start: date, n: int, country: Country, closed: Closed = NONE_CLOSED) -> Counted:
    """Return the `n`-th working day after `start`, which is day 0 whatever day it is.

    `n` = 0 means the same day, or the first working day when `start` is none.
    """
    _refuse_negative(n)
    walked = _walk(start, country, _ONE_DAY, closed) if n == 0 else Counted(start)
    skipped = list(walked.steps)
    for _ in range(n):
        walked = next_workday(walked.day, country, closed)
        skipped.extend(walked.steps)
    counted = Step(StepCode.COUNTED, walked.day, (str(n), "workdays"))
    return Counted(walked.day, (*skipped, counted))


def add_weeks(start: date, n: int, country: Country) -> Counted:
    """Return the day `n` weeks after `start`: the weekday of the same name.

    Domstolloven § 148; lag (1930:173) § 1. No rolling: that is for the rule to say.
    """
    _refuse_negative(n)
    day = start + timedelta(weeks=n)
    return Counted(day, (Step(StepCode.COUNTED, day, (str(n), "weeks")),))


def add_months(start: date, n: int, country: Country) -> Counted:
    """Return the day `n` months after `start`: the same number, or the month's last day.

    Domstolloven § 148; lag (1930:173) § 1. No rolling: that is for the rule to say.
    """
    _refuse_negative(n)
    years, month0 = divmod(start.month - 1 + n, 12)
    year, month = start.year + years, month0 + 1
    last = calendar.monthrange(year, month)[1]
    day = date(year, month, min(start.day, last))
    steps = [Step(StepCode.COUNTED, day, (str(n), "months"))]
    if start.day > last:
        steps.insert(0, Step(StepCode.SHORT_MONTH, day, (str(start.day),)))
    return Counted(day, tuple(steps))
