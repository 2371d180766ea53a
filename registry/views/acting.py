"""What the pages that change something have in common: who and when, the form, the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from lib.refusal import Refused
from registry import access
from registry.models import Case, Entry


class Stamp(TypedDict):
    """Who does it, and when."""

    by: str
    at: datetime


def stamp(request: HttpRequest) -> Stamp:
    """The signed-in person, now."""
    return {"by": request.user.actor, "at": timezone.now()}  # type: ignore[union-attr]


def fill_in(
    request: HttpRequest,
    subject: Case | Entry,
    form: forms.Form,
    act: Callable[[Stamp], object],
    *,
    template: str,
    done: str,
    to: str = "registry:case",
    **context: Any,
) -> HttpResponse:
    """Show a form about a case or an entry; when it is filled in, act, or say why not (422).

    `to` names the page of the case that comes next.
    """
    case = subject if isinstance(subject, Case) else subject.case
    refusal: Refused | None = None
    if form.is_bound and form.is_valid():
        try:
            act(stamp(request))
        except Refused as error:
            refusal = error
        else:
            messages.success(request, done)
            return back(request, case, to)
    context |= {"case": case, "subject": subject, "form": form, "refusal": refusal}
    return render(request, template, context, status=422 if form.is_bound else 200)


def act_on(
    request: HttpRequest, case: Case, act: Callable[[Stamp], object], *, done: str
) -> HttpResponse:
    """Act and return to the case, with what was done or why not."""
    try:
        act(stamp(request))
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return back(request, case)


def back(request: HttpRequest, case: Case, to: str = "registry:case") -> HttpResponse:
    """To a page of the case; to the list for those who have just given it out of their hands."""
    if access.still_sees(request.user, case):
        return redirect(to, case.pk)
    return redirect("registry:cases")
