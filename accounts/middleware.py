"""Who is not signed in signs in first; language and time follow the person and the municipality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from accounts.queries import municipality
from lib import typed
from lib.jurisdictions import profile_for


class SignedInMiddleware(LoginRequiredMiddleware):
    """Leads to the sign-in page, and keeps what was typed on the pages that can take it back."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method == "POST" and getattr(view_func, "keeps_typed", False):
            typed.keep(request)
        return super().handle_no_permission(request, view_func)

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        led_away = super().process_view(request, view_func, view_args, view_kwargs)
        is_for_all = not getattr(view_func, "login_required", True)
        request.is_let_in = led_away is None and not is_for_all  # type: ignore[attr-defined]
        return led_away

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Leave with the browser who is signed in, for what may have to be kept later."""
        if getattr(request, "is_let_in", False):
            typed.note_who(request, response)
        return response


class PreferencesMiddleware:
    """Activates the signed-in person's language, and the municipality's time zone for all.

    A visitor who is not signed in gets the browser's language (LocaleMiddleware) if we have it,
    else the municipality's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/health/", f"/{settings.STATIC_URL.lstrip('/')}")):
            return self.get_response(request)
        body = municipality()
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        if body is None:
            return self.get_response(request)
        with timezone.override(profile_for(body.profile).zone):
            return self.get_response(request)
