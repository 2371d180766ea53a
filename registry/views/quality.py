"""Quality control of what caseworkers have made, from the registry's list."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.rules.roles import Task
from lib.asked import whole_number
from registry import access
from registry.actions.quality import pass_each
from registry.models import Entry
from registry.views.acting import stamp

# As many as stand on a page of the list.
_MOST = 50


@require_POST
@requires(Task.CORRECT)
def pass_chosen(request: HttpRequest) -> HttpResponse:
    """Let the entries chosen in the list pass; those that may not say why, by their numbers."""
    chosen = [whole_number(value) for value in request.POST.getlist("chosen")[:_MOST]]
    entries = {
        entry.pk: entry for pk in chosen if pk is not None and (entry := _entry(request, pk))
    }
    if not entries:
        messages.error(request, _("Choose entries in the list first."))
        return _back(request)
    passed, refused = pass_each(entry_ids=list(entries), **stamp(request))
    if passed:
        text = ngettext("%(n)d entry is journalled.", "%(n)d entries are journalled.", len(passed))
        messages.success(request, text % {"n": len(passed)})
    for pk, why in refused:
        messages.error(request, f"{entries[pk].reference}: {why}")
    return _back(request)


def _entry(request: HttpRequest, pk: int) -> Entry | None:
    """An entry that the person may correct; what is not the person's is passed over."""
    try:
        return access.entry_to_correct(request.user, pk)
    except (Http404, PermissionDenied):
        return None


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was."""
    following = request.POST.get("next", "")
    if following and url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()}):
        return redirect(following)
    return redirect(f"{reverse('registry:cases')}?status=unchecked")
