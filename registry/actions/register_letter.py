"""Register a letter that leaves as an outgoing entry of its case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.functional import Promise

from lib import rows
from registry.actions.entries import add_entry
from registry.actions.numbers import next_document
from registry.actions.post import Post, PostFile, PostParty
from registry.models import Entry
from registry.models.entry import Direction, DocumentRole, Keeper, PartyRole
from registry.rules.numbering import number_year

_SENDER = """
SELECT name, postal_address, is_person FROM registry_party
WHERE entry_id = %s AND role = 'sender' AND until_version IS NULL ORDER BY id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class LetterCopy:
    """What the record keeps of a letter: its checksum and size, to whom it goes, and when made."""

    sha256: str
    size: int
    to: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What describes a letter in the record, with the files that go with it."""

    title: str
    public_title: str
    access: str
    legal_basis: str
    recipient: PostParty
    files: tuple[PostFile, ...]


def register_outgoing(
    *, answered: Entry, outgoing: Outgoing, made_at: datetime, timezone: str, by: str, at: datetime
) -> Entry:
    """Add an outgoing entry in the case of the entry it answers, and class it like that one.

    `timezone` is the municipality's. Raises Refused ("case_not_open").
    """
    post = Post(
        direction=Direction.OUTGOING,
        arrived_at=made_at,
        document_on=None,
        title=outgoing.title,
        public_title=outgoing.public_title,
        document_type_id=answered.document_type_id,
        access=outgoing.access,
        legal_basis=outgoing.legal_basis,
        message_number="",
        parties=(outgoing.recipient,),
        files=outgoing.files,
    )
    place = next_document(answered.case_id)
    return add_entry(post=post, place=place, year=number_year(at, timezone), by=by, at=at)


def letter_file(sha256: str, size: int) -> PostFile:
    """The letter itself, as the outbox keeps it."""
    return PostFile(
        role=DocumentRole.MAIN,
        filename="",
        media_type="message/rfc822",
        size=size,
        sha256=sha256,
        kept_in=Keeper.LETTER,
        original_sha256=sha256,
        original_part="",
    )


def register_letter(
    *,
    answered: Entry,
    copy: LetterCopy,
    title: Promise | str,
    language: str,
    timezone: str,
    by: str,
    at: datetime,
    recipient: str = "",
) -> Entry:
    """Add the outgoing entry that holds the letter, in the case of the entry it answers.

    It is classed and screened like that entry, so that what is exempt there does not show here.
    `title` is a fixed phrase, written in the municipality's own `language`; never a citizen's
    words. `timezone` is the municipality's. It goes to whoever sent that entry, or to the body
    named as `recipient`. Raises Refused ("case_not_open").
    """
    with translation.override(language):
        phrase = str(title)
    outgoing = Outgoing(
        title=phrase,
        public_title=phrase,
        access=answered.access,
        legal_basis=answered.legal_basis,
        recipient=_body(recipient, copy.to) if recipient else _recipient(answered, copy.to),
        files=(letter_file(copy.sha256, copy.size),),
    )
    return register_outgoing(
        answered=answered,
        outgoing=outgoing,
        made_at=copy.made_at,
        timezone=timezone,
        by=by,
        at=at,
    )


def _body(name: str, address: str) -> PostParty:
    return PostParty(
        role=PartyRole.RECIPIENT, name=name, email=address, postal_address="", is_person=False
    )


def _recipient(answered: Entry, address: str) -> PostParty:
    """Whom the letter goes to: the sender as registered, at the address that is written to."""
    found = rows.run(_SENDER, [answered.pk])
    name, postal_address, is_person = found[0] if found else ("", "", True)
    return PostParty(
        role=PartyRole.RECIPIENT,
        name=name,
        email=address,
        postal_address=postal_address,
        is_person=is_person,
    )
