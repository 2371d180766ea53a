"""What else becomes of a message than being registered: pages of their own beside the letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.queries import municipality
from accounts.rules.roles import Task
from intake import queries
from intake.access import message_for
from intake.actions.acknowledging import refusal_for
from intake.actions.misdirect import (
    may_send_on,
    misdirect,
    misdirected_values,
    sends_on_as_a_rule,
)
from intake.forms import MisdirectForm
from intake.models import Message
from intake.models.message import State
from intake.queries import bodies
from intake.views import parts
from lib.refusal import Refused
from outbox.actions.queue import preview_letter
from registry.actions.notices import values_before_registering

# Stands for what nobody knows before the registrar has chosen, or the number has been taken.
_UNKNOWN = "…"


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
            message=message,
            bodies=[*dict(proposed), *others],
            why_not=why_not or "",
            initial={"language": _language(message), **initial},
        )

    form = make(None, forward=why_not is None and sends_on_as_a_rule())
    refusal, status = "", 200
    if "preview" in request.POST:
        form = make(None, **_typed(form, request.POST))
    elif request.method == "POST":
        form, status = make(request.POST), 422
        if form.is_valid():
            try:
                return _misdirect(request, message, form)
            except Refused as refused:
                refusal, status = str(refused), 409
    body, language = form.chosen, str(form["language"].value())
    told = misdirected_values(body, forward=form.forwards) if body else _nothing_chosen()
    context = {
        "form": form,
        "proposed": [
            {"body": body, "word": word, "key": key} for key, (body, word) in enumerate(proposed, 1)
        ],
        "others": others,
        "why_not_sent_on": why_not,
        **_preview(message, kind="misdirected", language=language, values=told),
    }
    return _page(request, message, "intake/misdirected.html", context, refusal, status)


def _misdirect(request: HttpRequest, message: Message, form: MisdirectForm) -> HttpResponse:
    following = queries.next_waiting(message)
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
    return _go_on(request, message, entry, following, done=done, at=now)


def _nothing_chosen() -> dict[str, str]:
    return {"body": _UNKNOWN, "forwarded_to": "", "send_to": _UNKNOWN}


def _language(message: Message) -> str:
    return message.language or message.mailbox.language


def _typed(form: Any, posted: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed so far, as initial values: a preview complains of nothing."""
    return {name: posted.get(name, "") for name in form.fields}


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


def _page(
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


def _go_on(
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
    if following is None:
        return redirect("intake:queue")
    return redirect(reverse("intake:message", args=[following.pk]))
