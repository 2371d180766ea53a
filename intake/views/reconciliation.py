"""Every day proves itself: what came, what became of it, and what is wrong now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.rules.roles import Task
from intake import queries
from intake.actions.reconcile import arrivals, count_day, day_of
from intake.models.message import State
from lib.asked import day
from lib.charts import Picture, Point, bars, shares
from lib.refusal import Refused

_DAYS = 14
# Nothing has come through these doors before; days at the ends of time cannot be counted with.
_FIRST_DAY = date(2000, 1, 1)
_FATES = (
    ("registered", State.REGISTERED.label),
    ("minor", State.MINOR.label),
    ("spam", State.SPAM.label),
    ("held", State.HELD.label),
    ("waiting", State.SCREENED.label),
)


@require_GET
@never_cache
@requires(Task.WATCH)
def reconciliation(request: HttpRequest) -> HttpResponse:
    """The reconciliation of one day (?on=2026-11-22), the standing alarms, and the days before."""
    now = timezone.now()
    today = day_of(now)
    on = day(request.GET.get("on", ""), first=_FIRST_DAY, last=today)
    try:
        rows = count_day(on)
    except Refused as refusal:
        return render(request, "intake/reconciliation.html", {"refusal": str(refusal)}, status=409)
    days = arrivals(now, _DAYS)
    totals = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("arrived", "again", "accounted", *(name for name, _word in _FATES))
    }
    return render(
        request,
        "intake/reconciliation.html",
        {
            "on": on,
            "rows": rows,
            "totals": totals,
            "fates": _FATES,
            "shares": _shares(totals),
            "differences": [row for row in rows if row.difference],
            "days": days,
            "picture": _picture(days),
            "alarms": queries.standing_alarms(),
            "heartbeats": queries.heartbeats(),
            "blocked": queries.blocked_at_source(),
        },
    )


def _shares(totals: Mapping[str, int]) -> Picture:
    """What became of the post of a day."""
    return Picture(
        id="day",
        title=ngettext(
            "What became of %(n)s message of the day",
            "What became of %(n)s messages of the day",
            totals["accounted"],
        )
        % {"n": totals["accounted"]},
        conclusion="",
        head="",
        series=(),
        shape=shares([(str(word), totals[kind]) for kind, word in _FATES]),
    )


def _picture(days: Sequence[tuple[date, int]]) -> Picture:
    points = [Point(date_format(day, "DATE_FORMAT"), str(day.day), count) for day, count in days]
    return Picture(
        id="arrivals",
        title=_("Arrivals of the last 14 days"),
        conclusion=_("Arrivals a day; the numbers stand in the table below"),
        head="",
        series=(),
        shape=bars(points),
    )


@require_GET
@login_not_required
def work(request: HttpRequest) -> HttpResponse:
    """503 while one of our processes is silent: for a monitor outside."""
    silent = queries.silent_processes(timezone.now())
    if silent:
        return HttpResponse(f"silent: {' '.join(silent)}\n", content_type="text/plain", status=503)
    return HttpResponse("working\n", content_type="text/plain")
