"""Pictures of the front door."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.queries import municipality
from intake.actions.reconcile import DayFlow, day_of, flow
from lib.charts import Picture, Point, bars

register = template.Library()

_DAYS = 14
_LINE_HIGH = 28


@register.inclusion_tag("components/chart_bars.html")
def intake_line() -> dict[str, Any]:
    """Fourteen days of post and of what waited, one line high, for the head of the queue."""
    return {"picture": intake_picture(small=True), "small": True}


def intake_picture(*, small: bool = False) -> Picture | None:
    """What came and what waited on each of the last fourteen days; None before there is any."""
    if municipality() is None:
        return None
    days = flow(day_of(timezone.now()), _DAYS)
    points = [
        Point(date_format(day.on, "DATE_FORMAT"), str(day.on.day), day.came, day.waited)
        for day in days
    ]
    shape = bars(points, height=_LINE_HIGH, with_words=False) if small else bars(points)
    return Picture(
        id="intake",
        title=_("Post of the last 14 days"),
        conclusion=_conclusion(days),
        head=_("Day"),
        series=(_("Came"), _("Waited at the end of the day")),
        shape=shape,
    )


def _conclusion(days: list[DayFlow]) -> str:
    came = sum(day.came for day in days)
    if not came:
        return _("Nothing has come in 14 days.")
    most = max(days, key=lambda day: day.came)
    change = days[-1].waited - days[0].waited
    words = {
        "came": ngettext("%(n)d message in 14 days", "%(n)d messages in 14 days", came)
        % {"n": came},
        "on": date_format(most.on, "MONTH_DAY_FORMAT"),
        "most": most.came,
    }
    if change > 0:
        return _("%(came)s, most on %(on)s (%(most)d). More wait now than then.") % words
    if change < 0:
        return _("%(came)s, most on %(on)s (%(most)d). Fewer wait now than then.") % words
    return _("%(came)s, most on %(on)s (%(most)d).") % words
