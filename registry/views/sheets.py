"""Sheets for paper: a case with everything that the reader may see, and the journal of a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.queries import municipality, names
from accounts.rules.roles import Task
from lib.asked import day
from lib.jurisdictions import end_of_day, local_date, profile_for
from registry import access, queries
from registry.access.sheets import corrections_for, journal_for
from registry.access.timeline import timeline_for

_MOST = 5_000
_FIRST_DAY = date(2000, 1, 1)


@require_GET
@never_cache
@requires(Task.READ_CASES)
def case_sheet(request: HttpRequest, case_id: int) -> HttpResponse:
    """All of a case on paper: metadata, entries, parties, deadlines, documents, corrections."""
    found = access.case_for(request.user, case_id)
    in_full = access.reads_in_full(request.user, found, found.access)
    timeline = timeline_for(request.user, found)
    corrections = corrections_for(request.user, found)
    versions = queries.versions_of_case(found) if in_full else []
    made_by = [each.made_by for trail in (versions, *corrections.values()) for each in trail]
    registered_by = [shown.entry.registered_by for shown in timeline]
    context = {
        "case": found,
        "title": access.title_of(request.user, found),
        "in_full": in_full,
        "entries": [(shown, corrections.get(shown.entry.pk, [])[1:]) for shown in timeline],
        "versions": versions[1:],
        "holds": queries.holds_of_case(found) if in_full else [],
        "names": names([found.opened_by, *made_by, *registered_by]),
        "printed_at": timezone.now(),
    }
    return render(request, "registry/case_sheet.html", context)


@require_GET
@never_cache
@requires(Task.READ_CASES)
def journal(request: HttpRequest) -> HttpResponse:
    """The journal of a local day (?on=2026-11-22): what was registered, by number."""
    now = timezone.now()
    body = municipality()
    profile = profile_for(body.profile if body else "NO")
    today = local_date(now, profile)
    on = day(request.GET.get("on", ""), first=_FIRST_DAY, last=today)
    start = datetime.combine(on, time.min, tzinfo=profile.zone)
    found = journal_for(request.user, start, end_of_day(on, profile), limit=_MOST + 1)
    context = {
        "on": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1) if on < today else None,
        "rows": found[:_MOST],
        "is_cut": len(found) > _MOST,
        "void_count": sum(
            shown.entry.status == "void" for shown in found[:_MOST] if not shown.is_withheld
        ),
        "withheld_count": sum(shown.is_withheld for shown in found[:_MOST]),
        "printed_at": now,
    }
    return render(request, "registry/journal.html", context)
