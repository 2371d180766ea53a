"""Let the deadlines of an entry stand still, and run again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from lib.refusal import Refused
from registry import access
from registry.actions.pause import pause_deadlines, resume_deadlines
from registry.forms import PauseForm
from registry.models import Entry
from registry.views.acting import stamp


@require_http_methods(["GET", "POST"])
@requires(Task.ANSWER)
def entry_pause(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Pause what may be paused of an entry, with a reason."""
    entry = access.entry_to_work_on(request.user, entry_id)
    form = PauseForm(request.POST or None)
    refusal: Refused | None = None
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            paused = pause_deadlines(
                entry_id=entry.pk, reason=data["reason"], words=data["words"], **stamp(request)
            )
        except Refused as error:
            refusal = error
        else:
            if paused:
                messages.success(request, _("Paused. The last day moves when it runs again."))
            else:
                messages.error(request, _("No deadline of this entry may be paused."))
            return _back(request, entry)
    context = {
        "case": entry.case,
        "subject": entry,
        "form": form,
        "refusal": refusal,
        "next": request.POST.get("next", request.GET.get("next", "")),
    }
    return render(request, "registry/pause.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Task.ANSWER)
def entry_resume(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Let the paused deadlines of an entry run again."""
    entry = access.entry_to_work_on(request.user, entry_id)
    try:
        resumed = resume_deadlines(entry_id=entry.pk, **stamp(request))
    except Refused as error:
        messages.error(request, str(error))
        return _back(request, entry)
    for row in resumed:
        day = date_format(row.due_on, "DATE_FORMAT")
        messages.success(request, _("It runs again. The last day is %(day)s.") % {"day": day})
    if not resumed:
        messages.error(request, _("No deadline of this entry is paused."))
    return _back(request, entry)


def _back(request: HttpRequest, entry: Entry) -> HttpResponse:
    """To the list that one came from, else to the case."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect(target)
    return redirect("registry:case", entry.case_id)
