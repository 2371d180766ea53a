"""What is handed in for registering: plain values, so that any channel can bring them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PostFile:
    """A file; `kept_in` is "blob" or "letter", `original_part` the part of the mail ("" = all)."""

    role: str
    filename: str
    media_type: str
    size: int
    sha256: str
    kept_in: str
    original_sha256: str
    original_part: str


@dataclass(frozen=True, slots=True)
class PostParty:
    """A correspondence party; `role` is "sender", "recipient" or "copy"."""

    role: str
    name: str
    email: str
    postal_address: str
    is_person: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A document to be registered.

    `arrived_at` is when it reached our server (incoming) or was made ready to leave (outgoing);
    `document_on` the date that it bears itself; `message_number` the message's at the front door.
    """

    direction: str
    arrived_at: datetime
    document_on: date | None
    title: str
    public_title: str
    document_type_id: int
    access: str
    legal_basis: str
    message_number: str
    parties: tuple[PostParty, ...]
    files: tuple[PostFile, ...]
    # The entry of another case that is this document too, and under which it is dealt with.
    copy_of_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be opened by what is registered in it."""

    series_id: int
    title: str
    public_title: str
    access: str
    legal_basis: str
    unit_id: int
    caseworker_id: int | None = None
