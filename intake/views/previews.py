"""Pages of attachments as pictures of our own: what a stranger sent never reaches the browser."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.rules.roles import Task
from intake.access import attachment_for
from intake.models import Attachment
from lib import previews
from lib.blobs import BlobError
from lib.mime.limits import Unreadable
from lib.pictures.draw import Drawn
from lib.reading import reader


@require_GET
@never_cache
@requires(Task.TRIAGE)
def preview(request: HttpRequest, message_id: int, path: str) -> HttpResponse:
    """A page of an attachment (?page=2), or why it cannot be shown."""
    found = attachment_for(request.user, message_id, path)
    number = previews.number_asked(request.GET.get("page", ""))
    drawn, code = None, ""
    try:
        drawn = _page(found, number)
    except Unreadable as error:
        code = error.code
    shown = previews.of_page(
        drawn,
        name=found.filename or _("without a name"),
        belongs_to=found.message.number,
        number=number,
        code=code,
        here=reverse("intake:preview", args=[message_id, path]),
        image_url=reverse("intake:page-image", args=[message_id, path, number]),
        download_url=reverse("intake:attachment", args=[message_id, path]),
        back_url=reverse("intake:message", args=[message_id]),
    )
    return render(request, "preview.html", {"preview": shown})


@require_GET
@never_cache
@requires(Task.TRIAGE)
def page_image(request: HttpRequest, message_id: int, path: str, number: int) -> HttpResponse:
    """The picture of one page; also of an image that the letter shows within its text."""
    found = attachment_for(request.user, message_id, path)
    try:
        return previews.as_response(_page(found, number).picture)
    except Unreadable as error:
        raise Http404 from error


def _page(found: Attachment, number: int) -> Drawn:
    load = partial(_content, found)
    return previews.page(found.sha256, found.media_type, number, load)


def _content(found: Attachment) -> bytes:
    try:
        return reader().part(found.message.raw_sha256, found.path)
    except (BlobError, KeyError) as error:
        raise Unreadable("missing", type(error).__name__) from error
