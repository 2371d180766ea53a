"""The last day to appeal, with the count behind it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.queries import municipality
from accounts.rules.roles import Task
from decisions.forms import AppealPeriodForm
from decisions.rules.appeal_period import last_day_to_appeal
from lib.jurisdictions import profile_for, rule
from registry.queries import own_rules


@require_GET
@requires(Task.READ_CASES)
def appeal_period(request: HttpRequest) -> HttpResponse:
    """Ask for the day of notice (?notified_on=2026-03-12) and answer with the last day."""
    form = AppealPeriodForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "asked": bool(request.GET)}
    body = municipality()
    if form.is_bound and form.is_valid() and body is not None:
        profile = profile_for(body.profile)
        notified_on = form.cleaned_data["notified_on"]
        window = rule(profile, "appeal_window", notified_on, own_rules(profile))
        context |= {
            "rule": window,
            "due": last_day_to_appeal(notified_on, profile, window),
            "name": _("Time to appeal"),
        }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "decisions/appeal_period.html", context, status=status)
