"""Every day proves itself: what came, what became of it, and what is wrong now."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.rules.roles import Task
from intake import queries
from intake.actions.reconcile import count_day, day_of, days_back
from lib.refusal import Refused


@require_GET
@requires(Task.WATCH)
def reconciliation(request: HttpRequest) -> HttpResponse:
    """The reconciliation of one day (?on=2026-11-22), the standing alarms, and the days before."""
    now = timezone.now()
    try:
        on = parse_date(request.GET.get("on", "")) or day_of(now)
    except ValueError:
        on = day_of(now)
    try:
        rows = count_day(on)
    except Refused as refusal:
        return render(request, "intake/reconciliation.html", {"refusal": str(refusal)}, status=409)
    totals = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("arrived", "again", "registered", "minor", "spam", "held", "waiting")
    }
    return render(
        request,
        "intake/reconciliation.html",
        {
            "on": on,
            "rows": rows,
            "totals": totals,
            "difference": any(row.difference for row in rows),
            "days": days_back(now, 14),
            "alarms": queries.standing_alarms(),
            "heartbeats": queries.heartbeats(),
            "blocked": queries.blocked_at_source(),
        },
    )


@require_GET
@login_not_required
def work(request: HttpRequest) -> HttpResponse:
    """503 while an alarm says that worker, timer or receiver is silent: for a monitor outside."""
    silent = queries.silent_processes(timezone.now())
    if silent:
        return HttpResponse(f"silent: {' '.join(silent)}\n", content_type="text/plain", status=503)
    return HttpResponse("working\n", content_type="text/plain")
