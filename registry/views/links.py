"""Find a case by number or words, and put an entry in it as well; take it out again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from lib.asked import whole_number
from lib.refusal import Refused
from registry import access
from registry.actions.link import link_entry, undo_link
from registry.views.acting import act_on, stamp

_FOUND = 20


@require_http_methods(["GET", "POST"])
@requires(Task.REGISTER)
def link(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Find the other case (?q=), and choose it."""
    entry = access.protected_entry_for(request.user, entry_id)
    refusal, status = "", 200
    if request.method == "POST":
        number = request.POST.get("case", "")
        case = access.case_for(request.user, whole_number(number) or 0)
        try:
            copy = link_entry(entry_id=entry.pk, case_id=case.pk, **stamp(request))
        except Refused as refused:
            refusal, status = str(refused), 409
        else:
            # The case's page says so, with what undoes it.
            return redirect("registry:case", case_id=copy.case_id)
    text = request.GET.get("q", "")[:100].strip()
    context = {
        "entry": entry,
        "q": text,
        "found": access.open_cases_found(request.user, text, limit=_FOUND, but_not=entry.case_id),
        "refusal": refusal,
    }
    return render(request, "registry/link.html", context, status=status)


@require_POST
@requires(Task.REGISTER)
def undo(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take the copy out of the case again, into which it was just put."""
    copy = access.entry_to_correct(request.user, entry_id)
    return act_on(
        request,
        copy.case,
        lambda who: undo_link(entry_id=copy.pk, **who),
        done=_("Undone. The number stays, void."),
    )
