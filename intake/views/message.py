"""What a message holds: its letter in a frame of its own, its headers, its files."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.rules.roles import Task
from intake import queries
from intake.access import attachment_for, message_for
from lib import blobs
from lib.blobs import BlobError
from lib.mime.limits import Unreadable
from lib.reading import reader

# The letter is a stranger's page: it runs nothing, loads nothing, and submits nothing, even if
# something got past the cleaning.
_FRAME_POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_HEADER_BYTES = 200_000
_LINKS_SHOWN = 30
_NAME_CHARS = 120


@require_GET
@never_cache
@xframe_options_sameorigin
@requires(Task.TRIAGE)
def body(request: HttpRequest, message_id: int) -> HttpResponse:
    """The letter: cleaned HTML, or its text when there is no HTML or ?as=text asks for it."""
    message = message_for(request.user, message_id)
    cleaned = None
    wanted = bool(message.html) and request.GET.get("as") != "text"
    if wanted:
        images = {
            content_id: reverse("intake:page-image", args=[message.pk, path, 1])
            for content_id, path in queries.image_paths(message).items()
        }
        with suppress(Unreadable):
            cleaned = reader().cleaned(message.html, images)
    context = {
        "message": message,
        "cleaned": cleaned,
        "not_shown": wanted and cleaned is None,
        "links": [(_host(link), link) for link in cleaned.links[:_LINKS_SHOWN]] if cleaned else [],
        "more_links": max(0, len(cleaned.links) - _LINKS_SHOWN) if cleaned else 0,
    }
    response = render(request, "intake/message_body.html", context)
    response.headers["Content-Security-Policy"] = _FRAME_POLICY
    return response


@require_GET
@never_cache
@requires(Task.TRIAGE)
def headers(request: HttpRequest, message_id: int) -> HttpResponse:
    """The header block as it came."""
    message = message_for(request.user, message_id)
    block = re.split(rb"\r?\n\r?\n", _raw(message.raw_sha256)[:_HEADER_BYTES], maxsplit=1)[0]
    text = block.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    context = {"message": message, "headers": text}
    return render(request, "intake/message_headers.html", context)


@require_GET
@never_cache
@requires(Task.TRIAGE)
def original(request: HttpRequest, message_id: int) -> HttpResponse:
    """The raw mail, byte for byte."""
    message = message_for(request.user, message_id)
    return _download(_raw(message.raw_sha256), f"{message.number}.eml")


@require_GET
@never_cache
@requires(Task.TRIAGE)
def attachment(request: HttpRequest, message_id: int, path: str) -> HttpResponse:
    """One attachment, always as a download."""
    found = attachment_for(request.user, message_id, path)
    return _download(
        _part(found.message.raw_sha256, found.path), found.filename or f"{found.path}.bin"
    )


def _raw(sha256: str) -> bytes:
    try:
        return blobs.load(sha256)
    except BlobError as error:
        raise Http404 from error


def _part(sha256: str, path: str) -> bytes:
    try:
        return reader().part(sha256, path)
    except (BlobError, Unreadable, KeyError) as error:
        raise Http404 from error


def _download(content: bytes, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=_safe_name(filename))
        or "attachment"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _safe_name(name: str) -> str:
    """A stranger's file name without folders, control characters and marks of direction."""
    kept = "".join(
        character
        for character in name.replace("/", "_").replace("\\", "_")
        if not unicodedata.category(character).startswith(("C", "Zl", "Zp"))
    )
    stem, dot, ending = kept.strip(" .").rpartition(".")
    if not dot:
        return ending[:_NAME_CHARS] or "attachment"
    return f"{stem[:_NAME_CHARS]}.{ending[:20]}"


def _host(link: str) -> str:
    """Where a link really leads."""
    try:
        parts = urlsplit(link)
        return parts.hostname or parts.path.rpartition("@")[2] or link
    except ValueError:
        return link
