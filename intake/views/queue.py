"""The triage queue: a list on the left, the letter and the register panel on the right."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from intake import queries
from intake.access import message_for
from intake.actions import triage
from intake.forms import RegisterForm, SetAsideForm
from intake.models import Message
from intake.models.message import State
from lib.refusal import Refused
from registry.queries import deadlines_of_message, entries_of_message

_ROWS = 50


@require_GET
@requires(Task.TRIAGE)
def queue(request: HttpRequest) -> HttpResponse:
    """The queue with its oldest message open."""
    first = queries.waiting(state=State.SCREENED).first()
    return _page(request, first)


@require_GET
@requires(Task.TRIAGE)
def message_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """The queue with one message open; also messages that are done or held."""
    return _page(request, message_for(request.user, message_id))


@require_GET
@requires(Task.TRIAGE)
def held(request: HttpRequest) -> HttpResponse:
    """What could not be read; it can be downloaded and registered as it is."""
    rows = Paginator(queries.waiting(state=State.HELD), _ROWS).get_page(request.GET.get("page"))
    return render(request, "intake/held.html", {"rows": rows})


@require_GET
@requires(Task.TRIAGE)
def set_aside_list(request: HttpRequest) -> HttpResponse:
    """What was found to be spam or of minor importance; it can be put back."""
    rows = Paginator(queries.set_aside(), _ROWS).get_page(request.GET.get("page"))
    return render(request, "intake/set_aside.html", {"rows": rows})


@require_POST
@requires(Task.TRIAGE)
def register(request: HttpRequest, message_id: int) -> HttpResponse:
    """Register the message, and go on to the next one."""
    message = message_for(request.user, message_id)
    form = RegisterForm(request.POST, message=message, proposals=queries.proposals_of(message))
    following = queries.next_waiting(message)
    if not form.is_valid():
        return _page(request, message, register_form=form, status=422)
    try:
        entry = triage.register_message(
            message_id=message.pk,
            decision=form.decision(),
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
    except Refused as refusal:
        return _refused(request, message, refusal, register_form=form)
    request.session["undo"] = {"message": message.pk, "entry": entry}
    messages.success(request, _("Registered. The acknowledgement leaves in a moment."))
    return _go_on(following)


@require_POST
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
    register_form: RegisterForm | None = None,
    aside_form: SetAsideForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    rows = list(queries.waiting(state=State.SCREENED)[: _ROWS + 1])
    context: dict[str, Any] = {
        "rows": rows[:_ROWS],
        "more_rows": len(rows) > _ROWS,
        "waiting_count": queries.waiting(state=State.SCREENED).count(),
        "held_count": queries.waiting(state=State.HELD).count(),
        "last_arrival": queries.last_arrival(),
        "message": message,
        "refusal": refusal,
        "undo": request.session.get("undo"),
    }
    if message is not None:
        triage.open_message(
            message_id=message.pk,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
        proposals = queries.proposals_of(message)
        context |= {
            "proposals": proposals,
            "deliveries": queries.deliveries_of(message),
            "attachments": list(message.attachments.order_by("pk")),
            "deadlines": deadlines_of_message(message.number),
            "entries": entries_of_message(message.number),
            "next": queries.next_waiting(message),
            "previous": queries.previous_waiting(message),
            "can_triage": message.state in queries.WAITING,
            "register_form": register_form or RegisterForm(message=message, proposals=proposals),
            "aside_form": aside_form or SetAsideForm(),
        }
    return render(request, "intake/queue.html", context, status=status)
