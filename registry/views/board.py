"""The deadlines board: what ends when, whose it is, and why on that day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from accounts.access import requires, scope, works_for
from accounts.queries import units_in_use
from accounts.rules.roles import Task
from lib.asked import whole_number
from lib.charts import Picture, stack
from registry import access
from registry.models import Deadline
from registry.models.deadline import DeadlineState
from registry.queries import board
from registry.rules.board import Group, Series, group_of, series_of
from registry.templatetags.registry_tags import KIND_NAMES

# As many as one sheet of paper holds.
_ROWS = 30
_DAYS = 28

_GROUPS = {
    Group.OVERDUE: gettext_lazy("Overdue"),
    Group.SOON: gettext_lazy("Today and tomorrow"),
    Group.WEEK: gettext_lazy("This week"),
    Group.LATER: gettext_lazy("Later"),
}
_SERIES = {
    Series.ARRIVAL: gettext_lazy("Receipt and registration"),
    Series.ANSWER: gettext_lazy("Answer"),
    Series.ACCESS_REQUEST: gettext_lazy("Access request"),
    Series.OTHER: gettext_lazy("Other"),
}
_WHO = {"mine": gettext_lazy("Mine"), "nobody": gettext_lazy("Nobody's yet")}


@dataclass(frozen=True)
class Row:
    """A deadline as the person may see it."""

    deadline: Deadline
    title: str
    works_on: bool
    in_full: bool


@dataclass(frozen=True)
class Filters:
    """What the address asks for; what it does not understand is left out."""

    unit: int | None
    kind: str
    who: str
    state: str
    sort: str

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        """Read the address."""
        given = request.GET
        return cls(
            unit=whole_number(given.get("unit", "")),
            kind=given.get("kind", "")[:40],
            who=given["who"] if given.get("who") in _WHO else "",
            state="paused" if given.get("state") == "paused" else "open",
            sort=given["sort"] if given.get("sort") in board.SORTS else "due",
        )

    @property
    def is_grouped(self) -> bool:
        """Whether the rows stand under headings by their last day."""
        return self.sort == "due" and self.state == "open"

    def query(self, **changes: str) -> str:
        """The address's parameters, with some changed."""
        values = {
            "unit": str(self.unit or ""),
            "kind": self.kind,
            "who": self.who,
            "state": "paused" if self.state == "paused" else "",
            "sort": self.sort if self.sort != "due" else "",
            **changes,
        }
        return urlencode([(name, value) for name, value in values.items() if value])

    def apply(self, rows: QuerySet[Deadline], people: Iterable[int]) -> QuerySet[Deadline]:
        """The rows that are asked for, but for their state."""
        if self.unit is not None:
            rows = rows.filter(unit=self.unit)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.who == "mine":
            rows = rows.filter(caseworker__in=people)
        if self.who == "nobody":
            rows = rows.filter(caseworker=None)
        return rows


@require_GET
@requires(Task.READ_CASES)
def deadlines(request: HttpRequest) -> HttpResponse:
    """What runs, by its last day in groups, or by case; ?state=paused for what stands still."""
    user = request.user
    filters = Filters.of(request)
    today = timezone.localdate()
    mine = filters.apply(access.deadlines_for(user), works_for(user))
    running = mine.filter(state=DeadlineState.OPEN)
    shown = running if filters.state == "open" else mine.filter(state=DeadlineState.PAUSED)
    found = _page(request, shown, filters.sort)
    rows = [_row(user, each) for each in found[:_ROWS]]
    counts, counted, paused = Counter[Group](), [], 0
    for state, on, kind, count in board.load(mine):
        if state == DeadlineState.PAUSED:
            paused += count
            continue
        counts[group_of(on, today)] += count
        counted.append((on, kind, count))
    soon = sum(counts.values()) - counts[Group.LATER]
    units = scope(user, Task.READ_CASES)
    last = rows[-1].deadline if len(found) > _ROWS else None
    context = {
        "filters": filters,
        "groups": _grouped(rows, counts, today) if filters.is_grouped else [("", None, rows)],
        "rows": rows,
        "counts": [(_GROUPS[group], counts[group]) for group in Group],
        "paused": paused,
        "next": None if soon else board.next_due(running, today),
        "more": _more(filters, last),
        "is_first": "after" not in request.GET,
        "first_query": filters.query(),
        "sorts": [
            ("due", _("By last day"), filters.query(sort="")),
            ("case", _("By case"), filters.query(sort="case")),
        ],
        "states": [
            ("open", _("Running"), filters.query(state="")),
            ("paused", _("Paused"), filters.query(state="paused")),
        ],
        "units": [each for each in units_in_use() if units is None or each.pk in units],
        "kinds": list(KIND_NAMES.items()),
        "who": list(_WHO.items()),
        "picture": _picture(counted, today),
        "printed_at": timezone.now(),
    }
    return render(request, "registry/deadlines.html", context)


def _page(request: HttpRequest, rows: QuerySet[Deadline], sort: str) -> list[Deadline]:
    """One row more than a page, so that it is known whether there are more."""
    given = request.GET.get("after", "")
    try:
        after = tuple(given.split("~")) if given else None
        return board.sorted_page(rows, sort=sort, after=after, limit=_ROWS + 1)
    except (ValueError, OverflowError):
        return board.sorted_page(rows, sort=sort, after=None, limit=_ROWS + 1)


def _more(filters: Filters, last: Deadline | None) -> str:
    if last is None:
        return ""
    return filters.query(after="~".join(board.place_of(last, filters.sort)))


def _row(user: Any, deadline: Deadline) -> Row:
    case = deadline.case
    if case is None:
        return Row(deadline, "", works_on=False, in_full=False)
    return Row(
        deadline,
        access.title_of(user, case),
        works_on=access.works_on(user, case),
        in_full=access.reads_in_full(user, case, case.access),
    )


def _grouped(
    rows: list[Row], counts: Counter[Group], today: date
) -> list[tuple[str, int | None, list[Row]]]:
    """The rows of the page under their headings, each with how many there are in all."""
    return [
        (str(_GROUPS[group]), counts[group], list(each))
        for group, each in groupby(rows, key=lambda row: group_of(row.deadline.due_on, today))
    ]


def _picture(counted: list[tuple[date, str, int]], today: date) -> Picture:
    """How many deadlines end on each of the days ahead."""
    days = [today + timedelta(days=n) for n in range(_DAYS)]
    series = list(Series)
    stacked: dict[date, Counter[Series]] = {day: Counter() for day in days}
    for on, kind, count in counted:
        if on in stacked:
            stacked[on][series_of(kind)] += count
    total = sum(sum(each.values()) for each in stacked.values())
    most = max(days, key=lambda day: sum(stacked[day].values()))
    conclusion = ngettext(
        "%(total)d deadline ends in four weeks", "%(total)d deadlines end in four weeks", total
    ) % {"total": total}
    if total:
        conclusion += _("; most of them on %(day)s.") % {
            "day": date_format(most, "MONTH_DAY_FORMAT")
        }
    else:
        conclusion += "."
    columns = [
        (
            f"{date_format(day, 'D')} {date_format(day, 'MONTH_DAY_FORMAT')}",
            date_format(day, "j"),
            [stacked[day][each] for each in series],
        )
        for day in days
    ]
    return Picture(
        id="load",
        title=_("Four weeks ahead"),
        conclusion=conclusion,
        head=_("Day"),
        series=[str(_SERIES[each]) for each in series],
        shape=stack(columns),
    )
