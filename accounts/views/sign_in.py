"""Signing in with a local account."""

from django.contrib.auth.views import LoginView


class SignIn(LoginView):
    template_name = "registration/login.html"
    redirect_authenticated_user = True
