from django.urls import path

from outbox.views import letters

app_name = "outbox"
urlpatterns = [
    path("", letters.letters, name="letters"),
    path("<int:recipient_id>/", letters.letter, name="letter"),
    path("<int:recipient_id>/decide", letters.decide, name="decide"),
]
