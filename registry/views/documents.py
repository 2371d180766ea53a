"""The content of a registered document, as a download that no browser opens."""

from __future__ import annotations

import hashlib
import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.rules.roles import Task
from lib import blobs
from lib.blobs import BlobError
from lib.mime.limits import Unreadable
from lib.reading import reader
from outbox.queries import letter_raw
from registry import access
from registry.actions.note_reading import note_reading
from registry.actions.refusals import refusal
from registry.models import Document
from registry.models.entry import Keeper

log = logging.getLogger(__name__)


@require_GET
@requires(Task.READ_CASES)
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    """The bytes with the checksum that was registered, or nothing; the reading is recorded."""
    found = access.document_for(request.user, document_id)
    data = content(found)
    if data is None:
        messages.error(request, str(refusal("not_in_store")))
        return redirect("registry:case", found.entry.case_id)
    note_reading(
        document_id=found.pk,
        entry_id=found.entry_id,
        by=request.user.actor,  # type: ignore[union-attr]
        at=timezone.now(),
    )
    return as_download(data, filename(found))


def as_download(data: bytes, name: str) -> HttpResponse:
    """Bytes as a file that no browser opens, whatever they are."""
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    # Should a browser show it after all, then without scripts, forms or an origin.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def content(found: Document) -> bytes | None:
    """The bytes with the checksum that was registered; None when the store does not have them."""
    data = _stored(found)
    if data is None or hashlib.sha256(data).hexdigest() != found.sha256:
        log.error("document cannot be given out: document=%s", found.pk)
        return None
    return data


def _stored(found: Document) -> bytes | None:
    if found.kept_in == Keeper.LETTER:
        return letter_raw(found.original_sha256)
    try:
        if not found.original_part:
            return blobs.load(found.original_sha256)
        return reader().part(found.original_sha256, found.original_part)
    except (BlobError, Unreadable) as error:
        log.error("original unreadable: document=%s error=%s", found.pk, type(error).__name__)
        return None


def filename(found: Document) -> str:
    """The sender's name for the file without what could be a path, or our own."""
    own = f"{found.entry.reference}-{found.number}.{'eml' if not found.original_part else 'bin'}"
    name = found.filename.replace("\\", "/").rpartition("/")[2] or own
    return "".join(char if char.isprintable() and char not in '/:*?"<>|' else "-" for char in name)
