"""What the components of the queue's pages ask for, made from messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from intake import queries
from intake.models import Attachment, Message, Proposal
from intake.models.message import Kind
from intake.templatetags.intake_words import not_acknowledged, proposal_reason, sender_words
from lib.previews import has_pages
from registry.queries import acknowledgement_of, entries_of_message, running_deadlines
from registry.templatetags.registry_tags import deadline_chip, file_kind

# A clock that is a little wrong, or a mail that lay an hour in a queue, says nothing.
_CLAIM_TOLERANCE = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """A message in the list (components/queue_row.html)."""

    url: str
    sender: str
    subject: str
    received_at: datetime
    selected: bool
    proposal: dict[str, str] | None
    deadline: dict[str, Any] | None
    attachments: int
    marks: list[dict[str, str]] = field(default_factory=list)


def rows(messages: Sequence[Message], opened: Message | None) -> list[Row]:
    """The list, with what is proposed for each message and what is due first."""
    cases = queries.proposed_cases(messages)
    counts = queries.attachment_counts(messages)
    deadlines = running_deadlines(message.number for message in messages)
    return [
        Row(
            url=reverse("intake:message", args=[message.pk]),
            sender=sender_words(message),
            subject=message.subject,
            received_at=message.received_at,
            selected=opened is not None and opened.pk == message.pk,
            proposal=_short(cases.get(message.pk)),
            deadline=first_deadline(deadlines, message),
            attachments=counts.get(message.pk, 0),
            marks=_marks(message),
        )
        for message in messages
    ]


def first_deadline(deadlines: Mapping[str, Sequence[Any]], message: Message) -> Any:
    """The deadline of a message that ends first, for its chip; None when none runs."""
    running = deadlines.get(message.number)
    return deadline_chip(running[0]) if running else None


def with_deadlines(messages: Iterable[Message]) -> list[tuple[Message, Any]]:
    """Messages of a list, each with the chip of its first deadline."""
    found = list(messages)
    deadlines = running_deadlines(message.number for message in found)
    return [(message, first_deadline(deadlines, message)) for message in found]


def _short(proposal: Proposal | None) -> dict[str, str] | None:
    if proposal is None:
        return None
    return {"number": proposal.case.reference, "title": proposal.case.title}


def _marks(message: Message) -> list[dict[str, str]]:
    marks = []
    if message.kind and message.kind != Kind.PERSON:
        marks.append({"kind": "info", "word": message.get_kind_display()})
    if message.defects:
        marks.append({"kind": "unchecked", "word": _("Badly made")})
    return marks


def head(message: Message, deliveries: Sequence[Any]) -> dict[str, Any]:
    """The head of a message (components/message_head.html)."""
    claimed = message.claimed_at
    if claimed is not None and abs(claimed - message.received_at) <= _CLAIM_TOLERANCE:
        claimed = None
    addresses = [each.address for delivery in deliveries for each in delivery.recipients.all()]
    return {
        "subject": message.subject,
        "sender_name": message.sender_name,
        # What could not be read has no From; who handed it over is all that is known.
        "sender_address": message.sender_address or message.envelope_from,
        "recipients": ", ".join(dict.fromkeys(addresses)),
        "received_at": message.received_at,
        "claimed_at": claimed,
        "number": message.number,
        "language": message.language,
    }


def files(message: Message, attachments: Iterable[Attachment]) -> list[dict[str, Any]]:
    """The attachments, each with its type by content (components/attachments.html)."""
    found: list[dict[str, Any]] = []
    for each in attachments:
        shown = has_pages(each.media_type)
        found.append(
            {
                "name": each.filename or _("without a name"),
                "type": file_kind(each.media_type),
                "size": each.size,
                "state": "",
                "url": reverse("intake:attachment", args=[message.pk, each.path]),
                "preview_url": reverse("intake:preview", args=[message.pk, each.path])
                if shown
                else "",
                "is_first_shown": shown and not any(file["preview_url"] for file in found),
            }
        )
    return found


def letter(message: Message, as_text: bool) -> dict[str, Any] | None:
    """The letter in its frame (components/letter.html); None when it could not be read."""
    tools = {
        "headers_url": reverse("intake:message-headers", args=[message.pk]),
        "original_url": reverse("intake:message-original", args=[message.pk]),
    }
    if message.screened_at is None or message.held_code:
        return None
    body = reverse("intake:message-body", args=[message.pk])
    here = reverse("intake:message", args=[message.pk])
    other: dict[str, str] = {}
    if message.html:
        other = {
            "other_view_url": here if as_text else f"{here}?as=text",
            "other_view_is": "html" if as_text else "text",
        }
    return {
        **tools,
        **other,
        "body_url": f"{body}?as=text" if as_text else body,
        "language": message.language,
    }


def cases(proposals: Iterable[Proposal]) -> list[dict[str, str]]:
    """The cases that can be taken with a key (components/proposals.html)."""
    return [
        {
            "value": str(each.case_id),
            "number": each.case.reference,
            "title": each.case.title,
            "reason": proposal_reason(each.reason),
        }
        for each in proposals
    ]


def undo_bar(request: HttpRequest) -> dict[str, Any] | None:
    """What this person registered just now and can still undo (components/undo.html)."""
    last = request.session.get("undo")
    if not last:
        return None
    number = f"M{last['message']}"
    entry = next((e for e in entries_of_message(number) if e.pk == last["entry"]), None)
    passed = timezone.now().timestamp() - last["at"]
    seconds = int(settings.UNDO_SECONDS - passed)
    if entry is None or seconds <= 0:
        del request.session["undo"]
        return None
    done = acknowledgement_of(number)
    words = {"number": entry.reference}
    if last.get("done") == "sent_on":
        text = _("%(number)s is registered, its sender is told, and the mail is sent on.") % words
    elif last.get("done") and done is not None and not done.not_sent_reason:
        text = _("%(number)s is registered, and its sender is told.") % words
    elif done is None or done.not_sent_reason:
        reason = not_acknowledged(done.not_sent_reason) if done else ""
        text = _("%(number)s is registered. No acknowledgement is sent, because %(reason)s.") % {
            **words,
            "reason": reason,
        }
    elif done.is_receipt:
        text = _("%(number)s is registered. The sender has had a receipt already.") % words
    else:
        text = _("%(number)s is registered and acknowledged.") % words
    return {
        "text": text,
        "action": reverse("intake:undo", args=[last["message"]]),
        "seconds": seconds,
        "correct_url": reverse("registry:entry-correct", args=[entry.pk]),
        "no_letter": done is None or bool(done.not_sent_reason) or done.is_receipt,
    }
