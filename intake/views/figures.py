"""The figures of the reports: each a sentence, a picture and a table. By unit, never by person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.queries import unit_names
from intake.queries.reports import waiting_by_age
from lib.charts import Picture, rows, shares
from lib.jurisdictions import Profile, end_of_day
from lib.sheets import Worded
from lib.workdays import next_workday
from registry.access import entries_for
from registry.queries import closed_days
from registry.queries import reports as counts
from registry.queries.reports import ALL, Breach, Kept, Registered

# Days at which an age begins.
WAITING_AGES = [1, 2, 4, 8]
UNANSWERED_AGES = [8, 31, 91]
# A page lists so many breaches; a file has them all.
BREACHES_SHOWN = 100
_MOST_BREACHES = 20_000
# What is registered may have come long before the period; longer ago is not "the next day" anyway.
_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Asked:
    """What a report is asked for: whole local days, and units (None: all)."""

    user: Any
    first: date
    last: date
    units: frozenset[int] | None
    profile: Profile
    now: datetime

    @property
    def span(self) -> dict[str, Any]:
        """The period as the queries take it."""
        start = datetime.combine(self.first, time.min, tzinfo=self.profile.zone)
        return {"start": start, "end": end_of_day(self.last, self.profile), "units": self.units}


@dataclass(frozen=True)
class Figure:
    """One figure: `table` has its headings first; every cell is text, a whole number or a day."""

    key: str
    title: str
    conclusion: str
    table: Sequence[Sequence[object]]
    chart: str = ""  # the component that draws it
    picture: Picture | None = None
    note: str = ""


def registration(asked: Asked) -> Figure:
    """How long post waits until it is registered."""
    day = asked.first - _BEFORE
    following = {}
    closed = closed_days()
    while day <= asked.last:
        following[day] = next_workday(day, asked.profile.country, closed).day
        day += timedelta(days=1)
    found = counts.registrations(**asked.span, zone=asked.profile.timezone, following=following)
    by_unit = _by_name((row for row in found if row.unit_id != ALL), lambda row: row.unit_id)
    whole = next((row for row in found if row.unit_id == ALL), None)
    title = _("Time to registration")
    head: list[object] = [
        _("Unit"),
        _("Registered"),
        _("Half within"),
        _("Nine of ten within"),
        _("By the next working day"),
        _("Of 100"),
    ]
    table: list[list[object]] = [head, *([name, *_registered(row)] for name, row in by_unit)]
    if whole is None:
        return Figure("registration", title, _("Nothing was registered in the period."), [head])
    table.append([_("All"), *_registered(whole)])
    conclusion = _(
        "Half was registered within %(median)s, nine of ten within %(ninth)s; "
        "%(share)s of 100 no later than the working day after arrival."
    ) % {
        "median": duration(whole.median),
        "ninth": duration(whole.ninth),
        "share": _of_hundred(whole.next_day, whole.count),
    }
    shape = shares(
        [
            (_("By the next working day"), whole.next_day),
            (_("Later"), whole.count - whole.next_day),
        ]
    )
    return Figure(
        "registration", title, conclusion, table, *_drawn("split", "registration", title, shape)
    )


def _registered(row: Registered) -> list[object]:
    share = _of_hundred(row.next_day, row.count)
    return [row.count, duration(row.median), duration(row.ninth), row.next_day, share]


def acknowledgements(asked: Asked) -> Figure:
    """Whether receipt was acknowledged in time."""
    return _kept(
        "acknowledgements",
        _("Acknowledgements in time"),
        counts.acknowledgements(**asked.span, now=asked.now),
        words=(_("Sent in time"), _("Sent late"), _("Not sent")),
        nothing=_("No acknowledgement was due in the period."),
        note=_("What needs no acknowledgement, such as an automatic reply, is not counted."),
    )


def answers(asked: Asked) -> Figure:
    """Whether answers were given in time."""
    return _kept(
        "answers",
        _("Answers in time"),
        counts.answers(**asked.span, now=asked.now),
        words=(_("Answered in time"), _("Answered late"), _("Over time, not answered")),
        nothing=_("No answer was due in the period."),
        note=_("A deadline that is paused is not over."),
    )


def _kept(
    key: str,
    title: str,
    found: Sequence[Kept],
    *,
    words: tuple[str, str, str],
    nothing: str,
    note: str,
) -> Figure:
    head: list[object] = [_("Unit"), *words, _("Still running"), _("In time of 100")]
    table: list[list[object]] = [head]
    for name, row in _by_name(found, lambda row: row.unit_id):
        numbers = [row.in_time, row.late, row.missing, row.running]
        table.append([name, *numbers, _of_hundred(row.in_time, row.ended)])
    sums = [sum(getattr(row, name) for row in found) for name in ("in_time", "late", "missing")]
    running, ended = sum(row.running for row in found), sum(sums)
    if not ended:
        if not running:
            table = [head]
        return Figure(key, title, nothing, table, note=note)
    table.append([_("All"), *sums, running, _of_hundred(sums[0], ended)])
    conclusion = ngettext(
        "%(in_time)d of %(n)d was in time.", "%(in_time)d of %(n)d were in time.", ended
    ) % {"in_time": sums[0], "n": ended}
    if ended > sums[0]:
        conclusion += " " + _("Late: %(late)d. Not at all so far: %(missing)d.") % {
            "late": sums[1],
            "missing": sums[2],
        }
    shape = shares(list(zip(words, sums, strict=True)))
    return Figure(key, title, conclusion, table, *_drawn("split", key, title, shape), note)


def breaches(asked: Asked, limit: int = _MOST_BREACHES) -> Figure:
    """Each acknowledgement that did not leave in time."""
    found = counts.breaches(**asked.span, now=asked.now, limit=limit + 1)
    shown = found[:limit]
    ids = [row.entry_id for row in shown if row.entry_id is not None]
    visible = set(entries_for(asked.user).filter(pk__in=ids).values_list("pk", flat=True))
    names = unit_names()
    head: list[object] = [
        _("Number"),
        _("Unit"),
        _("Received"),
        _("Last day"),
        _("Sent"),
        _("Reason"),
    ]
    table: list[list[object]] = [
        head,
        *(_breach(row, row.entry_id in visible, names) for row in shown),
    ]
    if not found:
        conclusion = _("No acknowledgement of the period was late.")
    elif len(found) > limit:
        conclusion = _("More than %(n)d did not leave in time; the file lists more.") % {"n": limit}
    else:
        conclusion = ngettext(
            "%(n)d did not leave in time.", "%(n)d did not leave in time.", len(found)
        ) % {"n": len(found)}
    return Figure("breaches", _("Acknowledgements that were late"), conclusion, table)


def _breach(row: Breach, is_visible: bool, names: Mapping[int, str]) -> list[object]:
    number = row.message_number if row.entry_id is None else _("Protected")
    unit = names.get(row.unit_id, "") if row.unit_id is not None else _("Not registered")
    if is_visible:
        number = row.reference or ""
    reasons = {
        "late": _("The letter left too late."),
        "none": _("Nobody has acknowledged it."),
        "failed": _("The mail server refused the letter."),
        "cancelled": _("The letter was taken back."),
        "unknown": _("It is not known whether the letter left."),
    }
    return [
        number,
        unit,
        _at(row.received_at),
        Worded(date_format(row.due_on, "SHORT_DATE_FORMAT"), row.due_on),
        _("Not sent") if row.sent_at is None else _at(row.sent_at),
        reasons.get(row.code, _("The letter is made and has not left yet.")),
    ]


def backlog(asked: Asked) -> Figure:
    """How long what waits now has waited to be registered."""
    found = waiting_by_age(now=asked.now, bounds=WAITING_AGES, units=asked.units)
    return _ages(
        "backlog",
        _("Waits to be registered, by age"),
        found,
        [_("Less than a day"), _("1 day"), _("2–3 days"), _("4–7 days"), _("8 days or more")],
        nothing=_("Nothing waits to be registered."),
        oldest=_("Wait now: %(n)d, of which %(oldest)d for eight days or more."),
    )


def unanswered(asked: Asked) -> Figure:
    """How long what waits now has waited for an answer."""
    found = counts.unanswered(now=asked.now, bounds=UNANSWERED_AGES, units=asked.units)
    return _ages(
        "unanswered",
        _("Waits for an answer, by age"),
        found,
        [_("Up to 7 days"), _("8–30 days"), _("31–90 days"), _("More than 90 days")],
        nothing=_("Nothing waits for an answer."),
        oldest=_("Wait now: %(n)d, of which %(oldest)d for more than 90 days."),
    )


def _ages(
    key: str,
    title: str,
    found: Mapping[tuple[Any, int], int],
    ages: Sequence[str],
    *,
    nothing: str,
    oldest: str,
) -> Figure:
    places = range(len(ages))
    units = {unit for unit, _age in found}
    head: list[object] = [_("Unit"), *ages, _("Together")]
    table: list[list[object]] = [head]
    for name, unit in _by_name(units, lambda unit: unit):
        numbers = [found.get((unit, place), 0) for place in places]
        table.append([name, *numbers, sum(numbers)])
    sums = [sum(found.get((unit, place), 0) for unit in units) for place in places]
    if not found:
        return Figure(key, title, nothing, table)
    table.append([_("All"), *sums, sum(sums)])
    conclusion = oldest % {"n": sum(sums), "oldest": sums[-1]}
    shape = rows(list(zip(ages, sums, strict=True)))
    return Figure(key, title, conclusion, table, *_drawn("rows", key, title, shape))


FIGURES: Mapping[str, Callable[[Asked], Figure]] = {
    "registration": registration,
    "acknowledgements": acknowledgements,
    "breaches": breaches,
    "answers": answers,
    "backlog": backlog,
    "unanswered": unanswered,
}


def all_figures(asked: Asked) -> list[Figure]:
    """Everything that the page shows."""
    return [
        breaches(asked, BREACHES_SHOWN) if key == "breaches" else make(asked)
        for key, make in FIGURES.items()
    ]


def duration(length: timedelta) -> str:
    """A length of time in two units at most: "2 d 3 h", "3 h 20 min", "12 min"."""
    minutes = round(length / timedelta(minutes=1))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d min") % {"minutes": minutes}


def _of_hundred(part: int, whole: int) -> int | str:
    """A share in whole percents, the half rounded up; "–" of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else "–"


def _by_name(found: Iterable[Any], unit_of: Callable[[Any], int | None]) -> list[tuple[str, Any]]:
    """Each with the name of its unit, by name; what has no unit yet comes last."""
    names = unit_names()
    named = [(unit_of(each), each) for each in found]
    known = [(names.get(unit, ""), each) for unit, each in named if unit is not None]
    rest = [(_("Not registered"), each) for unit, each in named if unit is None]
    return [*sorted(known, key=lambda pair: pair[0].casefold()), *rest]


def _drawn(chart: str, key: str, title: str, shape: Any) -> tuple[str, Picture]:
    # Sentence and table stand beside it on the page.
    return chart, Picture(key, title, "", "", (), shape)


def _at(at: datetime) -> str:
    local = timezone.localtime(at)
    return Worded(date_format(local, "SHORT_DATETIME_FORMAT"), local)
