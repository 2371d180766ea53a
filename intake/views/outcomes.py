"""What else becomes of a message than being registered: pages of their own beside the letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.queries import municipality
from accounts.rules.roles import Task
from intake import queries
from intake.access import message_for, proposals_for
from intake.actions.acknowledging import refusal_for
from intake.actions.ask import ask_about_entry, register_and_ask
from intake.actions.misdirect import (
    may_send_on,
    misdirect,
    misdirected_values,
    sends_on_as_a_rule,
)
from intake.forms import RegisterForm
from intake.forms.outcomes import AskForm, MisdirectForm
from intake.models import Message
from intake.models.desk import DraftPage
from intake.models.message import State
from intake.queries import bodies, desk
from intake.views import drafts, filters, page, parts
from lib.refusal import Refused
from lib.typed import keeps_typed, taken
from outbox.actions.queue import preview_letter
from registry.access import protected_entry_to_work_on
from registry.actions.ask import missing_values_from
from registry.actions.notices import values_before_registering

# Stands for what nobody knows before the registrar has chosen, or the number has been taken.
_UNKNOWN = "[…]"


@keeps_typed
@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.TRIAGE)
def misdirected(request: HttpRequest, message_id: int) -> HttpResponse:
    """Choose the right body, see the letter, tell the sender; POST with `preview` only shows it."""
    message = message_for(request.user, message_id)
    proposed = bodies.proposed_for(message)
    others = [each for each in bodies.known() if each not in dict(proposed)]
    why_not = may_send_on(message)

    def make(data: Any, **initial: Any) -> MisdirectForm:
        return MisdirectForm(
            data,
            user=request.user,
            message=message,
            bodies=[*dict(proposed), *others],
            why_not=why_not or "",
            initial={"language": _language(message), **initial},
        )

    form = make(None, forward=why_not is None and sends_on_as_a_rule())
    draft, typed = drafts.typed(request, message, DraftPage.MISDIRECTED)
    refusal, status = "", 200
    if typed is not None:
        form = make(None, **_typed(form, typed))
    elif request.method == "POST":
        form, status = make(request.POST), 422
        if form.is_valid():
            try:
                return _misdirect(request, message, form)
            except Refused as refused:
                refusal, status = str(refused), 409
        drafts.keep(request, message, DraftPage.MISDIRECTED, drafts.values(request.POST))
    body, language = form.chosen, _chosen_language(form, message)
    told = misdirected_values(body, forward=form.forwards) if body else _nothing_chosen()
    context = {
        "form": form,
        "proposed": [
            {"body": body, "word": word, "key": key} for key, (body, word) in enumerate(proposed, 1)
        ],
        "others": others,
        "why_not_sent_on": why_not,
        "draft": draft,
        **_preview(message, kind="misdirected", language=language, values=told),
    }
    return beside(request, message, "intake/misdirected.html", context, refusal, status)


def _misdirect(request: HttpRequest, message: Message, form: MisdirectForm) -> HttpResponse:
    following = page.following(request, message)
    now = timezone.now()
    choice = form.misdirection()
    place = municipality()
    # Titles are in the municipality's own language, whoever registers.
    with override(place.default_language if place else None):
        title = _("Misdirected inquiry, belongs to %(body)s") % {
            "body": form.bodies[choice.body_id].name
        }
        public_title = _("Misdirected inquiry")
    entry = misdirect(
        message_id=message.pk,
        decision=form.decision_for(title=title, public_title=public_title),
        choice=choice,
        by=request.user.actor,  # type: ignore[union-attr]
        at=now,
    )
    done = "sent_on" if choice.forward else "misdirected"
    return done_and_on(request, message, entry, following, done=done, at=now)


@keeps_typed
@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.TRIAGE)
def ask(request: HttpRequest, message_id: int) -> HttpResponse:
    """Register the message and ask for what is missing; `preview` only shows the letter."""
    message = message_for(request.user, message_id)
    proposals = proposals_for(request.user, message)
    form = AskForm(None, initial={"language": _language(message), "points": message.missing})
    about: dict[str, Any] = {"user": request.user, "message": message, "proposals": proposals}
    where = RegisterForm(**about)
    panel = desk.draft_of(message, request.user)
    if panel is not None:
        where.take_up(panel.values)
    draft, typed = drafts.typed(request, message, DraftPage.ASK)
    refusal, status = "", 200
    if typed is not None:
        where.take_up(RegisterForm(typed, **about).typed())
        form = AskForm(None, initial=_asked_for(form, typed))
    elif request.method == "POST":
        form, status = AskForm(request.POST), 422
        where = RegisterForm(request.POST, **about)
        if form.is_valid() and where.is_valid():
            try:
                return _ask(request, message, form, where)
            except Refused as refused:
                refusal, status = str(refused), 409
        drafts.keep(request, message, DraftPage.ASK, drafts.values(request.POST))
    context = {
        "form": form,
        "register_form": where,
        "proposals": parts.cases(proposals, request.user),
        "draft": draft,
        **_preview_request(message, form),
    }
    return beside(request, message, "intake/ask.html", context, refusal, status)


def _ask(
    request: HttpRequest, message: Message, form: AskForm, where: RegisterForm
) -> HttpResponse:
    following = page.following(request, message)
    now = timezone.now()
    entry = register_and_ask(
        message_id=message.pk,
        decision=where.decision(),
        points=form.wanted,
        language=form.cleaned_data["language"],
        by=request.user.actor,  # type: ignore[union-attr]
        at=now,
    )
    return done_and_on(request, message, entry, following, done="asked", at=now)


def _chosen_language(form: AskForm | MisdirectForm, message: Message) -> str:
    """The language that is chosen for the letter; the message's while none is that we have."""
    chosen = form["language"].value()
    return chosen if chosen in dict(settings.LANGUAGES) else _language(message)


