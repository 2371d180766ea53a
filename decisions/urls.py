from django.urls import path

from decisions.views.appeal_period import appeal_period

app_name = "decisions"
urlpatterns = [path("appeal-period/", appeal_period, name="appeal-period")]
