"""What is waited for in a case: end it by hand, or take the request back before it has left."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from lib.refusal import Refused
from registry import access, queries
from registry.actions.ask import end_wait, undo_asking
from registry.views.acting import stamp


@require_POST
@requires(Task.ANSWER)
def end_waiting(request: HttpRequest, entry_id: int) -> HttpResponse:
    """What was missing has come another way, or is waited for no longer."""
    entry = access.entry_to_work_on(request.user, entry_id)
    try:
        end_wait(entry_id=entry.pk, **stamp(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The wait has ended, and the deadlines run again."))
    return redirect("registry:case", case_id=entry.case_id)


@require_POST
@requires(Task.ANSWER)
def undo_request(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Call a request for missing information back before its letter has left."""
    entry = access.entry_to_work_on(request.user, entry_id)
    notice = queries.wait_of(entry)
    try:
        undo_asking(notice_id=notice.pk if notice else 0, **stamp(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Undone. The letter does not leave."))
    return redirect("registry:case", case_id=entry.case_id)
