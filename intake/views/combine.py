"""Put a message in a case that is found by words, or split it into several entries."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import requires
from accounts.rules.roles import Task
from intake import queries
from intake.access import message_for, proposals_for
from intake.actions.acknowledging import refusal_for
from intake.actions.split import MOST_PARTS, split_message
from intake.forms import OTHER, RegisterForm
from intake.forms.outcomes import PartForm
from intake.models.desk import DraftPage
from intake.queries import desk
from intake.views import drafts, filters, page
from intake.views.outcomes import beside, done_and_on
from lib.asked import whole_number
from lib.refusal import Refused
from lib.typed import keeps_typed
from registry.access import case_for, open_cases_found, title_of

_FOUND = 20


@require_GET
@never_cache
@requires(Task.TRIAGE)
def join(request: HttpRequest, message_id: int) -> HttpResponse:
    """Find a case (?q=), choose it (?case=), and register the message there."""
    message = message_for(request.user, message_id)
    text = request.GET.get("q", "")[:100].strip()
    context: dict[str, Any] = {
        "q": text,
        "kept": filters.asked(request).given,
        "found": open_cases_found(request.user, text, limit=_FOUND),
    }
    number = request.GET.get("case", "")
    if number:
        case = case_for(request.user, whole_number(number) or 0)
        form = RegisterForm(
            user=request.user, message=message, proposals=proposals_for(request.user, message)
        )
        draft = desk.draft_of(message, request.user)
        if draft is not None:
            form.take_up(draft.values)
        form.initial.update(case=OTHER, other_case=case.reference)
        context |= {"register_form": form, "case": case, "case_title": title_of(request.user, case)}
    return beside(request, message, "intake/join.html", context, "", 200)


@keeps_typed
@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.TRIAGE)
def split(request: HttpRequest, message_id: int) -> HttpResponse:
    """Describe each entry, and register all of them at once; POST with `more` only adds one."""
    message = message_for(request.user, message_id)
    draft, typed = drafts.typed(request, message, DraftPage.SPLIT)
    asked = (typed or request.POST or request.GET).get("parts", "")
    parts = min(MOST_PARTS, max(2, whole_number(asked) or 2))
    count = min(MOST_PARTS, parts + ("more" in request.POST))
    proposals = proposals_for(request.user, message)
    attachments = queries.attachments_of(message)

    def make(number: int, data: Any) -> PartForm:
        return PartForm(
            data,
            prefix=f"part{number}",
            user=request.user,
            message=message,
            proposals=proposals,
            attachments=attachments,
            mine=[each.pk for place, each in enumerate(attachments) if place % count == number],
        )

    sent = request.POST if request.method == "POST" and typed is None else None
    forms = [make(number, sent) for number in range(count)]
    if typed is not None:
        # What is typed so far stays, and nothing is complained of yet.
        for number in range(parts):
            forms[number].take_up(make(number, typed).typed())
    refusal, status = "", 200
    if sent is not None:
        status = 422
        # Each is asked, so that all errors are shown at once.
        valid = [form.is_valid() for form in forms]
        if all(valid):
            following = page.following(request, message)
            now = timezone.now()
            try:
                entries = split_message(
                    message_id=message.pk,
                    parts=[form.part() for form in forms],
                    by=request.user.actor,  # type: ignore[union-attr]
                    at=now,
                )
            except Refused as refused:
                refusal, status = str(refused), 409
            else:
                return done_and_on(request, message, entries[0], following, done="split", at=now)
        drafts.keep(request, message, DraftPage.SPLIT, drafts.values(request.POST))
    context = {
        "parts": [{"form": form} for form in forms],
        "draft": draft,
        "may_have_more": count < MOST_PARTS,
        "not_sent_because": refusal_for(message, by_registration=True, at=timezone.now()),
    }
    return beside(request, message, "intake/split.html", context, refusal, status)
