"""Letters out: where each is, and what a person does when one did not arrive."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from lib.asked import whole_number
from lib.refusal import Refused
from outbox import queries
from outbox.access import recipient_for, recipients_for, shown
from outbox.actions.decide import send_again, take_note
from outbox.models import Fate

_ROWS = 50
_DECISIONS = {"again": send_again, "noted": take_note}
_DONE = {"again": _("The letter is sent again."), "noted": _("Noted. It raises no alarm any more.")}
_UNDELIVERED = (Fate.FAILED, Fate.BOUNCED, Fate.UNKNOWN)


@require_GET
@never_cache
@requires(Task.WATCH)
def letters(request: HttpRequest) -> HttpResponse:
    """Letters to recipients, newest first; ?fate=retry shows those of one fate."""
    fate = request.GET.get("fate", "")
    fate = fate if fate in Fate.values else ""
    after = whole_number(request.GET.get("after", ""))
    rows = recipients_for(request.user, fate)
    found = list((rows if after is None else rows.filter(pk__lt=after))[: _ROWS + 1])
    counts = queries.counts_by_fate()
    context = {
        "letters": shown(request.user, found[:_ROWS]),
        "after": after,
        "further": found[_ROWS - 1].pk if len(found) > _ROWS else "",
        "query": f"fate={fate}&" if fate else "",
        "fate": fate,
        "total": sum(counts.values()),
        "fates": [(each.value, each.label, counts.get(each.value, 0)) for each in Fate],
    }
    return render(request, "outbox/letters.html", context)


@require_GET
@never_cache
@requires(Task.WATCH)
def letter(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """One letter to one recipient: what it says and what has become of it."""
    recipient = recipient_for(request.user, recipient_id)
    (letter,) = shown(request.user, [recipient])
    context = {
        "recipient": recipient,
        "is_protected": letter.is_protected,
        "hides_words": letter.is_protected or letter.is_personal,
        "undelivered": recipient.fate in _UNDELIVERED,
    }
    return render(request, "outbox/letter.html", context)


@require_POST
@never_cache
@requires(Task.WATCH)
def decide(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """Send an undelivered letter again, or take note of it."""
    recipient = recipient_for(request.user, recipient_id)
    act = _DECISIONS.get(request.POST.get("decision", ""))
    if act is None:
        return HttpResponseBadRequest()
    try:
        act(
            recipient_id=recipient.pk,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _DONE[request.POST["decision"]])
    return redirect("outbox:letter", recipient_id=recipient.pk)
