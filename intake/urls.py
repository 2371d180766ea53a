from django.urls import path

from intake.views import decide, desk, message, outcomes, previews, queue, reconciliation, reports

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
    path("messages/<int:message_id>/missing/", outcomes.ask, name="ask"),
    path("entries/<int:entry_id>/missing/", outcomes.ask_about, name="ask-about"),
    path("messages/<int:message_id>/misdirected/", outcomes.misdirected, name="misdirected"),
    path("messages/<int:message_id>/register", decide.register, name="register"),
    path("messages/<int:message_id>/set-aside", decide.set_aside, name="set-aside"),
    path("messages/<int:message_id>/put-back", decide.put_back, name="put-back"),
    path("messages/<int:message_id>/undo", decide.undo, name="undo"),
    path("messages/<int:message_id>/give", decide.give, name="give"),
    path("messages/bulk", decide.bulk, name="bulk"),
    path("messages/undo-set-aside", decide.undo_aside, name="undo-set-aside"),
    path("messages/arrivals", desk.arrivals, name="arrivals"),
    path("messages/<int:message_id>/draft", desk.draft, name="draft"),
    path("messages/<int:message_id>/title-check", desk.title_check, name="title-check"),
    path("messages/<int:message_id>/presence", desk.presence, name="presence"),
    path("reports/", reports.reports, name="reports"),
    path("reports/<slug:figure>.<slug:kind>", reports.export, name="report-file"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("health/work", reconciliation.work, name="health-work"),
]