def _preview_request(message: Message, form: AskForm) -> dict[str, Any]:
    language = _chosen_language(form, message)
    values = missing_values_from(form.wanted or [_UNKNOWN], at=timezone.now(), language=language)
    return _preview(message, kind="missing_information", language=language, values=values)


@keeps_typed
@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.ANSWER)
def ask_about(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Ask the sender of an entry that is registered already; `preview` only shows the letter."""
    entry = protected_entry_to_work_on(request.user, entry_id)
    message = queries.message_numbered(entry.message_number)
    if message is None:
        raise Http404
    form = AskForm(None, initial={"language": _language(message)})
    refusal, status = "", 200
    typed = taken(request) if request.method != "POST" else None
    if "preview" in request.POST:
        typed = request.POST
    if typed is not None:
        form = AskForm(None, initial=_asked_for(form, typed))
    elif request.method == "POST":
        form, status = AskForm(request.POST), 422
        if form.is_valid():
            try:
                ask_about_entry(
                    message_number=entry.message_number,
                    entry_id=entry.pk,
                    points=form.wanted,
                    language=form.cleaned_data["language"],
                    by=request.user.actor,  # type: ignore[union-attr]
                    at=timezone.now(),
                )
            except Refused as refused:
                refusal, status = str(refused), 409
            else:
                text = _("The sender is asked. The letter leaves in %(n)s seconds.")
                messages.success(request, text % {"n": settings.UNDO_SECONDS})
                return redirect("registry:case", case_id=entry.case_id)
    context = {"form": form, "entry": entry, "refusal": refusal, **_preview_request(message, form)}
    return render(request, "intake/ask_about.html", context, status=status)


def _nothing_chosen() -> dict[str, str]:
    return {"body": _UNKNOWN, "forwarded_to": "", "send_to": _UNKNOWN}


def _language(message: Message) -> str:
    return message.language or message.mailbox.language


def _typed(form: forms.Form, posted: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed so far, as initial values: a preview complains of nothing.

    A box that was not ticked was not sent.
    """
    unticked = {
        name: False for name, field in form.fields.items() if isinstance(field, forms.BooleanField)
    }
    return {**unticked, **{name: posted[name] for name in form.fields if name in posted}}


def _asked_for(form: AskForm, posted: QueryDict) -> dict[str, Any]:
    return {**_typed(form, posted), "points": posted.getlist("points")}


def _preview(
    message: Message, *, kind: str, language: str, values: Mapping[str, str]
) -> dict[str, Any]:
    """The letter as it will be sent, and to whom; or why none will be."""
    refusal = refusal_for(message, by_registration=True, at=timezone.now())
    if language not in dict(settings.LANGUAGES):
        language = _language(message)
    shared = values_before_registering(
        received_at=message.received_at, language=language, reference=_UNKNOWN
    )
    return {
        "preview": preview_letter(kind=kind, language=language, values={**shared, **values}),
        "preview_language": language,
        "preview_to": message.envelope_from,
        "not_sent_because": refusal,
        "undo_seconds": settings.UNDO_SECONDS,
    }


def beside(
    request: HttpRequest,
    message: Message,
    template: str,
    context: Mapping[str, Any],
    refusal: str,
    status: int,
) -> HttpResponse:
    """The letter on the left, what is done about it on the right."""
    letter = parts.letter(message, as_text=False)
    deliveries = queries.deliveries_of(message)
    shown = {
        "message": message,
        "query": filters.asked(request).query,
        "view": "message",
        "head": parts.head(message, deliveries),
        # Its other view would lead away from here.
        "letter": letter
        and {key: each for key, each in letter.items() if not key.startswith("other_view")},
        "files": parts.files(message, queries.attachments_of(message)),
        "deliveries": deliveries,
        "can_triage": message.state in (State.SCREENED, State.HELD),
        "refusal": refusal,
        **context,
    }
    return render(request, template, shown, status=status)


def done_and_on(
    request: HttpRequest,
    message: Message,
    entry: int,
    following: Message | None,
    *,
    done: str,
    at: datetime,
) -> HttpResponse:
    """Offer to undo it, on the next message's page."""
    request.session["undo"] = {
        "message": message.pk,
        "entry": entry,
        "at": at.timestamp(),
        "done": done,
    }
    return page.go_on(request, following)
