"""The record as other apps' pages show it: entries of a case, deadlines, and why they are so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import held_roles
from accounts.queries import absences_on, municipality
from accounts.rules.roles import Role
from lib.jurisdictions import Due, Rule, profile_for
from lib.previews import has_pages
from lib.workdays import Step, StepCode, steps_from_data
from registry import access, queries
from registry.models import Case, Deadline, Document
from registry.models.deadline import DeadlineState
from registry.models.entry import MAIL
from registry.rules.deadlines import is_reminded
from registry.rules.pauses import may_pause as rule_of_pauses

register = template.Library()

_SOON = timedelta(days=2)

KIND_NAMES: Mapping[str, Promise] = {
    "acknowledgement": gettext_lazy("Acknowledgement"),
    "registration_target": gettext_lazy("Registration"),
    "registration_alarm": gettext_lazy("Registration at the latest"),
    "answer": gettext_lazy("Answer"),
    "interim_reply": gettext_lazy("Interim reply"),
    "interim_reply_promised": gettext_lazy("Promised answer"),
    "access_request_target": gettext_lazy("Access request"),
    "access_request_hard": gettext_lazy("Access request at the latest"),
    "missing_information": gettext_lazy("Missing information"),
}

_WHY_RECOUNTED: Mapping[str, Promise] = {
    "rule": gettext_lazy("the municipality's own rule changed"),
    "closed_day": gettext_lazy("the municipality's closed days changed"),
    "calendar": gettext_lazy("the calendar changed"),
}


_ROLES: Mapping[Role, Promise] = {
    Role.REGISTRAR: gettext_lazy("registrar"),
    Role.CASEWORKER: gettext_lazy("caseworker"),
    Role.UNIT_LEADER: gettext_lazy("unit leader"),
    Role.OFFICIAL: gettext_lazy("elected official"),
    Role.SECRETARY: gettext_lazy("secretary"),
    Role.PREPAREDNESS: gettext_lazy("preparedness coordinator"),
    Role.ADMINISTRATOR: gettext_lazy("administrator"),
}
_FILE_KINDS: Mapping[str, str] = {
    "application/pdf": "PDF",
    "application/msword": "Word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/zip": "ZIP",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "text/calendar": "iCalendar",
}


@register.inclusion_tag("registry/_readers.html", takes_context=True)
def case_readers(context: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """Who is named to read a case and whether it is restricted; nothing for those who only look."""
    user = context["request"].user
    works_on = access.works_on(user, case) and access.reads_in_full(user, case, case.access)
    named = queries.readers_of_case(case) if works_on else []
    return {
        "case": case,
        "works_on": works_on,
        "readers": [each for each in named if each.ended_at is None],
    }


def kind_name(kind: str) -> str:
    """What deadlines of a kind are for, in the reader's language."""
    return str(KIND_NAMES.get(kind, kind))


@register.filter
def of(names: Mapping[Any, Any], key: Any) -> Any:
    """What a mapping has for a key, such as the name of an actor; "" where it has nothing."""
    return names.get(key, "")


@register.simple_tag
def role_words(user: Any) -> str:
    """By which role a person prints, and who it is: "registrar Kari Nordmann"."""
    held = [str(_ROLES[role]) for role in Role if role in held_roles(user)]
    return f"{', '.join(held)} {user.name}".strip()


@register.filter
def has_preview(document: Document) -> bool:
    """Whether a document can be looked at here: pages as pictures, a mail as its text."""
    return document.media_type == MAIL or has_pages(document.media_type)


@register.filter
def withheld_from(case: Case, user: Any) -> bool:
    """Whether a page may only name the case's number: its own page is no page for the user."""
    return access.is_withheld(user, case)


@register.filter
def file_kind(media_type: str) -> str:
    """What people call a type of file."""
    return _("E-mail") if media_type == MAIL else _FILE_KINDS.get(media_type, media_type)


@register.filter
def can_still_be_undone(at: datetime) -> bool:
    """Whether a letter made at this time waits, so that it can be called back."""
    return timezone.now() <= at + timedelta(seconds=settings.UNDO_SECONDS)


@register.filter
def deadline_name(deadline: Deadline) -> str:
    """What a deadline is for, in the reader's language."""
    return kind_name(deadline.kind)


@register.filter
def may_pause(deadline: Deadline) -> bool:
    """Whether the deadline may stand still today."""
    body = municipality()
    return (
        body is not None
        and rule_of_pauses(deadline.kind, profile_for(body.profile).country).yes
        and timezone.now() < deadline.due_at
    )


@register.simple_tag(takes_context=True)
def stand_in_words(context: Mapping[str, Any], user_id: int) -> str:
    """Until when a person is away and who stands in, after the name; "" for one who is here."""
    request = context["request"]
    known = getattr(request, "_absences", None)
    if known is None:
        known = request._absences = absences_on(timezone.localdate())
    absence = known.get(user_id)
    if absence is None:
        return ""
    return _(" (away until %(day)s, %(name)s stands in)") % {
        "day": date_format(absence.to_on, "MONTH_DAY_FORMAT"),
        "name": absence.delegate.name,
    }


