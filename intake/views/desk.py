"""What the open page asks for meanwhile: drafts, who else is here, what is new, titles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import may, requires
from accounts.rules.roles import Task
from intake.access import message_for, proposals_for
from intake.actions.desk import drop_draft, note_presence, save_draft
from intake.forms import RegisterForm
from intake.models import Message
from intake.models.desk import DraftPage
from intake.queries import desk
from intake.views import drafts, filters, page, parts
from lib.refusal import Refused

_NOTHING_NEW = 204


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.TRIAGE)
def draft(request: HttpRequest, message_id: int) -> HttpResponse:
    """Keep what is typed. Scripts get 204; a button gets the message's page again.

    The button "use the proposed public title" saves the draft with that title, "forget" drops it.
    """
    message = message_for(request.user, message_id)
    if request.method != "POST":
        return page.go_on(request, message)
    user_id: int = request.user.pk  # type: ignore[assignment]
    of = drafts.asked_page(request)
    if "forget" in request.POST:
        drop_draft(message_id=message.pk, user_id=user_id, page=of)
        return drafts.page_again(request, message, of)
    typed = _typed(request, message) if of == DraftPage.REGISTER else drafts.values(request.POST)
    try:
        save_draft(message_id=message.pk, user_id=user_id, page=of, values=typed, at=timezone.now())
    except Refused as refusal:
        if request.headers.get("X-Draft"):
            return HttpResponse(str(refusal), status=409, content_type="text/plain")
        messages.error(request, str(refusal))
    if request.headers.get("X-Draft"):
        return HttpResponse(status=204)
    return drafts.page_again(request, message, of)


def _typed(request: HttpRequest, message: Message) -> dict[str, Any]:
    """What stands in the register panel, with the proposed public title if that was asked for."""
    form = RegisterForm(
        request.POST,
        user=request.user,
        message=message,
        proposals=proposals_for(request.user, message),
    )
    values = form.typed()
    if "use_proposed" in request.POST:
        check = parts.title_check(
            message,
            title=values.get("title", ""),
            public_title=values.get("public_title", ""),
            document_type=values.get("document_type", ""),
        )
        if check is not None:
            values["public_title"] = check["proposal"]
    return values


@require_POST
@never_cache
@requires(Task.TRIAGE)
def title_check(request: HttpRequest, message_id: int) -> HttpResponse:
    """The box about the titles as they stand in the form now."""
    message = message_for(request.user, message_id)
    form = RegisterForm(
        request.POST,
        user=request.user,
        message=message,
        proposals=proposals_for(request.user, message),
    )
    context = {
        "message": message,
        "query": filters.asked(request).query,
        "register_form": form,
        "title_check": parts.title_check(
            message,
            title=request.POST.get("title", ""),
            public_title=request.POST.get("public_title", ""),
            document_type=request.POST.get("document_type", ""),
        ),
        "is_answer": True,
    }
    return render(request, "intake/_title_check.html", context)


@require_GET
@never_cache
@login_not_required
def presence(request: HttpRequest, message_id: int) -> HttpResponse:
    """Who else has the message open; also keeps this person's own sign of life.

    Answers nothing to somebody who was signed out: the page with what was typed must stay.
    """
    if not may(request.user, Task.TRIAGE):
        return HttpResponse(status=_NOTHING_NEW)
    message = message_for(request.user, message_id)
    now = timezone.now()
    note_presence(message_id=message.pk, user_id=request.user.pk, at=now)  # type: ignore[arg-type]
    found = parts.presence(message, request.user, now)
    if found["known"] == request.GET.get("known", ""):
        return HttpResponse(status=_NOTHING_NEW)
    return render(request, "intake/_presence.html", {"message": message, "presence": found})


@require_GET
@never_cache
@login_not_required
def arrivals(request: HttpRequest) -> HttpResponse:
    """How many messages have come since the list was made; the list itself stays as it is."""
    since = _instant(request.GET.get("since", ""))
    if since is None or not may(request.user, Task.TRIAGE):
        return HttpResponse(status=_NOTHING_NEW)
    asked = filters.asked(request)
    count = desk.count_new(since, asked.filters)
    if str(count) == request.GET.get("shown", "0"):
        return HttpResponse(status=_NOTHING_NEW)
    context = {"count": count, "most": desk.MOST_NEW, "since": since, "query": asked.query}
    return render(request, "intake/_arrivals.html", context)


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None
