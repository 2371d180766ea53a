"""What is typed about a message and not sent yet, for each page on which one types about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from intake.actions.desk import save_draft
from intake.models import Draft, Message
from intake.models.desk import DraftPage
from intake.queries import desk
from intake.views import filters, page
from lib.refusal import Refused
from lib.typed import taken

# What a form sends that only asks for the page anew; and all that it sends beside its fields.
_ONLY_ASKS = frozenset({"more", "preview"})
_NOT_TYPED = _ONLY_ASKS | {"csrfmiddlewaretoken", "draft_of"}
_ADDRESSES = {
    DraftPage.MISDIRECTED: "intake:misdirected",
    DraftPage.ASK: "intake:ask",
    DraftPage.SPLIT: "intake:split",
}


def asked_page(request: HttpRequest) -> DraftPage:
    """Which page a form says it is of; the register panel's says nothing."""
    named = request.POST.get("draft_of", "")
    return DraftPage(named) if named in DraftPage.values else DraftPage.REGISTER


def values(posted: QueryDict) -> dict[str, list[str]]:
    """The fields of a form as they were sent, each with all its values."""
    return {name: posted.getlist(name) for name in posted if name not in _NOT_TYPED}


def keep(request: HttpRequest, message: Message, of: DraftPage, typed: Mapping[str, Any]) -> None:
    """Keep what was typed; without scripts a form that is sent is all that the server sees."""
    try:
        save_draft(
            message_id=message.pk,
            user_id=request.user.pk,  # type: ignore[arg-type]
            page=of,
            values=typed,
            at=timezone.now(),
        )
    except Refused:
        return  # settled already, or no form of ours: the page shows what was typed, once


def typed(
    request: HttpRequest, message: Message, of: DraftPage
) -> tuple[Draft | None, QueryDict | None]:
    """The draft that the page begins with, and the fields that it is to show.

    Fields come from a form that only asks for the page anew (`preview`, `more`), from what was
    typed before the person had to sign in again, or from the draft. None where a form was sent.
    """
    if request.method == "POST":
        if _ONLY_ASKS.isdisjoint(request.POST):
            return None, None
        keep(request, message, of, values(request.POST))
        return None, request.POST
    before = taken(request)
    if before is not None:
        keep(request, message, of, values(before))
    draft = desk.draft_of(message, request.user, of)
    return draft, None if draft is None else _as_posted(draft)


def _as_posted(draft: Draft) -> QueryDict:
    posted = QueryDict(mutable=True)
    for name, sent in draft.values.items():
        posted.setlist(name, sent)
    return posted


def page_again(request: HttpRequest, message: Message, of: DraftPage) -> HttpResponse:
    """To the page on which it was typed."""
    if of not in _ADDRESSES:
        return page.go_on(request, message)
    return redirect(reverse(_ADDRESSES[of], args=[message.pk]) + filters.asked(request).query)
