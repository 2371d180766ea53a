"""Reports: how quickly post is registered, acknowledged and answered, and what waits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import requires, scope
from accounts.queries import municipality, parts_of_units, unit_names
from accounts.rules.roles import Task
from intake.actions.reconcile import day_of
from intake.views.figures import FIGURES, Asked, all_figures
from lib import sheets
from lib.asked import whole_number
from lib.jurisdictions import profile_for

_DAYS = 30
# A year is counted in one go; more would take long.
_MOST_DAYS = 366
_FILES = {"csv": (sheets.as_csv, sheets.CSV), "xlsx": (sheets.as_xlsx, sheets.XLSX)}


@require_GET
@never_cache
@requires(Task.REPORT)
def reports(request: HttpRequest) -> HttpResponse:
    """The figures of ?from= … ?to= (local days, both included) in ?unit= and its parts."""
    if municipality() is None:
        return render(request, "intake/reports.html", {"figures": []})
    asked, unit = _asked(request)
    names = unit_names()
    mine = scope(request.user, Task.REPORT)
    choices = sorted(
        ((pk, name) for pk, name in names.items() if mine is None or pk in mine),
        key=lambda pair: pair[1].casefold(),
    )
    query = urlencode(_query(asked, unit))
    today = day_of(asked.now)
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    spans = [
        (_("The last 30 days"), today - timedelta(days=_DAYS - 1), today),
        (_("This month"), month, today),
        (_("The month before"), before, month - timedelta(days=1)),
        (_("This year"), today.replace(month=1, day=1), today),
    ]
    context = {
        "asked": asked,
        "unit": unit,
        "units": choices,
        "may_all": mine is None,
        "figures": all_figures(asked),
        "query": query,
        "spans": [
            {
                "label": label,
                "query": urlencode({**_query(asked, unit), "from": first, "to": last}),
                "current": (first, last) == (asked.first, asked.last),
            }
            for label, first, last in spans
        ],
        "printed_at": asked.now,
    }
    return render(request, "intake/reports.html", context)


@require_GET
@never_cache
@requires(Task.REPORT)
def export(request: HttpRequest, figure: str, kind: str) -> HttpResponse:
    """One figure as a file, with what it was asked for."""
    if figure not in FIGURES or kind not in _FILES or municipality() is None:
        raise Http404
    asked, unit = _asked(request)
    found = FIGURES[figure](asked)
    made = timezone.localtime(asked.now)
    about = [
        (found.title,),
        (found.conclusion,),
        (_("From"), sheets.Worded(date_format(asked.first, "DATE_FORMAT"), asked.first)),
        (_("Up to and with"), sheets.Worded(date_format(asked.last, "DATE_FORMAT"), asked.last)),
        (_("Unit"), unit_names()[unit] if unit else _("All that you may see")),
        (_("Made"), sheets.Worded(date_format(made, "DATETIME_FORMAT"), made)),
    ]
    make, media_type = _FILES[kind]
    response = HttpResponse(make(about, found.table), content_type=media_type)
    name = f"{figure}-{asked.first}-{asked.last}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: HttpRequest) -> tuple[Asked, int | None]:
    """What the address asks for, and the unit if one is named. Raises Http404 for a foreign one."""
    now = timezone.now()
    today = day_of(now)
    last = min(_day(request.GET.get("to", "")) or today, today)
    first = _day(request.GET.get("from", "")) or last - timedelta(days=_DAYS - 1)
    first = max(min(first, last), last - timedelta(days=_MOST_DAYS - 1))
    mine = scope(request.user, Task.REPORT)
    units, named = mine, request.GET.get("unit", "")
    unit = whole_number(named)
    if unit is not None:
        if unit not in unit_names() or (mine is not None and unit not in mine):
            raise Http404
        units = _with_parts(unit)
        units = units if mine is None else units & mine
    body = municipality()
    profile = profile_for(body.profile if body else "NO")
    return Asked(request.user, first, last, units, profile, now), unit


def _with_parts(unit: int) -> frozenset[int]:
    parts, found, left = parts_of_units(), set[int](), [unit]
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left.extend(parts.get(each, []))
    return frozenset(found)


def _query(asked: Asked, unit: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {"from": asked.first, "to": asked.last}
    return found if unit is None else {**found, "unit": unit}


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and found.year >= 2000 else None
