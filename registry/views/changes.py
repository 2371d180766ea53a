"""Changing a case or an entry: correct, make void, sign off, assign, close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from lib.refusal import Refused
from registry import access, queries
from registry.actions.assign import assign_case
from registry.actions.close import close_case, reopen_case
from registry.actions.correct import correct_case, correct_entry
from registry.actions.sign_off import sign_off
from registry.actions.void import void_case, void_entry
from registry.forms import AssignForm, CorrectCaseForm, CorrectEntryForm, ReasonForm, SignOffForm


def _stamp(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user.actor, "at": timezone.now()}  # type: ignore[union-attr]


def _fill_in(
    request: HttpRequest,
    *,
    template: str,
    form: forms.Form,
    act: Callable[[], object],
    done: str,
    case_id: int,
    context: dict[str, Any],
) -> HttpResponse:
    """Show a form; when it is filled in, act and return to the case, or say why not (422)."""
    refusal: Refused | None = None
    if form.is_bound and form.is_valid():
        try:
            act()
        except Refused as error:
            refusal = error
        else:
            messages.success(request, done)
            return redirect("registry:case", case_id)
    status = 422 if form.is_bound else 200
    return render(request, template, {**context, "form": form, "refusal": refusal}, status=status)


def _act(request: HttpRequest, act: Callable[[], object], done: str, case_id: int) -> HttpResponse:
    """Act and return to the case, with what was done or why not."""
    try:
        act()
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("registry:case", case_id)


@require_http_methods(["GET", "POST"])
@requires(Task.CORRECT)
def case_correct(request: HttpRequest, case_id: int) -> HttpResponse:
    """Correct what describes a case, with a reason."""
    case = access.protected_case_for(request.user, case_id)
    form = CorrectCaseForm(request.POST or None, initial=CorrectCaseForm.initial_of(case))
    return _fill_in(
        request,
        template="registry/correct.html",
        form=form,
        act=lambda: correct_case(
            case_id=case.pk,
            expected_version=form.cleaned_data["version"],
            description=form.description(),
            reason=form.cleaned_data["reason"],
            **_stamp(request),
        ),
        done=_("Corrected. What stood before is kept."),
        case_id=case.pk,
        context={"case": case, "subject": case, "versions": queries.versions_of_case(case)},
    )


@require_http_methods(["GET", "POST"])
@requires(Task.CORRECT)
def entry_correct(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Correct what describes an entry, with a reason."""
    entry = access.protected_entry_for(request.user, entry_id)
    form = CorrectEntryForm(request.POST or None, entry=entry)
    return _fill_in(
        request,
        template="registry/correct.html",
        form=form,
        act=lambda: correct_entry(
            entry_id=entry.pk,
            expected_version=form.cleaned_data["version"],
            description=form.entry_description(),
            reason=form.cleaned_data["reason"],
            **_stamp(request),
        ),
        done=_("Corrected. What stood before is kept."),
        case_id=entry.case_id,
        context={
            "case": entry.case,
            "subject": entry,
            "versions": queries.versions_of_entry(entry),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Task.CORRECT)
def entry_void(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Make an entry void, with a reason."""
    entry = access.entry_for(request.user, entry_id)
    form = ReasonForm(request.POST or None)
    return _fill_in(
        request,
        template="registry/void.html",
        form=form,
        act=lambda: void_entry(
            entry_id=entry.pk, reason=form.cleaned_data["reason"], **_stamp(request)
        ),
        done=_("The entry is void. Its number stays in the registry."),
        case_id=entry.case_id,
        context={"case": entry.case, "subject": entry},
    )


@require_http_methods(["GET", "POST"])
@requires(Task.CORRECT)
def case_void(request: HttpRequest, case_id: int) -> HttpResponse:
    """Make a case void, with a reason."""
    case = access.case_for(request.user, case_id)
    form = ReasonForm(request.POST or None)
    return _fill_in(
        request,
        template="registry/void.html",
        form=form,
        act=lambda: void_case(
            case_id=case.pk, reason=form.cleaned_data["reason"], **_stamp(request)
        ),
        done=_("The case is void. Its number stays in the registry."),
        case_id=case.pk,
        context={"case": case, "subject": case},
    )


@require_http_methods(["GET", "POST"])
@requires(Task.READ_CASES)
def entry_sign_off(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Sign an incoming entry off."""
    entry = access.entry_to_work_on(request.user, entry_id)
    form = SignOffForm(request.POST or None)
    return _fill_in(
        request,
        template="registry/sign_off.html",
        form=form,
        act=lambda: sign_off(entry_id=entry.pk, way=form.cleaned_data["way"], **_stamp(request)),
        done=_("Signed off."),
        case_id=entry.case_id,
        context={"case": entry.case, "subject": entry},
    )


@require_POST
@requires(Task.READ_CASES)
def case_assign(request: HttpRequest, case_id: int) -> HttpResponse:
    """Give a case to a unit and a caseworker."""
    case = access.case_to_work_on(request.user, case_id)
    form = AssignForm(request.POST, case=case)
    if not form.is_valid():
        messages.error(request, _("Choose a unit, and a caseworker from the list."))
        return redirect("registry:case", case.pk)
    data = form.cleaned_data
    done = _act(
        request,
        lambda: assign_case(
            case_id=case.pk,
            unit_id=data["unit"],
            caseworker_id=data["caseworker"],
            **_stamp(request),
        ),
        _("The case has been assigned."),
        case.pk,
    )
    # Whoever gives a case away may not see it any more.
    still_seen = access.cases_for(request.user).filter(pk=case.pk).exists()
    return done if still_seen else redirect("registry:cases")


@require_POST
@requires(Task.READ_CASES)
def case_close(request: HttpRequest, case_id: int) -> HttpResponse:
    """Close a case."""
    case = access.case_to_work_on(request.user, case_id)
    return _act(
        request,
        lambda: close_case(case_id=case.pk, **_stamp(request)),
        _("The case is closed."),
        case.pk,
    )


@require_POST
@requires(Task.READ_CASES)
def case_reopen(request: HttpRequest, case_id: int) -> HttpResponse:
    """Open a closed case again."""
    case = access.case_to_work_on(request.user, case_id)
    return _act(
        request,
        lambda: reopen_case(case_id=case.pk, **_stamp(request)),
        _("The case is open again."),
        case.pk,
    )
