"""The queue's page: the list, the message that is open, and what is done with it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import may
from accounts.queries import people_who_may, units_in_use
from accounts.rules.roles import Task
from intake import queries
from intake.access import copies_for, proposals_for, requests_for
from intake.actions.acknowledging import refusal_for
from intake.actions.desk import note_presence
from intake.forms import RegisterForm, SetAsideForm
from intake.models import Draft, Message
from intake.models.message import State
from intake.queries import desk
from intake.views import filters, parts
from lib.refusal import Refused
from registry.queries import acknowledgement_of, deadlines_of_message, entries_of_message

ROWS = 50


def show(
    request: HttpRequest,
    message: Message | None = None,
    *,
    start: Message | None = None,
    list_only: bool = False,
    register_form: RegisterForm | None = None,
    aside_form: SetAsideForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page with a message open, and forms as they were sent when they must stay.

    `list_only`: the list from `start` on, or from the oldest, with its first message beside it.
    """
    asked = filters.asked(request)
    if message is not None and not list_only:
        start = desk.page_start(message, asked.filters, rows=ROWS)
    found = desk.queue_page(asked.filters, start=start, rows=ROWS)
    now = timezone.now()
    if list_only:
        message = _shown(found.messages)
        if message is not None:
            # It can be decided on right here, so a colleague ought to know.
            note_presence(message_id=message.pk, user_id=request.user.pk, at=now)  # type: ignore[arg-type]
    units = units_in_use()
    aside = aside_form or SetAsideForm()
    context: dict[str, Any] = {
        "rows": parts.rows(found.messages, message, user=request.user, query=asked.query, at=now),
        "earlier_from": found.earlier_from,
        "later_from": found.later_from,
        "query": asked.query,
        "filters": filters.links(asked.query),
        "more_filters": filters.choices(asked, units),
        "today": timezone.localdate(),
        "now": now,
        "waiting_count": desk.count_queue(asked.filters),
        "most_counted": desk.MOST_COUNTED,
        "held_count": desk.count_held(
            desk.Filters(reach=asked.filters.reach, people=asked.filters.people)
        ),
        "last_arrival": queries.last_arrival(),
        "last_fetch": queries.last_fetch(),
        "alarms": queries.standing_alarms(),
        "message": message,
        "view": "list" if list_only else "message",
        "aside_form": aside,
        "undo": parts.undo_bar(request),
        # Shown in the pane, so that they go when the next message comes.
        "messages": (),
        "notes": list(messages.get_messages(request)),
    }
    if may(request.user, Task.ASSIGN):
        context |= {"units": units, "people": people_who_may(Task.TRIAGE)}
    if message is not None:
        context |= _opened(request, message, asked, found)
    # Also when somebody was faster: what was typed stays to be read.
    if message is not None and (context["can_triage"] or register_form or aside_form):
        context |= _decided(request, message, register_form, refusal)
        context["form"] = aside_form or context["register_form"]
    return render(request, "intake/queue.html", context, status=status)


def _shown(found: list[Message]) -> Message | None:
    # The list has no texts, and the page of one message needs them.
    if found:
        found[0].refresh_from_db(fields=["text", "html"])
    return found[0] if found else None


def go_on(request: HttpRequest, following: Message | None) -> HttpResponse:
    """To the message that follows in the part of the queue that the person came from."""
    query = filters.asked(request).query
    if following is None:
        return redirect(reverse("intake:queue") + query)
    return redirect(reverse("intake:message", args=[following.pk]) + query)


def following(request: HttpRequest, message: Message) -> Message | None:
    """The message that comes next; to be asked before this one leaves the queue."""
    return desk.next_in_queue(message, filters.asked(request).filters)


def refused(request: HttpRequest, message: Message, refusal: Refused, **forms: Any) -> HttpResponse:
    """409: somebody was faster, or a rule says no; what was typed stays on the page."""
    return show(request, message, refusal=str(refusal), status=409, **forms)


def _opened(
    request: HttpRequest, message: Message, asked: filters.Asked, found: desk.QueuePage
) -> dict[str, Any]:
    deliveries = queries.deliveries_of(message)
    before, after = desk.neighbours(message, found, asked.filters)
    files = parts.files(message, queries.attachments_of(message))
    return {
        "head": parts.head(message, deliveries),
        "letter": parts.letter(message, request.GET.get("as") == "text", asked.query),
        "files": files,
        "files_shown": any(each["preview_url"] for each in files),
        "deliveries": deliveries,
        "deadlines": deadlines_of_message(message.number),
        "entries": entries_of_message(message.number),
        "acknowledgement": acknowledgement_of(message.number),
        "presence": parts.presence(message, request.user, timezone.now()),
        "next_url": after and reverse("intake:message", args=[after.pk]) + asked.query,
        "previous_url": before and reverse("intake:message", args=[before.pk]) + asked.query,
        # What has not been read yet has neither kind nor title: it comes in a moment.
        "can_triage": message.state in (State.SCREENED, State.HELD),
    }


def _decided(
    request: HttpRequest,
    message: Message,
    register_form: RegisterForm | None,
    refusal: str,
) -> dict[str, Any]:
    proposals = proposals_for(request.user, message)
    draft: Draft | None = None
    if register_form is None:
        register_form = RegisterForm(user=request.user, message=message, proposals=proposals)
        draft = desk.draft_of(message, request.user)
        if draft is not None:
            register_form.take_up(draft.values)
    return {
        "proposals": parts.cases(proposals, request.user),
        "register_form": register_form,
        "draft": draft,
        "title_check": parts.title_check(
            message,
            title=register_form["title"].value(),
            public_title=register_form["public_title"].value(),
            document_type=register_form["document_type"].value(),
        ),
        "refusal": refusal,
        "requests": requests_for(request.user, message),
        "copies": copies_for(request.user, message),
        "not_acknowledged": refusal_for(message, by_registration=True, at=timezone.now()),
        "undo_seconds": settings.UNDO_SECONDS,
    }
