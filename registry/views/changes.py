"""Changing a case or an entry: correct, make void, sign off, assign, close."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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
from registry.queries.closing import standing_in
from registry.views.acting import act_on, back, fill_in, stamp


@require_http_methods(["GET", "POST"])
@requires(Task.CORRECT)
def case_correct(request: HttpRequest, case_id: int) -> HttpResponse:
    """Correct what describes a case, with a reason."""
    case = access.case_to_correct(request.user, case_id)
    form = CorrectCaseForm(request.POST or None, initial=CorrectCaseForm.initial_of(case))
    return fill_in(
        request,
        case,
        form,
        lambda stamp: correct_case(
            case_id=case.pk,
            expected_version=form.cleaned_data["version"],
            description=form.description(),
            reason=form.cleaned_data["reason"],
            **stamp,
        ),
        template="registry/correct.html",
        done=_("Corrected. What stood before is kept."),
        versions=queries.versions_of_case(case),
    )


@require_http_methods(["GET", "POST"])
@requires(Task.CORRECT)
def entry_correct(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Correct what describes an entry, with a reason."""
    entry = access.entry_to_correct(request.user, entry_id)
    form = CorrectEntryForm(request.POST or None, entry=entry)
    return fill_in(
        request,
        entry,
        form,
        lambda stamp: correct_entry(
            entry_id=entry.pk,
            expected_version=form.cleaned_data["version"],
            description=form.entry_description(),
            reason=form.cleaned_data["reason"],
            **stamp,
        ),
        template="registry/correct.html",
        done=_("Corrected. What stood before is kept."),
        versions=queries.versions_of_entry(entry),
    )


@require_http_methods(["GET", "POST"])
@requires(Task.CORRECT)
def case_void(request: HttpRequest, case_id: int) -> HttpResponse:
    """Make a case void, with a reason."""
    case = access.case_to_correct(request.user, case_id)
    form = ReasonForm(request.POST or None)
    return fill_in(
        request,
        case,
        form,
        lambda stamp: void_case(case_id=case.pk, reason=form.cleaned_data["reason"], **stamp),
        template="registry/void.html",
        done=_("The case is void. Its number stays in the registry."),
    )


@require_http_methods(["GET", "POST"])
@requires(Task.CORRECT)
def entry_void(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Make an entry void, with a reason."""
    entry = access.entry_to_correct(request.user, entry_id)
    form = ReasonForm(request.POST or None)
    return fill_in(
        request,
        entry,
        form,
        lambda stamp: void_entry(entry_id=entry.pk, reason=form.cleaned_data["reason"], **stamp),
        template="registry/void.html",
        done=_("The entry is void. Its number stays in the registry."),
    )


@require_http_methods(["GET", "POST"])
@requires(Task.READ_CASES)
def entry_sign_off(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Sign an incoming entry off."""
    entry = access.entry_to_work_on(request.user, entry_id)
    form = SignOffForm(request.POST or None, entry=entry)
    return fill_in(
        request,
        entry,
        form,
        lambda stamp: sign_off(
            entry_id=entry.pk,
            way=form.cleaned_data["way"],
            answer_id=form.cleaned_data.get("answer"),
            reason=form.cleaned_data["reason"],
            **stamp,
        ),
        template="registry/sign_off.html",
        done=_("Signed off."),
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
    return act_on(
        request,
        case,
        lambda stamp: assign_case(
            case_id=case.pk, unit_id=data["unit"], caseworker_id=data["caseworker"], **stamp
        ),
        done=_("The case has been assigned."),
    )


@require_POST
@requires(Task.READ_CASES)
def case_close(request: HttpRequest, case_id: int) -> HttpResponse:
    """Close a case, or say what stands open in it (422)."""
    case = access.case_to_work_on(request.user, case_id)
    try:
        close_case(case_id=case.pk, **stamp(request))
    except Refused as refusal:
        context = {
            "case": case,
            "refusal": refusal,
            "standing": standing_in(case),
            "may_correct": access.corrects(request.user, case),
            "in_full": access.reads_in_full(request.user, case, case.access),
        }
        return render(request, "registry/close.html", context, status=422)
    messages.success(request, _("The case is closed."))
    return back(request, case)


@require_POST
@requires(Task.READ_CASES)
def case_reopen(request: HttpRequest, case_id: int) -> HttpResponse:
    """Open a closed case again."""
    case = access.case_to_work_on(request.user, case_id)
    return act_on(
        request,
        case,
        lambda stamp: reopen_case(case_id=case.pk, **stamp),
        done=_("The case is open again."),
    )
