"""What goes with an answer that is not sent yet, for its author and for who may approve it."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.rules.roles import Task
from lib import blobs, previews
from lib.blobs import BlobError
from lib.mime.limits import Unreadable
from lib.pictures.draw import Drawn
from registry.access.answers import answer_file_for
from registry.actions.note_reading import note_file_reading
from registry.actions.refusals import refusal
from registry.models import Answer, AnswerFile
from registry.templatetags.registry_tags import file_kind
from registry.views.acting import stamp
from registry.views.documents import as_download

log = logging.getLogger(__name__)


@require_GET
@requires(Task.READ_CASES)
def answer_file(request: HttpRequest, answer_id: int, file_id: int) -> HttpResponse:
    """The bytes that will be sent, or nothing; the reading is recorded."""
    found = answer_file_for(request.user, answer_id, file_id)
    try:
        data = _bytes(found)
    except Unreadable:
        messages.error(request, str(refusal("not_in_store")))
        return redirect(_page_of(found.answer, request.user))
    _note(request, found)
    return as_download(data, found.filename)


@require_GET
@never_cache
@requires(Task.READ_CASES)
def preview(request: HttpRequest, answer_id: int, file_id: int) -> HttpResponse:
    """A page of the file (?page=2), or why it cannot be shown."""
    found = answer_file_for(request.user, answer_id, file_id)
    number = previews.number_asked(request.GET.get("page", ""))
    drawn, code = None, ""
    try:
        drawn = _drawn(found, number)
    except Unreadable as error:
        code = error.code
    place = [found.answer_id, found.pk]
    shown = previews.of_page(
        drawn,
        name=found.filename,
        belongs_to=f"{found.answer.entry.reference}, {found.answer.get_kind_display()}",
        number=number,
        code=code,
        here=reverse("registry:answer-file-preview", args=place),
        image_url=reverse("registry:answer-file-image", args=[*place, number]),
        download_url=reverse("registry:answer-file", args=place),
        back_url=_page_of(found.answer, request.user),
    )
    return render(request, "preview.html", {"preview": shown})


@require_GET
@never_cache
@requires(Task.READ_CASES)
def page_image(request: HttpRequest, answer_id: int, file_id: int, number: int) -> HttpResponse:
    """The picture of one page."""
    found = answer_file_for(request.user, answer_id, file_id)
    try:
        drawn = _drawn(found, number)
    except Unreadable as error:
        raise Http404 from error
    _note(request, found)
    return previews.as_response(drawn.picture)


def shown(answer: Answer) -> list[dict[str, Any]]:
    """The files that go with an answer (components/attachments.html)."""
    found: list[dict[str, Any]] = []
    for each in answer.files.order_by("pk"):
        place, is_shown = [answer.pk, each.pk], previews.has_pages(each.media_type)
        found.append(
            {
                "pk": each.pk,
                "name": each.filename,
                "type": file_kind(each.media_type),
                "size": each.size,
                "state": "",
                "url": reverse("registry:answer-file", args=place),
                "preview_url": reverse("registry:answer-file-preview", args=place)
                if is_shown
                else "",
                "is_first_shown": is_shown and not any(file["preview_url"] for file in found),
            }
        )
    return found


def _page_of(answer: Answer, user: Any) -> str:
    """Where the person came from: the page where it is written, or where it is approved."""
    if answer.author_id == user.pk:
        return reverse(f"registry:{answer.kind.replace('_', '-')}", args=[answer.entry_id])
    return reverse("registry:answer-approval", args=[answer.pk])


def _drawn(found: AnswerFile, number: int) -> Drawn:
    return previews.page(found.sha256, found.media_type, number, partial(_bytes, found))


def _bytes(found: AnswerFile) -> bytes:
    try:
        return blobs.load(found.sha256)
    except BlobError as error:
        log.error("file of an answer unreadable: file=%s error=%s", found.pk, type(error).__name__)
        raise Unreadable("missing") from error


def _note(request: HttpRequest, found: AnswerFile) -> None:
    note_file_reading(file_id=found.pk, answer_id=found.answer_id, **stamp(request))
