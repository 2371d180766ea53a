"""Out of office: one's own, and for those whom one leads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries
from accounts.access import leads, requires
from accounts.actions.absence import set_absence, withdraw_absence
from accounts.forms import AbsenceForm
from accounts.models import User
from accounts.rules.roles import Task
from lib.refusal import Refused


@require_http_methods(["GET", "POST"])
@requires(Task.ANSWER)
def absences(request: HttpRequest) -> HttpResponse:
    """Who of those one may speak for is away when, and a form for more."""
    people = _people(request.user)
    form = AbsenceForm(request.POST or None, people=people, user=request.user)
    refusal: Refused | None = None
    today = timezone.localdate()
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            set_absence(
                user_id=data["user"],
                delegate_id=data["delegate"],
                from_on=data["from_on"],
                to_on=data["to_on"],
                today=today,
                by=request.user.actor,  # type: ignore[union-attr]
                at=timezone.now(),
            )
        except Refused as error:
            refusal = error
        else:
            messages.success(request, _("Noted. New work goes to the one who stands in."))
            return redirect("accounts:absences")
    context = {
        "form": form,
        "refusal": refusal,
        "absences": queries.absences_to_come(people, today),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/absences.html", context, status=status)


@require_POST
@requires(Task.ANSWER)
def absence_withdraw(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Take an absence back that one may speak for."""
    found = queries.absences_to_come(_people(request.user), timezone.localdate())
    if absence_id not in {each.pk for each in found}:
        raise Http404
    try:
        withdraw_absence(
            absence_id=absence_id,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back."))
    return redirect("accounts:absences")


def _people(user: Any) -> dict[int, str]:
    """Whom the user may speak for: oneself, and the people of the units that one leads."""
    led: list[User] = queries.people_in(leads(user))
    return {user.pk: user.name} | {each.pk: each.name for each in led}
