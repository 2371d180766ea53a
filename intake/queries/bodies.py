"""Questions about the bodies that misdirected post belongs to."""

from __future__ import annotations

from html import unescape
from typing import Any

from intake import queries
from intake.models import Body, Message
from intake.rules.bodies import KnownBody, propose_bodies
from lib.mime.nesting import without_tags
from lib.sensitive import MAX_TEXT


def known() -> list[Body]:
    """Public bodies in use, by name."""
    return list(Body.objects.filter(is_active=True))


def proposed_for(message: Message) -> list[tuple[Body, str]]:
    """The bodies that a message may belong to, the best first, each with the word that says so."""
    by_pk = {body.pk: body for body in known()}
    found = propose_bodies(
        subject=message.subject,
        text=message.text,
        bodies=[KnownBody(pk, body.words.splitlines()) for pk, body in by_pk.items()],
    )
    return [(by_pk[each.pk], each.word) for each in found]


def facts_for_forwarding(message: Message) -> dict[str, Any]:
    """What `why_not_forwarded` asks of a message."""
    attachments = queries.attachments_of(message)
    return {
        "is_held": bool(message.held_code) or "text_truncated" in message.defects,
        "texts": [
            message.subject,
            message.sender_name,
            message.text,
            # Too long is a reason by itself, so the rest need not be looked at.
            unescape(without_tags(message.html[: MAX_TEXT + 1])),
            *(each.filename for each in attachments),
        ],
        "attachment_types": [
            kind for each in attachments for kind in (each.media_type, each.declared_type)
        ],
        "size": message.size,
    }
