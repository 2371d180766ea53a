"""Set up mailboxes and known bodies; what is there already is brought up to date."""

from __future__ import annotations

from intake.models import Body, Mailbox
from intake.queries.desk import mailboxes_in_use


def set_up_mailbox(
    *, address: str, name: str, kind: str, authority_id: int, unit_id: int, language: str
) -> Mailbox:
    """Make or update a mailbox that post reaches by SMTP or LMTP."""
    mailbox = Mailbox.objects.update_or_create(
        address=address.lower(),
        defaults={
            "name": name,
            "kind": kind,
            "authority_id": authority_id,
            "unit_id": unit_id,
            "language": language,
        },
    )[0]
    mailboxes_in_use.forget()
    return mailbox


def set_up_body(*, name: str, email: str, postal_address: str, words: tuple[str, ...]) -> Body:
    """Make or update a public body that misdirected post may belong to."""
    return Body.objects.update_or_create(
        name=name,
        defaults={
            "email": email.lower(),
            "postal_address": postal_address,
            "words": "\n".join(words),
        },
    )[0]
