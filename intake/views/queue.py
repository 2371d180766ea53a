"""The triage queue: a list on the left, the letter and the register panel on the right."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.rules.roles import Task
from intake import queries
from intake.access import in_reach, message_for, messages_for
from intake.actions import triage
from intake.actions.desk import note_presence
from intake.models.message import State
from intake.views import page, parts
from lib.asked import whole_number
from lib.paging import page_by_time


@require_GET
@never_cache
@requires(Task.TRIAGE)
def queue(request: HttpRequest) -> HttpResponse:
    """The queue with its first message beside it, which does not yet count as opened.

    ?from=17 begins with that message (the links to earlier and later ones).
    """
    start = None
    if (given := whole_number(request.GET.get("from", ""))) is not None:
        start = messages_for(request.user).filter(pk=given).first()
    return page.show(request, start=start, list_only=True)


@require_GET
@never_cache
@requires(Task.TRIAGE)
def message_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """The queue with one message open; also messages that are done or held."""
    message = message_for(request.user, message_id)
    now = timezone.now()
    if message.opened_at is None:
        triage.open_message(
            message_id=message.pk,
            by=request.user.actor,  # type: ignore[union-attr]
            at=now,
        )
    note_presence(message_id=message.pk, user_id=request.user.pk, at=now)  # type: ignore[arg-type]
    return page.show(request, message)


@require_GET
@never_cache
@requires(Task.TRIAGE)
def held(request: HttpRequest) -> HttpResponse:
    """What could not be read; it can be downloaded and registered as it is."""
    after = request.GET.get("after", "")
    found = queries.waiting(state=State.HELD).filter(in_reach(request.user))
    rows, further = page_by_time(found, by="received_at", after=after, size=page.ROWS)
    context = {"rows": parts.with_deadlines(rows), "after": after, "further": further}
    return render(request, "intake/held.html", context)


@require_GET
@never_cache
@requires(Task.TRIAGE)
def set_aside_list(request: HttpRequest) -> HttpResponse:
    """What was found to be spam or of minor importance, newest first; it can be put back."""
    after = request.GET.get("after", "")
    found = queries.set_aside().filter(in_reach(request.user))
    rows, further = page_by_time(
        found, by="state_at", after=after, size=page.ROWS, newest_first=True
    )
    context = {"rows": rows, "after": after, "further": further}
    return render(request, "intake/set_aside.html", context)
