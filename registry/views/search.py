"""The registry as a list that is searched and narrowed, its saved views, and its files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import may, requires
from accounts.rules.roles import Task
from lib import sheets
from lib.refusal import Refused
from registry import access
from registry.actions.note_export import note_export
from registry.actions.saved_views import forget_view, save_view, view_seen, views_left
from registry.forms import SearchForm
from registry.models.case import Access
from registry.models.entry import UNCHECKED, Direction, EntryStatus
from registry.queries.search import (
    last_view,
    saved_view,
    saved_views,
    texts_that_wait,
    unchecked,
)
from registry.rules.searching import Criteria, Order, without
from registry.search import Hit, Page, Search

_ROWS = 50
_MOST_ROWS_OF_A_FILE = 5_000
_CASES = 5
_MOST_UNCHECKED = 1_000


@require_GET
@requires(Task.READ_CASES)
def entries(request: HttpRequest) -> HttpResponse:
    """Entries, newest first, or those that fit what is looked for.

    An address that asks for nothing begins with the view that the person used last; ?view=all
    leaves it.
    """
    if not request.GET and (last := last_view(_user_id(request))) and last.query:
        return redirect(f"{reverse('registry:cases')}?{last.query}")
    if request.GET.get("view") == "all":
        views_left(user_id=_user_id(request))
    form = SearchForm(request.GET)
    criteria = form.criteria()
    is_first = "after" not in request.GET
    page, near_only = _found(request, criteria)
    rows, views = _rows(request.user, page.hits), _views(request, form)
    # A page of words in a row may be empty, and the next one not.
    has_hits = bool(page.hits or page.after) and not near_only
    by_words = bool(criteria.text and not criteria.near and not page.by_number)
    near = {"near": "on"} if near_only else {}
    query = form.query(*near, **near)
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "rows": rows,
        "passes": any(row["passes"] for row in rows),
        "unchecked": unchecked(access.entries_for(request.user), most=_MOST_UNCHECKED)
        if may(request.user, Task.CORRECT)
        else 0,
        "has_last": any(each["view"].is_last for each in views),
        "query": query,
        "next": form.query(*near, **near, after=page.after) if page.after else "",
        "is_first": is_first,
        "cases": _cases(request, criteria.text) if criteria.text and is_first else [],
        "near_only": near_only,
        "nearly": form.query("near", near="on") if by_words and has_hits else "",
        "newest": form.query("order", *near, **near, order=Order.NEWEST.value),
        "less": [] if has_hits else _with_one_filter_less(request, form),
        "narrowed": form.narrowed(),
        "filtered": len(form.narrowed()) > bool(criteria.text) or form.errors,
        "views": views,
        "waiting": texts_that_wait(),
        "most": _MOST_ROWS_OF_A_FILE,
    }
    if any(each["current"] for each in views):
        view_seen(user_id=_user_id(request), query=form.query(), at=timezone.now())
    return render(request, "registry/entries.html", context)


@require_GET
@requires(Task.READ_CASES)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """What the filter gives as a file; too much of it asks for narrowing instead."""
    form = SearchForm(request.GET)
    hits = _search(request, form.criteria()).all(_MOST_ROWS_OF_A_FILE + 1)
    if len(hits) > _MOST_ROWS_OF_A_FILE:
        messages.error(
            request,
            _("A file holds %(most)s entries at most. Narrow the list first, by date for example.")
            % {"most": _MOST_ROWS_OF_A_FILE},
        )
        return redirect(f"{reverse('registry:cases')}?{form.query()}")
    now = timezone.now()
    local = timezone.localtime(now)
    about = [
        (_("Entries of the registry"),),
        (_("Taken out"), sheets.Worded(date_format(local, "DATETIME_FORMAT"), local)),
        *(form.narrowed() or [(_("Filter"), _("None"))]),
    ]
    rows: list[Sequence[object]] = [
        _headings(),
        *(_cells(row) for row in _rows(request.user, hits)),
    ]
    note_export(rows=len(hits), kind=kind, by=request.user.actor, at=now)  # type: ignore[union-attr]
    make, media_type = {
        "csv": (sheets.as_csv, sheets.CSV),
        "xlsx": (sheets.as_xlsx, sheets.XLSX),
    }[kind]
    response = HttpResponse(make(about, rows), content_type=media_type)
    name = f"{local:%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@requires(Task.READ_CASES)
def save(request: HttpRequest) -> HttpResponse:
    """Save the search that is shown as one of the person's own views."""
    query = SearchForm(request.POST).query()
    try:
        save_view(
            user_id=_user_id(request),
            name=request.POST.get("name", ""),
            query=query,
            at=timezone.now(),
        )
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The view is saved. It is yours alone."))
    return _back(query)


