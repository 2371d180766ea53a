"""The triage queue: a list on the left, the letter and the register panel on the right."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from intake import queries
from intake.access import message_for
from intake.actions import triage
from intake.actions.acknowledging import refusal_for
from intake.forms import RegisterForm, SetAsideForm
from intake.models import Message
from intake.models.message import State
from intake.views import parts
from lib.refusal import Refused
from registry.queries import acknowledgement_of, deadlines_of_message, entries_of_message

_ROWS = 50


@require_GET
@never_cache
@requires(Task.TRIAGE)
def queue(request: HttpRequest) -> HttpResponse:
    """The queue with its oldest message beside it, which does not yet count as opened."""
    return _page(request, queries.waiting(state=State.SCREENED).first(), list_only=True)


@require_GET
@never_cache
@requires(Task.TRIAGE)
def message_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """The queue with one message open; also messages that are done or held."""
    message = message_for(request.user, message_id)
    triage.open_message(
        message_id=message.pk,
        by=request.user.actor,  # type: ignore[union-attr]
        at=timezone.now(),
    )
    return _page(request, message)


@require_GET
@never_cache
@requires(Task.TRIAGE)
def held(request: HttpRequest) -> HttpResponse:
    """What could not be read; it can be downloaded and registered as it is."""
    page = Paginator(queries.waiting(state=State.HELD), _ROWS).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": parts.with_deadlines(page.object_list)}
    return render(request, "intake/held.html", context)


@require_GET
@never_cache
@requires(Task.TRIAGE)
def set_aside_list(request: HttpRequest) -> HttpResponse:
    """What was found to be spam or of minor importance; it can be put back."""
    page = Paginator(queries.set_aside(), _ROWS).get_page(request.GET.get("page"))
    return render(request, "intake/set_aside.html", {"page_obj": page})


@require_POST
@never_cache
@requires(Task.TRIAGE)
def register(request: HttpRequest, message_id: int) -> HttpResponse:
    """Register the message, and go on to the next one."""
    message = message_for(request.user, message_id)
    form = RegisterForm(request.POST, message=message, proposals=queries.proposals_of(message))
    following = queries.next_waiting(message)
    if not form.is_valid():
        return _page(request, message, register_form=form, status=422)
    now = timezone.now()
    try:
        entry = triage.register_message(
            message_id=message.pk,
            decision=form.decision(),
            by=request.user.actor,  # type: ignore[union-attr]
            at=now,
        )
    except Refused as refusal:
        return _refused(request, message, refusal, register_form=form)
    request.session["undo"] = {"message": message.pk, "entry": entry, "at": now.timestamp()}
    return _go_on(following)


@require_POST
@never_cache
@requires(Task.TRIAGE)
def set_aside(request: HttpRequest, message_id: int) -> HttpResponse:
    """Set the message aside as minor or spam, and go on to the next one."""
    message = message_for(request.user, message_id)
    form = SetAsideForm(request.POST)
    following = queries.next_waiting(message)
    if not form.is_valid():
        return _page(request, message, aside_form=form, status=422)
    try:
        triage.set_aside(
            message_id=message.pk,
            state=form.cleaned_data["state"],
            reason=form.cleaned_data["reason"],
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
    except Refused as refusal:
        return _refused(request, message, refusal, aside_form=form)
    messages.success(request, _("Set aside. It is kept and counted."))
    return _go_on(following)


@require_POST
@never_cache
@requires(Task.TRIAGE)
def put_back(request: HttpRequest, message_id: int) -> HttpResponse:
    """Return a message that was set aside to the queue."""
    message = message_for(request.user, message_id)
    try:
        triage.put_back(
            message_id=message.pk,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("intake:message", message_id=message.pk)


@require_POST
@never_cache
@requires(Task.TRIAGE)
def undo(request: HttpRequest, message_id: int) -> HttpResponse:
    """Take back the registration that this person has just made."""
    message = message_for(request.user, message_id)
    last = request.session.get("undo") or {}
    if last.get("message") != message.pk:
        messages.error(request, _("There is nothing to undo. A registration can be corrected."))
        return redirect("intake:queue")
    try:
        triage.undo_registration(
            message_id=message.pk,
            entry_id=last["entry"],
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Undone. The number stays in the registry as void."))
    request.session.pop("undo", None)
    return redirect("intake:message", message_id=message.pk)


def _go_on(following: Message | None) -> HttpResponse:
    if following is None:
        return redirect("intake:queue")
    return redirect(reverse("intake:message", args=[following.pk]))


def _refused(
    request: HttpRequest, message: Message, refusal: Refused, **forms: Any
) -> HttpResponse:
    """409: somebody was faster, or a rule says no; what was typed stays on the page."""
    return _page(request, message, refusal=str(refusal), status=409, **forms)


def _page(
    request: HttpRequest,
    message: Message | None,
    *,
    list_only: bool = False,
    register_form: RegisterForm | None = None,
    aside_form: SetAsideForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    found, earlier, later = queries.waiting_around(message, _ROWS)
    context: dict[str, Any] = {
        "rows": parts.rows(found, message),
        "earlier": earlier,
        "later": later,
        "today": timezone.localdate(),
        "waiting_count": queries.waiting(state=State.SCREENED).count(),
        "held_count": queries.waiting(state=State.HELD).count(),
        "last_arrival": queries.last_arrival(),
        "alarms": queries.standing_alarms(),
        "message": message,
        "view": "list" if list_only else "message",
        "undo": parts.undo_bar(request),
        # Shown in the pane, so that they go when the next message comes.
        "messages": (),
        "notes": list(messages.get_messages(request)),
    }
    if message is not None:
        context |= _opened(request, message)
    # Also when somebody was faster: what was typed stays to be read.
    if message is not None and (context["can_triage"] or register_form or aside_form):
        proposals = queries.proposals_of(message)
        form = register_form or RegisterForm(message=message, proposals=proposals)
        context |= {
            "proposals": parts.cases(proposals),
            "register_form": form,
            "aside_form": aside_form or SetAsideForm(),
            "form": aside_form or form,
            "refusal": refusal,
            "not_acknowledged": refusal_for(message, by_registration=True, at=timezone.now()),
            "undo_seconds": settings.UNDO_SECONDS,
        }
    return render(request, "intake/queue.html", context, status=status)


def _opened(request: HttpRequest, message: Message) -> dict[str, Any]:
    deliveries = queries.deliveries_of(message)
    following = queries.next_waiting(message)
    previous = queries.previous_waiting(message)
    return {
        "head": parts.head(message, deliveries),
        "letter": parts.letter(message, request.GET.get("as") == "text"),
        "files": parts.files(message, queries.attachments_of(message)),
        "deliveries": deliveries,
        "deadlines": deadlines_of_message(message.number),
        "entries": entries_of_message(message.number),
        "acknowledgement": acknowledgement_of(message.number),
        "next_url": following and reverse("intake:message", args=[following.pk]),
        "previous_url": previous and reverse("intake:message", args=[previous.pk]),
        # What has not been read yet has neither kind nor title: it comes in a moment.
        "can_triage": message.state in (State.SCREENED, State.HELD),
    }
