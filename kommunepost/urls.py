"""The site map."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from accounts.views import SignIn
from kommunepost import health
from kommunepost.start import start

urlpatterns = [
    # The queue's own address, which is also where everybody begins.
    path("", start, name="start"),
    path("", include("intake.urls")),
    path("", include("registry.urls")),
    path("outbox/", include("outbox.urls")),
    path("decisions/", include("decisions.urls")),
    path("account/", include("accounts.urls")),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("admin/", admin.site.urls),
]
