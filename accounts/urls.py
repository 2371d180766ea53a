from django.urls import path

from accounts.views.absences import absence_withdraw, absences
from accounts.views.preferences import preferences

app_name = "accounts"
urlpatterns = [
    path("preferences", preferences, name="preferences"),
    path("absences/", absences, name="absences"),
    path("absences/<int:absence_id>/withdraw", absence_withdraw, name="absence-withdraw"),
]
