"""Pictures of cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib.charts import Event, Picture, axis
from registry.access import Shown
from registry.models import Case, Deadline
from registry.models.deadline import DeadlineState
from registry.models.entry import Direction, EntryStatus
from registry.templatetags.registry_tags import deadline_name

register = template.Library()

# More than these cannot be told apart; the list of entries has them all.
_MOST_ENTRIES = 12
_MOST_DAYS = 4


@register.inclusion_tag("components/chart_axis.html")
def case_axis(case: Case, timeline: Sequence[Shown]) -> dict[str, Any]:
    """When post came and went in a case, what is due, and where today is.

    `timeline` is what the reader may see of it (registry.access). Only numbers are drawn.
    """
    now = timezone.now()
    shown = [each.entry for each in timeline if each.entry.status == EntryStatus.REGISTERED]
    deadlines = [each for entry in shown for each in entry.running]  # type: ignore[attr-defined]
    acknowledges = {
        each.letter_entry_id for entry in shown for each in entry.acknowledgements.all()
    }
    drawn = shown if len(shown) <= _MOST_ENTRIES else [shown[0], *shown[1 - _MOST_ENTRIES :]]
    events = []
    for entry in drawn:
        if entry.direction == Direction.INCOMING:
            kind, word = "in", _("Received")
        elif entry.direction == Direction.OUTGOING:
            kind = "out"
            word = _("Acknowledged") if entry.pk in acknowledges else _("Sent")
        else:
            kind, word = "asked", _("Internal")
        events.append(_event(entry.arrived_at, kind, f"{word} ({entry.document})"))
    running = [each for each in deadlines if each.state == DeadlineState.OPEN]
    days: dict[date, list[Deadline]] = {}
    for deadline in sorted(running, key=lambda each: each.due_at):
        days.setdefault(deadline.due_on, []).append(deadline)
    for on, ending in list(days.items())[:_MOST_DAYS]:
        words = ", ".join(dict.fromkeys(deadline_name(each) for each in ending))
        events.append(
            Event(
                ending[0].due_at,
                "over" if ending[0].due_at <= now else "due",
                _("Last day: %(deadline)s") % {"deadline": words},
                date_format(on, "DATE_FORMAT"),
            )
        )
    if case.closed_at is not None:
        events.append(_event(case.closed_at, "now", _("Closed")))
    elif events:
        events.append(_event(now, "now", _("Today")))
    picture = Picture(
        id="axis",
        title=_("The case in time"),
        conclusion=_conclusion(case, running, now, len(shown) - len(drawn)),
        head="",
        series=(),
        shape=axis(events),
    )
    return {"picture": picture}


def _event(at: datetime, kind: str, label: str) -> Event:
    return Event(at, kind, label, date_format(timezone.localtime(at), "DATE_FORMAT"))


def _conclusion(case: Case, running: Iterable[Deadline], now: datetime, left_out: int) -> str:
    ordered = sorted(running, key=lambda deadline: deadline.due_at)
    over = [deadline for deadline in ordered if deadline.due_at <= now]
    if case.closed_at is not None:
        found = _("The case is closed.")
    elif over:
        found = ngettext(
            "%(n)d deadline is over, the first on %(on)s.",
            "%(n)d deadlines are over, the first on %(on)s.",
            len(over),
        ) % {"n": len(over), "on": date_format(over[0].due_on, "DATE_FORMAT")}
    elif ordered:
        found = _("Next: %(deadline)s, %(on)s.") % {
            "deadline": deadline_name(ordered[0]),
            "on": date_format(ordered[0].due_on, "DATE_FORMAT"),
        }
    else:
        found = _("No deadline is running.")
    if left_out:
        more = ngettext(
            "%(n)d entry between the first and the newest is not drawn.",
            "%(n)d entries between the first and the newest are not drawn.",
            left_out,
        ) % {"n": left_out}
        return f"{found} {more}"
    return found
