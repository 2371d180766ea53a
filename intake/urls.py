from django.urls import path

from intake.views import message, outcomes, previews, queue, reconciliation

app_name = "intake"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("held/", queue.held, name="held"),
    path("set-aside/", queue.set_aside_list, name="set-aside-list"),
    path("messages/<int:message_id>/", queue.message_page, name="message"),
    path("messages/<int:message_id>/body", message.body, name="message-body"),
    path("messages/<int:message_id>/headers", message.headers, name="message-headers"),
    path("messages/<int:message_id>/original", message.original, name="message-original"),
    path(
        "messages/<int:message_id>/parts/<str:path>/download",
        message.attachment,
        name="attachment",
    ),
    path("messages/<int:message_id>/parts/<str:path>/preview", previews.preview, name="preview"),
    path(
        "messages/<int:message_id>/parts/<str:path>/pages/<int:number>",
        previews.page_image,
        name="page-image",
    ),
    path("messages/<int:message_id>/register", queue.register, name="register"),
    path("messages/<int:message_id>/missing/", outcomes.ask, name="ask"),
    path("entries/<int:entry_id>/missing/", outcomes.ask_about, name="ask-about"),
    path("messages/<int:message_id>/misdirected/", outcomes.misdirected, name="misdirected"),
    path("messages/<int:message_id>/set-aside", queue.set_aside, name="set-aside"),
    path("messages/<int:message_id>/put-back", queue.put_back, name="put-back"),
    path("messages/<int:message_id>/undo", queue.undo, name="undo"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("health/work", reconciliation.work, name="health-work"),
]
