"""A case with everything in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.queries import names
from accounts.rules.roles import Task
from registry import access, queries
from registry.forms import AssignForm


@require_GET
@requires(Task.READ_CASES)
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """A case: its number, who has it, what runs, and its entries, the newest last."""
    found = access.case_for(request.user, case_id)
    in_full = access.reads_in_full(request.user, found, found.access)
    versions = queries.versions_of_case(found) if in_full else []
    works_on = access.works_on(request.user, found)
    context = {
        "case": found,
        "title": access.title_of(request.user, found),
        "in_full": in_full,
        "timeline": access.timeline_for(request.user, found),
        "deadlines": queries.deadlines_of_case(found),
        "holds": queries.holds_of_case(found),
        "versions": versions,
        "names": names([found.opened_by, *(each.made_by for each in versions)]),
        "works_on": works_on,
        "may_correct": access.corrects(request.user, found),
        "assign_form": AssignForm(case=found) if works_on else None,
        "printed_at": timezone.now(),
    }
    return render(request, "registry/case.html", context)