@require_POST
@requires(Task.READ_CASES)
def forget(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget one of the person's own views."""
    if saved_view(_user_id(request), view_id) is None:
        raise Http404
    forget_view(user_id=_user_id(request), view_id=view_id)
    messages.success(request, _("The view is forgotten."))
    return _back("")


def _user_id(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _found(request: HttpRequest, criteria: Criteria) -> tuple[Page, bool]:
    """The page that is asked for; where nothing is spelt so, what is spelt nearly so, and True."""
    page = _search(request, criteria).page(request.GET.get("after", ""), _ROWS)
    is_spelt = page.hits or page.after or "after" in request.GET
    if is_spelt or criteria.near or not criteria.text:
        return page, False
    nearly = _search(request, replace(criteria, near=True)).page("", _ROWS)
    return (nearly, True) if nearly.hits else (page, False)


def _search(request: HttpRequest, criteria: Criteria) -> Search:
    return Search(request.user, criteria, _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


def _back(query: str) -> HttpResponseRedirect:
    return redirect(f"{reverse('registry:cases')}?{query}")


def _cases(request: HttpRequest, text: str) -> list[dict[str, Any]]:
    found = access.find_cases(request.user, text)[:_CASES]
    return [{"case": case, "title": access.title_of(request.user, case)} for case in found]


def _with_one_filter_less(request: HttpRequest, form: SearchForm) -> list[dict[str, str]]:
    """The filters of which one stands in the way of hits, as links that leave it out."""
    return [
        {"label": str(form.fields[field].label), "query": form.query(field)}
        for name, criteria in without(form.criteria())
        for field in ["q" if name == "text" else name]
        if len(form.narrowed()) > 1 and _search(request, criteria).exists()
    ]


def _views(request: HttpRequest, form: SearchForm) -> list[dict[str, Any]]:
    """The person's views; `changed` when something new has come since the person looked."""
    shown, query = [], form.query()
    for view in saved_views(_user_id(request)):
        criteria = SearchForm(QueryDict(view.query), choices=form.choices).criteria()
        current = view.query == query
        search = Search(request.user, criteria, _zone(), since=view.seen_at)
        shown.append({"view": view, "current": current, "changed": not current and search.exists()})
    return shown


def _headings() -> list[str]:
    return [
        *(_("Number"), _("Registered"), _("In or out"), _("Title"), _("Party"), _("Unit")),
        *(_("Access"), _("Status")),
    ]


def _rows(user: Any, hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """Hits as they are written in a list; choices are put into words once for all rows.

    `passes` is the id of an entry that the person may let pass quality control.
    """
    directions, levels, states = _words(Direction), _words(Access), _words(EntryStatus)
    unchecked = str(UNCHECKED[1])
    return [
        {
            "case": hit.entry.case_id,
            "number": hit.entry.reference,
            "at": hit.entry.registered_at,
            "direction": directions[hit.entry.direction],
            "title": hit.title,
            "in_full": hit.in_full,
            "party": ", ".join(filter(None, (party.name or party.email for party in hit.parties))),
            "unit": hit.entry.case.unit.name,
            "access": levels[hit.entry.access],
            "status": unchecked if hit.entry.is_unchecked else states[hit.entry.status],
            "passes": hit.entry.pk
            if hit.in_full and hit.entry.is_unchecked and access.corrects(user, hit.entry.case)
            else None,
            "is_void": hit.entry.status == EntryStatus.VOID,
        }
        for hit in hits
    ]


def _words(choices: type[TextChoices]) -> dict[str, str]:
    return {value: str(label) for value, label in choices.choices}


def _cells(row: dict[str, Any]) -> list[object]:
    return [
        row["number"],
        timezone.localtime(row["at"]).date(),
        row["direction"],
        row["title"] or _("Protected title"),
        *(row["party"], row["unit"], row["access"], row["status"]),
    ]
