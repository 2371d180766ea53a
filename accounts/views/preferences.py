"""The person's own choices, made in the menu of every page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.actions.prefer import prefer
from accounts.forms import PreferencesForm
from accounts.models import User


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and return to the page it was chosen on."""
    form = PreferencesForm(request.POST)
    if form.is_valid() and isinstance(request.user, User):
        chosen = form.cleaned_data
        prefer(
            user=request.user,
            language=chosen["language"] or None,
            color_scheme=chosen["color_scheme"],
            shortcuts=chosen["shortcuts"],
            notices=chosen["notices"],
            digest=chosen["digest"],
        )
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    return redirect(target)
