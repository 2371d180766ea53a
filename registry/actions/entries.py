"""Write an entry with all that belongs to it: the part that every way of registering shares."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError

from lib import rows
from registry.actions.index import index_entries
from registry.actions.numbers import Place, entry_reference, take_numbers
from registry.actions.post import Post, PostFile, PostParty
from registry.actions.refusals import refusal
from registry.models import Document, Entry, Party, Version
from registry.rules.numbering import NumberPattern

_REFUSED_BY = {
    "one_entry_per_message_in_case": "already_registered",
    "one_case_per_reference": "reference_taken",
}


def add_entry(*, post: Post, place: Place, year: int, by: str, at: datetime) -> Entry:
    """Number and write an entry at its place in an existing case, with its first version."""
    numbers = take_numbers(series_id=place.series_id, year=year, new_case=False)
    return write_entry(
        post=post,
        place=place,
        pattern=numbers.pattern,
        running=(year, numbers.running),
        by=by,
        at=at,
    )


def write_entry(
    *,
    post: Post,
    place: Place,
    pattern: NumberPattern,
    running: tuple[int, int],
    by: str,
    at: datetime,
) -> Entry:
    """Write entry, parties, documents and first version with numbers already taken.

    Raises Refused ("already_registered").
    """
    entry = Entry(
        case_id=place.case_id,
        document=place.document,
        reference=entry_reference(pattern, place),
        running_year=running[0],
        running_number=running[1],
        series_id=place.series_id,
        direction=post.direction,
        title=post.title,
        public_title=post.public_title,
        document_type_id=post.document_type_id,
        access=post.access,
        legal_basis=post.legal_basis,
        arrived_at=post.arrived_at,
        document_on=post.document_on,
        registered_at=at,
        registered_by=by,
        message_number=post.message_number,
        copy_of_id=post.copy_of_id,
    )
    try:
        rows.insert_with(
            entry,
            [
                *parties(entry, post.parties, from_version=1),
                *(_document(entry, number, file) for number, file in enumerate(post.files, 1)),
                Version(entry=entry, version=1, values=described(entry), made_at=at, made_by=by),
            ],
        )
    except IntegrityError as error:
        raise_refusal(error)
    index_entries([entry.pk])
    return entry


def parties(entry: Entry, given: Iterable[PostParty], *, from_version: int) -> list[Party]:
    """The rows of an entry's parties, not yet written."""
    return [
        Party(
            entry=entry,
            role=each.role,
            name=each.name,
            email=each.email,
            postal_address=each.postal_address,
            is_person=each.is_person,
            from_version=from_version,
        )
        for each in given
    ]


def described(entry: Entry) -> dict[str, str | int | None]:
    """What describes an entry, as its versions keep it."""
    return {
        "title": entry.title,
        "public_title": entry.public_title,
        "document_type": entry.document_type_id,
        "access": entry.access,
        "legal_basis": entry.legal_basis,
        "document_on": entry.document_on.isoformat() if entry.document_on else None,
    }


def raise_refusal(error: IntegrityError) -> None:
    """Turn the breach of a constraint that people can cause into a refusal; else raise it."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    code = _REFUSED_BY.get(constraint or "")
    if code is None:
        raise error
    raise refusal(code) from error


def _document(entry: Entry, number: int, file: PostFile) -> Document:
    return Document(
        entry=entry,
        number=number,
        role=file.role,
        filename=file.filename,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        kept_in=file.kept_in,
        original_sha256=file.original_sha256,
        original_part=file.original_part,
    )
