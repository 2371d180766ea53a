"""A letter for letter post: one sheet is stored, registered and printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string

from accounts.queries import municipality
from lib import blobs
from lib.jurisdictions import local_date
from outbox.rules.letters import Rendered, format_date
from registry.actions.composing import preview, profile
from registry.actions.post import PostFile
from registry.models import Answer
from registry.models.entry import DocumentRole, Keeper


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter on its sheet: what it says, and the file that the record keeps."""

    letter: Rendered
    file: PostFile


def sheet(answer: Answer, letter: Rendered, *, at: datetime) -> str:
    """The sheet as an HTML document: letterhead, whom it goes to, the day, the letter."""
    context = {
        "language": answer.language,
        "body": municipality(),
        "party": answer.party,
        "day": format_date(local_date(at, profile()), answer.language),
        "letter": letter,
    }
    return render_to_string("registry/sheet_document.html", context)


def print_letter(answer: Answer, *, at: datetime) -> Printed:
    """Store the sheet as it will be printed. Raises Refused ("bad_letter"), lib.blobs.BlobError."""
    letter = preview(answer)
    data = sheet(answer, letter, at=at).encode()
    sha256 = blobs.store(data)
    file = PostFile(
        role=DocumentRole.MAIN,
        filename=f"{answer.entry.reference}.html".replace("/", "-"),
        media_type="text/html",
        size=len(data),
        sha256=sha256,
        kept_in=Keeper.BLOB,
        original_sha256=sha256,
        original_part="",
    )
    return Printed(letter, file)
