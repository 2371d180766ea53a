"""Set up mailboxes; what is there already is brought up to date."""

from __future__ import annotations

from intake.models import Mailbox


def set_up_mailbox(
    *, address: str, name: str, kind: str, authority_id: int, unit_id: int, language: str
) -> Mailbox:
    """Make or update a mailbox that post reaches by SMTP or LMTP."""
    return Mailbox.objects.update_or_create(
        address=address.lower(),
        defaults={
            "name": name,
            "kind": kind,
            "authority_id": authority_id,
            "unit_id": unit_id,
            "language": language,
        },
    )[0]
