"""A case with everything in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import may, requires
from accounts.queries import names
from accounts.rules.roles import Task
from lib.asked import whole_number
from registry import access, queries
from registry.access.answers import may_approve, people_who_read
from registry.access.timeline import Choice, timeline_for
from registry.forms import AssignForm
from registry.forms.answers import CommentForm
from registry.models import Case, Comment, Entry
from registry.models.entry import Direction, EntryStatus
from registry.queries import answers
from registry.queries.search import unread_documents

# A longer case shows its newest entries in full and the others in a line each.
_MOST_IN_FULL, _NEWEST = 30, 20


@require_GET
@requires(Task.READ_CASES)
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """A case: its number, who has it, what runs, and its entries, the newest last."""
    found = access.case_for(request.user, case_id)
    in_full = access.reads_in_full(request.user, found, found.access)
    versions = queries.versions_of_case(found) if in_full else []
    works_on = access.works_on(request.user, found)
    timeline = timeline_for(request.user, found, _chosen(request))
    comments = answers.comments_of_case(found) if in_full else []
    writes = in_full and works_on and may(request.user, Task.ANSWER)
    context = {
        "case": found,
        "title": access.title_of(request.user, found),
        "in_full": in_full,
        "timeline": timeline,
        "events": _events(timeline, comments),
        "in_short": sum(shown.in_short for shown in timeline),
        "writes": writes,
        "to_answer": _to_answer(timeline),
        "drafts": [(each, may_approve(request.user, each)) for each in answers.open_answers(found)]
        if in_full
        else [],
        "posted": answers.posted_letters(found),
        "unread": unread_documents(found),
        "sent": _just_sent(request, found) if writes else None,
        "linked": _just_linked(request, found) if access.corrects(request.user, found) else None,
        "comment_form": CommentForm(people=people_who_read(found))
        if in_full and may(request.user, Task.ANSWER)
        else None,
        "deadlines": queries.deadlines_of_case(found),
        "holds": queries.holds_of_case(found),
        "versions": versions,
        "names": names(
            [
                found.opened_by,
                *(each.made_by for each in versions),
                *(each.made_by for each in comments),
            ]
        ),
        "works_on": works_on,
        "may_correct": access.corrects(request.user, found),
        "assign_form": AssignForm(case=found) if works_on else None,
        "printed_at": timezone.now(),
    }
    return render(request, "registry/case.html", context)


def _chosen(request: HttpRequest) -> Choice:
    """Which entries of a long case are shown in full: the newest, those in which something runs,
    and those from ?entry= on; all of them with ?all=yes."""
    asked = whole_number(request.GET.get("entry", ""))

    def choose(entries: list[Entry]) -> set[int]:
        if len(entries) <= _MOST_IN_FULL or request.GET.get("all") == "yes":
            return {entry.pk for entry in entries}
        places = [place for place, entry in enumerate(entries) if entry.pk == asked]
        there = [entry for place in places for entry in entries[place : place + _NEWEST]]
        running = [entry for entry in entries if entry.running]  # type: ignore[attr-defined]
        return {entry.pk for entry in (*there, *running, *entries[-_NEWEST:])}

    return choose


def _events(timeline: list[access.Shown], comments: list[Comment]) -> list[dict[str, Any]]:
    """Entries, in full or in a line, and comments in one order, the newest last."""
    kinds = {
        Direction.INCOMING.value: ("incoming", _("Received")),
        Direction.OUTGOING.value: ("outgoing", _("Sent")),
        Direction.INTERNAL.value: ("note", _("Made")),
    }
    events: list[dict[str, Any]] = [{"at": each.made_at, "comment": each} for each in comments]
    is_first = True
    for shown in timeline:
        entry = shown.entry
        event: dict[str, Any] = {"at": entry.registered_at}
        if shown.in_short:
            icon, word = kinds[entry.direction]
            event["line"] = {
                "pk": entry.pk,
                "number": entry.reference,
                "title": shown.title or _("Protected title"),
                "icon": icon,
                "what": f"{_('Void')} · {word}" if entry.status == EntryStatus.VOID else word,
                "at": entry.arrived_at,
            }
        else:
            # The key p shows the first document of the first of them.
            event |= {"shown": shown, "is_first": is_first}
            is_first = False
        events.append(event)
    return sorted(events, key=lambda event: event["at"])


def _to_answer(timeline: list[access.Shown]) -> Entry | None:
    """The entry that the reply key answers: the newest outstanding one, else the newest."""
    incoming = [
        shown.entry
        for shown in timeline
        if not shown.is_protected
        and shown.entry.direction == Direction.INCOMING
        and shown.entry.status == EntryStatus.REGISTERED
        and shown.entry.copy_of_id is None
    ]
    outstanding = [entry for entry in incoming if not hasattr(entry, "sign_off")]
    return next(reversed(outstanding or incoming), None)


def _just_sent(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """What the person has just sent, while it can be undone."""
    actor = request.user.actor  # type: ignore[union-attr]
    sent = answers.last_sent(case, by=actor, since=timezone.now() - _window())
    if sent is None or sent.sent_at is None:
        return None
    return {"answer": sent, "seconds": _seconds_left(sent.sent_at)}


def _just_linked(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """The copy that the person has just put in the case, while it can be undone."""
    actor = request.user.actor  # type: ignore[union-attr]
    copy = queries.last_linked(case, by=actor, since=timezone.now() - _window())
    if copy is None:
        return None
    return {"entry": copy, "seconds": _seconds_left(copy.registered_at)}


def _window() -> timedelta:
    return timedelta(seconds=settings.UNDO_SECONDS)


def _seconds_left(done_at: datetime) -> int:
    return int((done_at + _window() - timezone.now()).total_seconds())
