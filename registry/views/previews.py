"""Documents as pictures of their pages, mails as their text; each look is recorded."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.rules.roles import Task
from lib import previews
from lib.mime.limits import Unreadable
from lib.pictures.draw import Drawn
from lib.reading import reader
from registry import access
from registry.actions.note_reading import note_reading
from registry.models import Document
from registry.models.entry import MAIL
from registry.views.documents import content, filename


@require_GET
@never_cache
@requires(Task.READ_CASES)
def preview(request: HttpRequest, document_id: int) -> HttpResponse:
    """A page of a document (?page=2) or the text of a mail, or why it cannot be shown."""
    found = access.document_for(request.user, document_id)
    number = previews.number_asked(request.GET.get("page", ""))
    drawn, text, code = None, None, ""
    try:
        if found.media_type == MAIL:
            text = reader().parsed_bytes(_bytes(found)).text
            _note(request, found)
        else:
            drawn = _page(found, number)
    except Unreadable as error:
        code = error.code
    case_url = reverse("registry:case", args=[found.entry.case_id])
    shown = previews.of_page(
        drawn,
        name=filename(found),
        belongs_to=found.entry.reference,
        number=number,
        code=code,
        here=reverse("registry:preview", args=[found.pk]),
        image_url=reverse("registry:page-image", args=[found.pk, number]),
        download_url=reverse("registry:document", args=[found.pk]),
        back_url=f"{case_url}#entry-{found.entry_id}",
        text=text,
    )
    return render(request, "preview.html", {"preview": shown})


@require_GET
@never_cache
@requires(Task.READ_CASES)
def page_image(request: HttpRequest, document_id: int, number: int) -> HttpResponse:
    """The picture of one page."""
    found = access.document_for(request.user, document_id)
    try:
        drawn = _page(found, number)
    except Unreadable as error:
        raise Http404 from error
    _note(request, found)
    return previews.as_response(drawn.picture)


def _page(found: Document, number: int) -> Drawn:
    return previews.page(found.sha256, found.media_type, number, partial(_bytes, found))


def _bytes(found: Document) -> bytes:
    data = content(found)
    if data is None:
        raise Unreadable("missing")
    return data


def _note(request: HttpRequest, found: Document) -> None:
    note_reading(
        document_id=found.pk,
        entry_id=found.entry_id,
        by=request.user.actor,  # type: ignore[union-attr]
        at=timezone.now(),
    )
