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
from django.utils.translation import ngettext

from intake import queries
from intake.models import Attachment, Message, Proposal
from intake.models.message import Kind
from intake.queries import desk
from intake.rules.title_check import findings, without_findings
from intake.templatetags.intake_words import (
    not_acknowledged,
    proposal_reason,
    sender_words,
    sensitive_word,
)
from lib.previews import has_pages
from lib.sensitive import Sensitive
from registry.access import knows_of, title_of
from registry.queries import (
    acknowledgement_of,
    document_types,
    entries_of_message,
    first_deadlines,
)
from registry.templatetags.registry_tags import deadline_chip, file_kind

# A clock that is a little wrong, or a mail that lay an hour in a queue, says nothing.
_CLAIM_TOLERANCE = timedelta(days=1)

# For so long the page says what was done last; z then undoes it, or says that it is too late.
_UNDO_SHOWN_SECONDS = 300


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
    pk: int
    unit: str
    assignee: str
    busy_by: str = ""
    marks: list[dict[str, str]] = field(default_factory=list)


def rows(
    messages: Sequence[Message], opened: Message | None, *, user: Any, query: str, at: datetime
) -> list[Row]:
    """The list, with what is proposed for each message, what is due first, and who is at it."""
    cases = queries.proposed_cases(messages)
    busy = desk.present_at((message.pk for message in messages), at=at, but_not=user.pk)
    counts = queries.attachment_counts(messages)
    deadlines = first_deadlines(message.number for message in messages)
    return [
        Row(
            url=reverse("intake:message", args=[message.pk]) + query,
            sender=sender_words(message),
            subject=message.subject,
            received_at=message.received_at,
            selected=opened is not None and opened.pk == message.pk,
            proposal=_short(cases.get(message.pk), user),
            deadline=first_deadline(deadlines, message),
            attachments=counts.get(message.pk, 0),
            pk=message.pk,
            unit=message.unit.name if message.unit else "",
            assignee=message.assignee.name if message.assignee else "",
            busy_by=", ".join(name for _pk, name in busy.get(message.pk, [])),
            marks=_marks(message),
        )
        for message in messages
    ]


def first_deadline(deadlines: Mapping[str, Any], message: Message) -> Any:
    """The deadline of a message that ends first, for its chip; None when none runs."""
    first = deadlines.get(message.number)
    return deadline_chip(first) if first else None


def with_deadlines(messages: Iterable[Message]) -> list[tuple[Message, Any]]:
    """Messages of a list, each with the chip of its first deadline."""
    found = list(messages)
    deadlines = first_deadlines(message.number for message in found)
    return [(message, first_deadline(deadlines, message)) for message in found]


def _short(proposal: Proposal | None, user: Any) -> dict[str, str] | None:
    if proposal is None or not knows_of(user, proposal.case):
        return None
    return {"number": proposal.case.reference, "title": title_of(user, proposal.case)}


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


def letter(message: Message, as_text: bool, query: str = "") -> dict[str, Any] | None:
    """The letter in its frame (components/letter.html); None when it could not be read."""
    tools = {
        "headers_url": reverse("intake:message-headers", args=[message.pk]),
        "original_url": reverse("intake:message-original", args=[message.pk]),
    }
    if message.screened_at is None or message.held_code:
        return None
    body = reverse("intake:message-body", args=[message.pk])
    here = reverse("intake:message", args=[message.pk]) + query
    text = f"{here}{'&' if query else '?'}as=text"
    other: dict[str, str] = {}
    if message.html:
        other = {
            "other_view_url": here if as_text else text,
            "other_view_is": "html" if as_text else "text",
        }
    return {
        **tools,
        **other,
        "body_url": f"{body}?as=text" if as_text else body,
        "language": message.language,
    }


def cases(proposals: Iterable[Proposal], user: Any) -> list[dict[str, str]]:
    """The cases that can be taken with a key (components/proposals.html)."""
    return [
        {
            "value": str(each.case_id),
            "number": each.case.reference,
            "title": title_of(user, each.case),
            "reason": proposal_reason(each.reason),
            "unit": each.case.unit.name,
        }
        for each in proposals
    ]


def presence(message: Message, user: Any, at: datetime) -> dict[str, str]:
    """Who else has the message open: names to show, and ids to tell whether it has changed."""
    found = desk.present_at([message.pk], at=at, but_not=user.pk).get(message.pk, [])
    return {
        "names": ", ".join(name for _pk, name in found),
        "known": ",".join(str(pk) for pk, _name in found),
    }


def title_check(
    message: Message, *, title: str, public_title: str, document_type: object
) -> dict[str, Any] | None:
    """What was found in the titles and what the public could read instead; None when all is well.

    A title may hold what the public one leaves out; only while that is empty it is asked about.
    """
    names = [message.sender_name]
    in_public = findings(public_title or "", names=names)
    looked_at = public_title if in_public else title
    found = in_public or (
        [] if (public_title or "").strip() else findings(title or "", names=names)
    )
    if not found:
        return None
    pieces, end = [], 0
    for each in found:
        pieces += [(looked_at[end : each.start], False), (looked_at[each.start : each.end], True)]
        end = each.end
    kinds = document_types()
    kind = next((each for each in kinds if str(each.pk) == str(document_type)), None)
    fallback = kind.name if kind else _("Letter")
    return {
        "pieces": [*pieces, (looked_at[end:], False)],
        "kinds": dict.fromkeys(str(sensitive_word(each.kind)) for each in found),
        "proposal": without_findings(looked_at, names=names, fallback=fallback),
        "in_public": bool(in_public),
        "may_stay": all(each.kind != Sensitive.IDENTITY_NUMBER for each in found),
    }


def undo_bar(request: HttpRequest) -> dict[str, Any] | None:
    """What this person registered just now and can still undo (components/undo.html)."""
    last = request.session.get("undo")
    passed = timezone.now().timestamp() - last["at"] if last else 0
    if not last or passed > _UNDO_SHOWN_SECONDS:
        request.session.pop("undo", None)
        return None
    if "aside" in last:
        return _undo_aside(len(last["aside"]))
    number = f"M{last['message']}"
    entry = next((e for e in entries_of_message(number) if e.pk == last["entry"]), None)
    if entry is None:
        del request.session["undo"]
        return None
    seconds = max(0, int(settings.UNDO_SECONDS - passed))
    done = acknowledgement_of(number)
    words = {"number": entry.reference}
    if last.get("done") == "sent_on":
        text = _("%(number)s is registered, its sender is told, and the mail is sent on.") % words
    elif last.get("done") == "split":
        numbers = ", ".join(each.reference for each in entries_of_message(number))
        text = _("%(numbers)s are registered.") % {"numbers": numbers}
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


def _undo_aside(count: int) -> dict[str, Any] | None:
    if not count:
        return None
    text = ngettext(
        "%(n)s message is set aside. It is kept and counted.",
        "%(n)s messages are set aside. They are kept and counted.",
        count,
    )
    return {"text": text % {"n": count}, "action": reverse("intake:undo-set-aside"), "aside": True}
