"""Signing in with a local account."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse


class SignIn(LoginView):
    template_name = "registration/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """A session that kept something typed was shorter; now it lasts as long as any."""
        response = super().form_valid(form)
        self.request.session.set_expiry(None)
        return response
