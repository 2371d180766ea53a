"""Who reads a case: named readers, and the restriction to them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.queries import names
from accounts.rules.roles import Task
from registry import access, queries
from registry.actions.restrict import end_reader, name_reader, restrict_case, unrestrict_case
from registry.forms import ReaderForm, ReasonForm
from registry.queries.restrictions import reader_of_case, restrictions_of_case
from registry.views.acting import fill_in


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.ASSIGN)
def readers(request: HttpRequest, case_id: int) -> HttpResponse:
    """Who reads a case and has read it, and a form that names one more."""
    case = access.protected_case_to_work_on(request.user, case_id)
    form = ReaderForm(request.POST or None)
    named = queries.readers_of_case(case)
    restrictions = restrictions_of_case(case)
    by = names([each.named_by for each in named] + [each.placed_by for each in restrictions])
    return fill_in(
        request,
        case,
        form,
        lambda stamp: name_reader(
            case_id=case.pk,
            user_id=form.cleaned_data["person"],
            reason=form.cleaned_data["reason"],
            **stamp,
        ),
        template="registry/readers.html",
        done=_("Named. The case can be read from now on."),
        to="registry:case-readers",
        readers=[(each, by.get(each.named_by, "")) for each in named],
        restrictions=[(each, by.get(each.placed_by, "")) for each in restrictions],
    )


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.ASSIGN)
def reader_end(request: HttpRequest, case_id: int, user_id: int) -> HttpResponse:
    """End that a person is named to read the case, with a reason."""
    case = access.protected_case_to_work_on(request.user, case_id)
    reader = reader_of_case(case, user_id)
    if reader is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    return fill_in(
        request,
        case,
        form,
        lambda stamp: end_reader(
            case_id=case.pk, user_id=user_id, reason=form.cleaned_data["reason"], **stamp
        ),
        template="registry/reason.html",
        done=_("Ended."),
        to="registry:case-readers",
        heading=_("%(name)s reads case %(number)s no longer")
        % {"name": reader.user.name, "number": case.reference},
        text=_("Who was named, and until when, is kept."),
        button=_("End"),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.ASSIGN)
def case_restrict(request: HttpRequest, case_id: int) -> HttpResponse:
    """Restrict a case to its caseworker and named readers, with a reason."""
    case = access.protected_case_to_work_on(request.user, case_id)
    form = ReasonForm(request.POST or None)
    return fill_in(
        request,
        case,
        form,
        lambda stamp: restrict_case(case_id=case.pk, reason=form.cleaned_data["reason"], **stamp),
        template="registry/reason.html",
        done=_("The case is restricted."),
        heading=_("Restrict case %(number)s") % {"number": case.reference},
        text=_(
            "From then on only the caseworker and those who are named read it. The rest of the"
            " unit does not see it, and those who register see its number only. If you are neither"
            " caseworker nor named, you do not see it either."
        ),
        button=_("Restrict"),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Task.ASSIGN)
def case_unrestrict(request: HttpRequest, case_id: int) -> HttpResponse:
    """Lift the restriction of a case, with a reason."""
    case = access.protected_case_to_work_on(request.user, case_id)
    form = ReasonForm(request.POST or None)
    return fill_in(
        request,
        case,
        form,
        lambda stamp: unrestrict_case(case_id=case.pk, reason=form.cleaned_data["reason"], **stamp),
        template="registry/reason.html",
        done=_("The case is not restricted any more."),
        heading=_("Lift the restriction of case %(number)s") % {"number": case.reference},
        text=_("From then on its unit and those who register read it again."),
        button=_("Lift the restriction"),
    )