@register.inclusion_tag("components/deadline_chip.html")
def deadline_chip(deadline: Deadline, *, short: bool = False) -> dict[str, Any]:
    """A deadline as a chip: which one, how it stands today, and its last day (without the year)."""
    today = timezone.localdate()
    reminded = deadline.state == DeadlineState.OPEN and is_reminded(deadline.warn_on, today)
    state = _state(deadline, today)
    return {
        "state": "soon" if reminded and state == "ok" else state,
        "name": deadline_name(deadline),
        "on": None if deadline.state == DeadlineState.PAUSED else deadline.due_on,
        "relative": _("reminder") if reminded and deadline.due_on >= today else "",
        "short": short,
    }


@register.inclusion_tag("registry/_why.html")
def why_this_date(deadline: Deadline) -> dict[str, Any]:
    """How a deadline was computed: the rule with its paragraph, then each step of the count."""
    steps = steps_from_data(deadline.steps)
    return {
        "deadline": deadline,
        "name": deadline_name(deadline),
        "rule": _rule(deadline.rule),
        "steps": [{"on": step.on, "text": _sentence(step)} for step in steps],
    }


@register.inclusion_tag("registry/_why.html")
def why_due(name: str, rule: Rule, due: Due) -> dict[str, Any]:
    """How a date was computed that is no deadline of the record, as `why_this_date` tells it."""
    return {
        "deadline": {"paragraph": rule.paragraph},
        "name": name,
        "rule": _rule({"number": rule.number, "unit": rule.unit, "kind": rule.kind}),
        "steps": [{"on": step.on, "text": _sentence(step)} for step in due.steps],
    }


def _state(deadline: Deadline, today: date) -> str:
    if deadline.state == DeadlineState.PAUSED:
        return "paused"
    if deadline.state != DeadlineState.OPEN:
        return "done"
    if deadline.due_on < today:
        return "over"
    if deadline.due_on == today:
        return "today"
    return "soon" if deadline.due_on - today <= _SOON else "ok"


def _rule(rule: Mapping[str, Any]) -> str:
    """What the rule says and how binding it is."""
    if not rule:
        return ""
    kinds = {
        "statute": _("by law"),
        "norm": _("by the supervisory authorities' practice"),
        "service": _("the municipality's own promise"),
    }
    return f"{_amount(int(rule['number']), rule['unit'])}, {kinds[rule['kind']]}"


def _amount(n: int, unit: str) -> str:
    if unit == "workdays":
        return ngettext("%(n)d working day", "%(n)d working days", n) % {"n": n}
    if unit == "weeks":
        return ngettext("%(n)d week", "%(n)d weeks", n) % {"n": n}
    if unit == "months":
        return ngettext("%(n)d month", "%(n)d months", n) % {"n": n}
    if unit == "hours":
        return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    return ngettext("%(n)d calendar day", "%(n)d calendar days", n) % {"n": n}


def _sentence(step: Step) -> str:
    """One step of the count in words."""
    first = step.args[0] if step.args else ""
    match step.code:
        case StepCode.RECEIVED:
            return _("received at %(time)s; this day is where the count begins") % {"time": first}
        case StepCode.NOT_COUNTED:
            return _("the day itself is not counted")
        case StepCode.SATURDAY:
            return _("a Saturday, passed over")
        case StepCode.SUNDAY:
            return _("a Sunday, passed over")
        case StepCode.HOLIDAY:
            return _("%(name)s, passed over") % {"name": first}
        case StepCode.COUNTED:
            return _("the count ends: %(amount)s") % {"amount": _amount(int(first), step.args[1])}
        case StepCode.SHORT_MONTH:
            return _("the month has no day %(day)s, so its last day counts") % {"day": first}
        case StepCode.ROLLED_FORWARD:
            return _("moved on from %(day)s to the next working day") % {"day": _day(first)}
        case StepCode.ROLLED_BACK:
            return _("planned before %(day)s, on a working day") % {"day": _day(first)}
        case StepCode.PAUSED:
            if first:
                return _("paused until %(day)s") % {"day": _day(first)}
            return _("paused; the last day moves when it runs again")
        case StepCode.EXTENDED:
            amount = _amount(int(first), step.args[1])
            return _("moved on by what was paused: %(amount)s") % {"amount": amount}
        case StepCode.ENDS:
            if first:
                return _("the deadline ends at %(time)s") % {"time": first}
            return _("the last day, until it is over")
        case StepCode.RECOUNTED:
            why = _WHY_RECOUNTED.get(step.args[1], "")
            return _("counted anew (%(why)s); before, the last day was %(day)s") % {
                "why": why,
                "day": _day(first),
            }


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "DATE_FORMAT")
