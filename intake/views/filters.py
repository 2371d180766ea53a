"""Which part of the queue the address asks for, and the links that ask for another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from accounts.access import scope, works_for
from accounts.rules.roles import Task
from intake.queries.desk import Filters, mailboxes_in_use
from lib.asked import whole_number

_NAMES = ("mine", "warning", "mailbox", "unit")


@dataclass(frozen=True)
class Asked:
    """The filters of an address, and how they are written in the addresses that follow."""

    filters: Filters
    query: str  # "?mine=1", or "" when nothing is asked for
    given: dict[str, str]  # the same, by name


def asked(request: HttpRequest) -> Asked:
    """What the address of the request asks for; what makes no sense is passed over."""
    given = {name: request.GET.get(name, "") for name in _NAMES}
    kept = {name: value for name, value in given.items() if _is_filter(name, value)}
    filters = Filters(
        reach=scope(request.user, Task.TRIAGE),
        people=works_for(request.user),
        mailbox_id=int(kept["mailbox"]) if "mailbox" in kept else None,
        unit_id=int(kept["unit"]) if "unit" in kept else None,
        assignee_id=request.user.pk if "mine" in kept else None,
        with_warning="warning" in kept,
    )
    return Asked(filters, f"?{urlencode(kept)}" if kept else "", kept)


def links(query: str) -> list[dict[str, Any]]:
    """The filters as links: each turns one on or off and leaves the others."""
    now = QueryDict(query.lstrip("?"))
    return [
        _link(now, _("Mine"), "mine", "1"),
        _link(now, _("With a warning"), "warning", "1"),
    ]


def choices(asked: Asked, units: Sequence[Any]) -> list[dict[str, Any]]:
    """Mailboxes and units as lists of links, for those that are not chosen often."""
    now = QueryDict(asked.query.lstrip("?"))
    mailboxes = mailboxes_in_use(asked.filters.reach)
    return [
        {
            "name": _("Mailbox"),
            "links": [_link(now, each.name, "mailbox", each.pk) for each in mailboxes],
        },
        {
            "name": _("Unit"),
            "links": [_link(now, each.name, "unit", each.pk) for each in units],
        },
    ]


def _is_filter(name: str, value: str) -> bool:
    if name in ("mine", "warning"):
        return value == "1"
    return whole_number(value) is not None


def _link(now: QueryDict, label: str, name: str, value: object) -> dict[str, Any]:
    wanted = now.copy()
    is_on = now.get(name) == str(value)
    wanted.pop(name, None)
    if not is_on:
        wanted[name] = str(value)
    return {"label": label, "query": f"?{wanted.urlencode()}" if wanted else "", "is_on": is_on}
