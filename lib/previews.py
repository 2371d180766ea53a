"""Page images of files by checksum: made when somebody looks, and kept on disk for an hour.

What is kept is a copy of somebody's post that no retention rule knows of. So it is little and goes
soon: with each new page whatever is older than an hour, and the oldest beyond the limit, goes.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore

from django.conf import settings
from django.http import HttpResponse

from lib.mime.limits import Unreadable
from lib.pictures.child import PictureChild
from lib.pictures.draw import IMAGES, MEDIA_TYPE, PDF, Drawn

log = logging.getLogger(__name__)

_KEPT_SECONDS = 3_600
_WAIT_SECONDS = 3.0  # for others' pages, before a person is told to come again
_turn = BoundedSemaphore()


def has_pages(media_type: str) -> bool:
    """Whether page images are made of files of this type."""
    return media_type == PDF or media_type in IMAGES


def page(sha256: str, media_type: str, number: int, load: Callable[[], bytes]) -> Drawn:
    """Page `number` of the file with this checksum; `load` gives its bytes.

    Raises what `load` raises, and lib.mime.limits.Unreadable with the codes of
    `PictureChild.draw`, or busy: pages of others are being made, and this one may be asked for
    again. That a file cannot be drawn is remembered as well, so that it costs its time once.
    """
    file = Path(settings.PREVIEW_DIR) / f"{sha256}-{number}"
    kept = _kept(file)
    if kept is not None:
        return kept
    data = load()
    if not _turn.acquire(timeout=_WAIT_SECONDS):
        raise Unreadable("busy")
    try:
        drawn = _child().draw(data, media_type, number)
    except Unreadable as error:
        log.warning("page not drawn: sha256=%s page=%s code=%s", sha256, number, error.code)
        _keep(file, {"error": error.code}, b"")
        raise
    finally:
        _turn.release()
    _keep(file, {"pages": drawn.pages, "all_pages": drawn.all_pages}, drawn.picture)
    return drawn


@dataclass(frozen=True)
class Preview:
    """One page of a file in words and addresses (components/preview.html).

    `code` says why there is nothing to see; it is "" when there is. A mail is shown by its `text`
    instead of pictures.
    """

    name: str
    # The number of the message, or of the entry, in the page's title; the name may tell too much.
    belongs_to: str
    number: int
    pages: int
    all_pages: int
    code: str
    # Addresses: of the picture, of the page before and after, of the file itself, and of where
    # the file belongs.
    image_url: str
    previous_url: str
    next_url: str
    download_url: str
    back_url: str
    text: str | None = None


def of_page(
    drawn: Drawn | None,
    *,
    name: str,
    belongs_to: str,
    number: int,
    here: str,
    image_url: str,
    download_url: str,
    back_url: str,
    code: str = "",
    text: str | None = None,
) -> Preview:
    """What is shown of a file at the address `here`: the page that was drawn, or why none is."""
    return Preview(
        name=name,
        belongs_to=belongs_to,
        number=number,
        pages=drawn.pages if drawn else 0,
        all_pages=drawn.all_pages if drawn else 0,
        code=code,
        image_url=image_url,
        previous_url=f"{here}?page={number - 1}" if drawn and number > 1 else "",
        next_url=f"{here}?page={number + 1}" if drawn and number < drawn.pages else "",
        download_url=download_url,
        back_url=back_url,
        text=text,
    )


def as_response(picture: bytes) -> HttpResponse:
    """A page image for a browser: of its own type, and nothing else whatever it holds."""
    response = HttpResponse(picture, content_type=MEDIA_TYPE)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def number_asked(text: str) -> int:
    """The page number of a query; 1 for anything else than a number."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 4 else 1


@lru_cache
def _child() -> PictureChild:
    return PictureChild(seconds=settings.PREVIEW_SECONDS)


def _kept(file: Path) -> Drawn | None:
    try:
        if file.stat().st_mtime < time.time() - _KEPT_SECONDS:
            return None
        head, _, picture = file.read_bytes().partition(b"\n")
        facts = json.loads(head)
    except (OSError, ValueError):
        return None
    if "error" in facts:
        raise Unreadable(str(facts["error"]))
    return Drawn(picture, int(facts["pages"]), int(facts["all_pages"]))


def _keep(file: Path, facts: dict[str, object], picture: bytes) -> None:
    """Write the file as a whole or not at all. A full disk costs the copy, not the page."""
    partial = file.with_name(f"partial-{secrets.token_hex(8)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_room(file.parent, len(picture))
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(json.dumps(facts).encode() + b"\n" + picture)
        partial.replace(file)
    except OSError as error:
        log.warning("page image not kept: %s", type(error).__name__)
        partial.unlink(missing_ok=True)


def _make_room(folder: Path, size: int) -> None:
    room = settings.PREVIEW_MEGABYTES * 2**20 - size
    too_old = time.time() - _KEPT_SECONDS
    found = sorted(
        ((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in os.scandir(folder)),
        reverse=True,
    )
    for at, length, path in found:
        room -= length
        if at < too_old or room < 0:
            Path(path).unlink(missing_ok=True)
