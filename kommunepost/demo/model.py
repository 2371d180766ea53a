"""What a demo municipality consists of, as plain values that any seeding can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Profile = Literal["NO", "SE"]
Role = Literal[
    "registrar",
    "caseworker",
    "unit_leader",
    "official",
    "secretary",
    "preparedness",
    "administrator",
]
MailboxKind = Literal["central", "unit", "officer", "official", "form"]
Disposal = Literal["keep", "dispose", "assess"]
# The main rule is to register; the exceptions stand in the records plan (OSL 5:1,
# arkivforskrifta): in order but unregistered, or of minor importance and not kept at all.
# Which deadlines begin to run when a document of the kind comes in.
Clock = Literal["answer", "access_request", "none"]
RegisterRule = Literal["register", "keep_in_order", "minor"]


@dataclass(frozen=True)
class Authority:
    """A body with its own diary. In Sweden every nämnd is one; in Norway the municipality is.

    The patterns are filled with `prefix` (the code), `year` (four digits), `yy` (two),
    `number`; `document_pattern` is what follows it, with `document`.
    """

    code: str
    name: str
    case_pattern: str
    document_pattern: str = "-{document}"


@dataclass(frozen=True)
class Unit:
    """A part of the organisation. `parent` is a unit's code, `leader` a person's e-mail."""

    code: str
    name: str
    parent: str = ""
    leader: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Person:
    """Someone who works here. All of them are invented."""

    name: str
    email: str
    roles: tuple[Role, ...]
    unit: str
    language: str


@dataclass(frozen=True)
class MailboxSpec:
    """An address at which post arrives; `unit` and `authority` are codes, `unit` may be empty."""

    address: str
    kind: MailboxKind
    name: str
    unit: str
    authority: str
    language: str


@dataclass(frozen=True)
class DocumentTypeSpec:
    """A line of the records plan. `retention_years` is None where nothing is disposed of."""

    code: str
    name: str
    class_code: str
    disposal: Disposal
    retention_years: int | None
    register: RegisterRule
    legal_basis: str
    clock: Clock = "answer"


@dataclass(frozen=True)
class BodySpec:
    """A public body that misdirected post belongs to; `words` begin the words it is known by."""

    name: str
    email: str
    postal_address: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class NotRegistered:
    """An exception in the records plan: what need not be registered, why, and who decided so."""

    code: str
    name: str
    reason: str
    legal_basis: str


@dataclass(frozen=True)
class Municipality:
    """A whole demo municipality. Mail domains end in .example: nothing can reach anyone.

    `portal_address` is printed in letters, to be typed by the reader: no scheme, no link.
    """

    key: str
    profile: Profile
    name: str
    short_name: str
    organisation_number: str
    central_address: str
    domain: str
    postal_address: str
    visiting_address: str
    phone: str
    it_support_phone: str
    portal_address: str
    registry_contact: str
    languages: tuple[str, ...]
    default_language: str
    website: str
    authorities: tuple[Authority, ...]
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    mailboxes: tuple[MailboxSpec, ...]
    document_types: tuple[DocumentTypeSpec, ...]
    bodies: tuple[BodySpec, ...] = ()
    not_registered: tuple[NotRegistered, ...] = ()
