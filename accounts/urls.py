from django.urls import path

from accounts.views.preferences import preferences

app_name = "accounts"
urlpatterns = [path("preferences", preferences, name="preferences")]
