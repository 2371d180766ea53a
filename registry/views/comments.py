"""Internal comments on a case."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from registry import access
from registry.access import answers
from registry.actions.comment import comment
from registry.forms.answers import CommentForm
from registry.views.acting import act_on


@require_POST
@requires(Task.ANSWER)
def comment_on(request: HttpRequest, case_id: int) -> HttpResponse:
    """Add a comment; those who are asked to look at it are told by the number alone."""
    case = access.protected_case_for(request.user, case_id)
    form = CommentForm(request.POST, people=answers.people_who_read(case))
    if not form.is_valid():
        messages.error(request, _("Write something first, and choose somebody from the list."))
        return redirect("registry:case", case.pk)
    return act_on(
        request,
        case,
        lambda stamp: comment(
            case_id=case.pk, text=form.cleaned_data["text"], mentions=form.mentions(), **stamp
        ),
        done=_("The comment stands in the case."),
    )
