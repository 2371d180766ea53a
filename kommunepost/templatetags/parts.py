"""The smallest parts of pages, which stand hundreds of times in a long one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A shape from static/icons.svg (components/icon.html)."""
    return _icon(name)


@cache
def _icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag
def when(at: datetime | None, on: date | None = None, *, short: bool = False) -> SafeString:
    """An instant, absolute; nothing for None (components/when.html)."""
    if not at:
        return SafeString()
    here = timezone.localtime(at)
    if on and here.date() == on:
        text = f"{here:%H:%M}"
    else:
        form = pgettext("date format", "j M H:i") if short else "DATETIME_FORMAT"
        minute = here.replace(second=0, microsecond=0, tzinfo=None)
        text = _written(minute, form, get_language())
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), text)


@register.simple_tag
def day(at: datetime) -> SafeString:
    """The day of an instant, short, with the instant itself for machines."""
    here = timezone.localtime(at)
    midnight = datetime(here.year, here.month, here.day)  # noqa: DTZ001  (a day has no zone)
    text = _written(midnight, "SHORT_DATE_FORMAT", get_language())
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), text)


_STATES: Mapping[str, Promise] = {
    "ok": gettext_lazy("plenty of time"),
    "soon": gettext_lazy("due soon"),
    "today": gettext_lazy("due today"),
    "over": gettext_lazy("overdue"),
    "paused": gettext_lazy("paused"),
    "done": gettext_lazy("done"),
}


@register.simple_tag
def due_chip(
    state: str, name: str = "", on: date | None = None, relative: str = "", *, short: bool = False
) -> SafeString:
    """A deadline as a chip (components/deadline_chip.html)."""
    shape = "due" if state in ("today", "over") else state
    last_day = SafeString()
    if on and not (short and state == "today"):
        form = pgettext("date format", "j M") if short else "DATE_FORMAT"
        text = _written(on, form, get_language())
        last_day = format_html(', <time datetime="{}">{}</time>', on.isoformat(), text)
    return format_html(
        '<span class="chip" data-status="{}">{}<span>{}{}{}{}</span></span>',
        shape,
        _icon(shape),
        f"{name}: " if name else "",
        _STATES.get(state, _STATES["done"]),
        last_day,
        f" ({relative})" if relative else "",
    )


@lru_cache(maxsize=2_048)
def _written(day_or_minute: date, form: str, language: str) -> str:
    return date_format(day_or_minute, form)
