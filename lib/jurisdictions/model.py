"""Dated rules as data, and the one place that turns a rule and a moment into a due date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from lib import workdays
from lib.workdays import NONE_CLOSED, Closed, Counted, Country, Step, StepCode


class Unit(StrEnum):
    """What the number of a rule counts."""

    CALENDAR_DAYS = "calendar_days"
    WORKDAYS = "workdays"
    WEEKS = "weeks"
    MONTHS = "months"
    HOURS = "hours"  # hours by the clock, weekends included


class Roll(StrEnum):
    """What becomes of a last day that is no working day."""

    FORWARD = "forward"  # a party's deadline: the next working day
    BACK = "back"  # the municipality's own duty: planned on the working day before
    NONE = "none"  # stays where it falls


class RuleKind(StrEnum):
    """How binding a rule is."""

    STATUTE = "statute"  # act or regulation
    NORM = "norm"  # an ombudsman's or authority's reading of an act without a number
    SERVICE = "service"  # the municipality's own promise


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of the law or of the municipality, valid from day to day (both included).

    `verified` is False where the number or paragraph was not read in a source: check it, and
    override it where needed. `valid_to` None means still valid.
    """

    key: str
    number: int
    unit: Unit
    roll: Roll
    paragraph: str
    note: str
    valid_from: date
    kind: RuleKind
    valid_to: date | None = None
    verified: bool = True

    def valid(self, on: date) -> bool:
        """Say whether the rule holds on the local date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a country decides: its calendar, its clock, its languages and its rules."""

    country: Country
    timezone: str
    languages: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin and end."""
        return ZoneInfo(self.timezone)


class NoRuleError(LookupError):
    """The profile has no such rule on that date, for instance because the law gives no number."""


@dataclass(frozen=True, slots=True)
class Due:
    """When something must be done.

    `on` is the last local date. `at` is an aware UTC instant, the first one that is too late: the
    day ends at 24:00 local, so `at` is the next local midnight and "in time" is always
    `moment < at`. No last second is lost that way, and no precision of a database matters.
    """

    at: datetime
    on: date
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Local dates between which a clock stood still: it stops on the one and goes on the other."""

    from_on: date
    to_on: date


def rule(profile: Profile, key: str, on: date, overrides: Sequence[Rule] = ()) -> Rule:
    """Return the rule with this key that holds on the local date.

    `overrides` are the municipality's own rows. Those valid on the date win over what is shipped;
    of several the one with the latest `valid_from`. Raises NoRuleError where there is none.
    """
    for rules in (overrides, profile.rules):
        found = [each for each in rules if each.key == key and each.valid(on)]
        if found:
            return max(found, key=lambda each: each.valid_from)
    raise NoRuleError(f"{profile.country}: no rule {key!r} on {on.isoformat()}")


def local_date(moment: datetime, profile: Profile) -> date:
    """Return the local legal date of an aware instant. Raises ValueError if it is naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no legal date")
    return moment.astimezone(profile.zone).date()


def end_of_day(day: date, profile: Profile) -> datetime:
    """Return the UTC instant at which the local day is over (24:00)."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=profile.zone)
    return midnight.astimezone(UTC)


def _count(rule_: Rule, start_on: date, country: Country, closed: Closed) -> Counted:
    match rule_.unit:
        case Unit.CALENDAR_DAYS:
            return workdays.add_days(start_on, rule_.number, country)
        case Unit.WORKDAYS:
            return workdays.add_workdays(start_on, rule_.number, country, closed)
        case Unit.WEEKS:
            return workdays.add_weeks(start_on, rule_.number, country)
        case Unit.MONTHS:
            return workdays.add_months(start_on, rule_.number, country)
        case Unit.HOURS:
            raise ValueError("hours are counted from an instant, not from a date")


def _paused(
    rule_: Rule, counted: Counted, pauses: Sequence[Pause], country: Country, closed: Closed
) -> Counted:
    """Move the last day by what was paused: whole days, or working days if the rule counts them."""
    day, steps = counted.day, counted.steps
    for pause in pauses:
        steps += (Step(StepCode.PAUSED, pause.from_on, (pause.to_on.isoformat(),)),)
        if rule_.unit is Unit.WORKDAYS:
            n = workdays.workdays_between(pause.from_on, pause.to_on, country, closed)
            moved = workdays.add_workdays(day, n, country, closed) if n else Counted(day)
            skipped, unit = moved.steps[:-1], Unit.WORKDAYS
        else:
            n = (pause.to_on - pause.from_on).days
            moved = workdays.add_days(day, n, country)
            skipped, unit = (), Unit.CALENDAR_DAYS
        day = moved.day
        if n:
            steps += (*skipped, Step(StepCode.EXTENDED, day, (str(n), unit.value)))
    return Counted(day, steps)


def _rolled(rule_: Rule, day: date, start_on: date, country: Country, closed: Closed) -> Counted:
    if rule_.roll is Roll.FORWARD:
        return workdays.roll_forward(day, country, closed)
    if rule_.roll is Roll.BACK:
        back = workdays.roll_back(day, country, closed)
        # A short limit over a long weekend must not end before it began.
        return back if back.day >= start_on else Counted(day)
    return Counted(day)


def due_on(
    rule_: Rule,
    start_on: date,
    profile: Profile,
    *,
    pauses: Sequence[Pause] = (),
    closed: Closed = NONE_CLOSED,
) -> Due:
    """Count a rule from a local date, which is day 0.

    `pauses` that are over move the last day before it is rolled. `closed` are the municipality's
    own closed days. They are no holidays of the law, so they lengthen nothing but its own
    promises; a duty that is planned before such a day may always be planned so.
    Raises ValueError for a rule in hours, which needs an instant: see `due`.
    """
    own = closed if rule_.kind is RuleKind.SERVICE else NONE_CLOSED
    counted = _count(rule_, start_on, profile.country, own)
    counted = _paused(rule_, counted, pauses, profile.country, own)
    planning = closed if rule_.roll is Roll.BACK else own
    rolled = _rolled(rule_, counted.day, start_on, profile.country, planning)
    steps: tuple[Step, ...] = counted.steps + rolled.steps
    if rule_.number > 0:
        steps = (Step(StepCode.NOT_COUNTED, start_on), *steps)
    steps += (Step(StepCode.ENDS, rolled.day),)
    return Due(end_of_day(rolled.day, profile), rolled.day, steps)


def due(
    rule_: Rule,
    start: datetime,
    profile: Profile,
    *,
    pauses: Sequence[Pause] = (),
    closed: Closed = NONE_CLOSED,
) -> Due:
    """Count a rule from an aware instant, such as the arrival of a message.

    The count goes by the local date of the instant; `pauses` and `closed` as for `due_on`, and
    hours by the clock know neither. Raises ValueError if the instant is naive.
    """
    start_on = local_date(start, profile)
    received = Step(
        StepCode.RECEIVED, start_on, (start.astimezone(profile.zone).strftime("%H:%M"),)
    )
    if rule_.unit is Unit.HOURS:
        at = start.astimezone(UTC) + timedelta(hours=rule_.number)
        local = at.astimezone(profile.zone)
        hours = Step(StepCode.COUNTED, local.date(), (str(rule_.number), "hours"))
        ends = Step(StepCode.ENDS, local.date(), (local.strftime("%H:%M"),))
        return Due(at, local.date(), (received, hours, ends))
    counted = due_on(rule_, start_on, profile, pauses=pauses, closed=closed)
    return Due(counted.at, counted.on, (received, *counted.steps))
