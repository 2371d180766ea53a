from django.urls import path

from registry.views import (
    board,
    cases,
    changes,
    documents,
    links,
    notices,
    pauses,
    previews,
    readers,
    search,
    sheets,
    work,
)

app_name = "registry"
urlpatterns = [
    path("cases/", search.entries, name="cases"),
    path("cases/export.csv", search.export, {"kind": "csv"}, name="export-csv"),
    path("cases/export.xlsx", search.export, {"kind": "xlsx"}, name="export-xlsx"),
    path("cases/views/", search.save, name="save-view"),
    path("cases/views/<int:view_id>/forget/", search.forget, name="forget-view"),
    path("cases/<int:case_id>/", cases.case, name="case"),
    path("cases/<int:case_id>/correct/", changes.case_correct, name="case-correct"),
    path("cases/<int:case_id>/void/", changes.case_void, name="case-void"),
    path("cases/<int:case_id>/assign/", changes.case_assign, name="case-assign"),
    path("cases/<int:case_id>/close/", changes.case_close, name="case-close"),
    path("cases/<int:case_id>/reopen/", changes.case_reopen, name="case-reopen"),
    path("cases/<int:case_id>/readers/", readers.readers, name="case-readers"),
    path(
        "cases/<int:case_id>/readers/<int:user_id>/end/", readers.reader_end, name="case-reader-end"
    ),
    path("cases/<int:case_id>/restrict/", readers.case_restrict, name="case-restrict"),
    path("cases/<int:case_id>/unrestrict/", readers.case_unrestrict, name="case-unrestrict"),
    path("deadlines/", board.deadlines, name="deadlines"),
    path("my-work/", work.my_work, name="my-work"),
    path("entries/<int:entry_id>/pause/", pauses.entry_pause, name="entry-pause"),
    path("entries/<int:entry_id>/resume/", pauses.entry_resume, name="entry-resume"),
    path("entries/<int:entry_id>/correct/", changes.entry_correct, name="entry-correct"),
    path("entries/<int:entry_id>/void/", changes.entry_void, name="entry-void"),
    path("entries/<int:entry_id>/end-wait/", notices.end_waiting, name="entry-end-wait"),
    path("entries/<int:entry_id>/undo-asking/", notices.undo_request, name="entry-undo-asking"),
    path("entries/<int:entry_id>/link/", links.link, name="entry-link"),
    path("entries/<int:entry_id>/sign-off/", changes.entry_sign_off, name="entry-sign-off"),
    path("cases/<int:case_id>/sheet", sheets.case_sheet, name="case-sheet"),
    path("journal/", sheets.journal, name="journal"),
    path("documents/<int:document_id>/", documents.document, name="document"),
    path("documents/<int:document_id>/preview", previews.preview, name="preview"),
    path("documents/<int:document_id>/pages/<int:number>", previews.page_image, name="page-image"),
]
