"""What a registrar decides about messages: register, set aside, give away, take back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import may, requires
from accounts.rules.roles import Task
from intake.access import message_for, messages_for, proposals_for
from intake.actions import assign, triage
from intake.forms import AssignForm, BulkForm, RegisterForm, SetAsideForm
from intake.models import Message
from intake.models.desk import DraftPage
from intake.views import drafts, filters, page
from lib.refusal import Refused
from lib.typed import keeps_typed, taken


@keeps_typed
@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.TRIAGE)
def register(request: HttpRequest, message_id: int) -> HttpResponse:
    """Register the message, and go on to the next one.

    GET is where somebody lands who was signed out meanwhile: back to the message, and the draft.
    """
    message = message_for(request.user, message_id)
    posted = request.POST if request.method == "POST" else taken(request)
    if posted is None:
        return page.go_on(request, message)
    form = RegisterForm(
        posted,
        user=request.user,
        message=message,
        proposals=proposals_for(request.user, message),
    )
    if request.method != "POST":
        drafts.keep(request, message, DraftPage.REGISTER, form.typed())
        return page.go_on(request, message)
    following = page.following(request, message)
    if not form.is_valid():
        drafts.keep(request, message, DraftPage.REGISTER, form.typed())
        if form.words_for_case:
            return _find_case(request, message, form.words_for_case)
        return page.show(request, message, register_form=form, status=422)
    now = timezone.now()
    try:
        entry = triage.register_message(
            message_id=message.pk,
            decision=form.decision(),
            by=request.user.actor,  # type: ignore[union-attr]
            at=now,
        )
    except Refused as refusal:
        drafts.keep(request, message, DraftPage.REGISTER, form.typed())
        message.refresh_from_db(fields=["state"])
        return page.refused(request, message, refusal, register_form=form)
    request.session["undo"] = {"message": message.pk, "entry": entry, "at": now.timestamp()}
    return page.go_on(request, following)


def _find_case(request: HttpRequest, message: Message, words: str) -> HttpResponse:
    # What else was typed is kept as a draft, which the page of the found case begins with.
    query = urlencode({**filters.asked(request).given, "q": words[:100]})
    return redirect(f"{reverse('intake:join', args=[message.pk])}?{query}")


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.TRIAGE)
def set_aside(request: HttpRequest, message_id: int) -> HttpResponse:
    """Set the message aside as minor or spam, and go on to the next one."""
    message = message_for(request.user, message_id)
    if request.method != "POST":
        return page.go_on(request, message)
    form = SetAsideForm(request.POST)
    following = page.following(request, message)
    if not form.is_valid():
        return page.show(request, message, aside_form=form, status=422)
    try:
        triage.set_aside(
            message_id=message.pk,
            state=form.cleaned_data["state"],
            reason=form.cleaned_data["reason"],
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
    except Refused as refusal:
        message.refresh_from_db(fields=["state"])
        return page.refused(request, message, refusal, aside_form=form)
    request.session["undo"] = {"aside": [message.pk], "at": timezone.now().timestamp()}
    return page.go_on(request, following)


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
        return page.go_on(request, message)
    messages.success(request, _("Undone. The number stays in the registry as void."))
    request.session.pop("undo", None)
    return page.go_on(request, message)


@require_POST
@never_cache
@requires(Task.TRIAGE)
def undo_aside(request: HttpRequest) -> HttpResponse:
    """Put back what this person has just set aside."""
    last = request.session.get("undo") or {}
    if "aside" not in last:
        # Done already, or the page is older than what was done last, which can still be undone.
        messages.error(request, _("There is nothing to undo."))
        return page.go_on(request, None)
    del request.session["undo"]
    back = 0
    for message in messages_for(request.user).filter(pk__in=last["aside"]):
        try:
            triage.put_back(
                message_id=message.pk,
                by=request.user.actor,  # type: ignore[union-attr]
                at=timezone.now(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            back += 1
    if back:
        text = ngettext("%(n)s message is back.", "%(n)s messages are back.", back) % {"n": back}
        messages.success(request, text)
    if len(last["aside"]) == 1:
        aside = reverse("intake:message", args=last["aside"])
        return redirect(aside + filters.asked(request).query)
    return page.go_on(request, None)


@require_POST
@never_cache
@requires(Task.TRIAGE)
def give(request: HttpRequest, message_id: int) -> HttpResponse:
    """Give one message to a unit or a person, and stay with it."""
    message = message_for(request.user, message_id)
    _assign(request, [message.pk])
    return page.go_on(request, message)


@require_POST
@never_cache
@requires(Task.TRIAGE)
def bulk(request: HttpRequest) -> HttpResponse:
    """Give several messages away, or set them aside; registering stays one by one."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose messages in the list first."))
        return page.go_on(request, None)
    chosen = list(
        messages_for(request.user)
        .filter(pk__in=form.cleaned_data["chosen"])
        .order_by("received_at", "pk")
        .values_list("pk", flat=True)
    )
    if form.cleaned_data["do"] == "assign":
        _assign(request, chosen)
    else:
        _set_aside(request, chosen, form.cleaned_data["do"], form.cleaned_data["reason"])
    return page.go_on(request, None)


def _assign(request: HttpRequest, chosen: list[int]) -> None:
    if not may(request.user, Task.ASSIGN):
        raise PermissionDenied
    form = AssignForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a unit or a person to give it to."))
        return
    try:
        given = assign.assign_messages(
            message_ids=chosen,
            unit_id=form.cleaned_data["unit"],
            assignee_id=form.cleaned_data["person"],
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return
    text = ngettext("%(n)s message is given.", "%(n)s messages are given.", given)
    messages.success(request, text % {"n": given})


def _set_aside(request: HttpRequest, chosen: list[int], state: str, reason: str) -> None:
    now = timezone.now()
    done, refused = triage.set_aside_each(
        message_ids=chosen,
        state=state,
        reason=reason,
        by=request.user.actor,  # type: ignore[union-attr]
        at=now,
    )
    request.session["undo"] = {"aside": done, "at": now.timestamp()}
    if refused:
        text = ngettext(
            "%(n)s message could not be set aside: somebody has dealt with it already.",
            "%(n)s messages could not be set aside: somebody has dealt with them already.",
            refused,
        )
        messages.error(request, text % {"n": refused})
