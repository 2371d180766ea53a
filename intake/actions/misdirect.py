"""Misdirected: tell the sender which body is right, register both, and perhaps send the mail on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries import municipality
from intake.actions.notifying import acknowledge_by_notice, sender_of
from intake.actions.triage import Decision, post_of, settle, waiting_message
from intake.models import Body, Message
from intake.models.message import State
from intake.queries import bodies
from intake.rules.sensitive import SETTLED_BY_READING, NotForwarded, why_not_forwarded
from ledger.actions.record import record
from lib import blobs
from lib.mime.compose import AttachedFile
from lib.refusal import Refused
from registry.actions.notices import Address, NoticeKind, send_notice
from registry.actions.register import register
from registry.actions.sign_off import sign_off

if TYPE_CHECKING:
    from registry.models import Entry, Notice

# Noark M619: answered by e-mail; taken note of.
_BY_EMAIL, _NOTED = "BE", "TE"


@dataclass(frozen=True, slots=True)
class Misdirection:
    """What the registrar chose: the right body, the letter's language, and whether to send it on.

    `attachments_read`: a person has read the attachments and found nothing sensitive in them.
    """

    body_id: int
    language: str
    forward: bool
    attachments_read: bool


def may_send_on(message: Message) -> NotForwarded | None:
    """Why the mail may not be sent on, to whatever body; None when it may."""
    return why_not_forwarded(has_address=True, **bodies.facts_for_forwarding(message))


def sends_on_as_a_rule() -> bool:
    """Norway: the normal thing to do (forvaltningslovforskriften § 4). Sweden: a service (FL 6 §),
    which a person chooses."""
    place = municipality()
    return place is not None and place.profile == "NO"


def misdirect(
    *, message_id: int, decision: Decision, choice: Misdirection, by: str, at: datetime
) -> int:
    """Register a misdirected message and the notice to its sender, write it off; return its entry.

    fvl. § 11, eForvaltningsforskriften § 7, FL 6 §. The notice tells time of receipt and number, so
    it is the acknowledgement as well, unless a receipt has gone already. With `forward` the mail
    itself goes to the body as an attachment, in a letter that is registered too
    (forvaltningslovforskriften § 4). Letters wait UNDO_SECONDS. Raises Refused ("already_done",
    "not_screened", "no_such_body", "not_to_be_sent_on", and what registering refuses).
    """
    original = _original(message_id) if choice.forward else b""
    with transaction.atomic():
        message = waiting_message(message_id)
        body = Body.objects.filter(pk=choice.body_id, is_active=True).first()
        if body is None:
            raise Refused("no_such_body", _("There is no such body, or it is not in use."))
        if choice.forward:
            facts = bodies.facts_for_forwarding(message)
            why_not = why_not_forwarded(has_address=bool(body.email), **facts)
            _check(why_not, attachments_read=choice.attachments_read)
        entry = register(post=post_of(message, decision), case=decision.case, by=by, at=at)
        if choice.forward:
            _send_on(message, entry, body, original, by=by, at=at)
        notice = _tell_sender(message, entry, body, choice, by=by, at=at)
        sign_off(
            entry_id=entry.pk,
            way=_BY_EMAIL if notice.letter_entry_id else _NOTED,
            answer_id=notice.letter_entry_id,
            # Where nobody was told, it stands there who has the matter.
            reason="" if notice.letter_entry_id else body.name,
            by=by,
            at=at,
        )
        settle(message, State.REGISTERED, reason="", by=by, at=at)
        record(
            verb="intake.message_misdirected",
            subject=f"message:{message.pk}",
            by=by,
            at=at,
            entry=entry.pk,
            body=body.pk,
            sent_on=choice.forward,
        )
    return entry.pk


def _original(message_id: int) -> bytes:
    """The raw mail, read before the transaction begins: it never changes.

    Raises Refused ("original_missing").
    """
    digest = Message.objects.values_list("raw_sha256", flat=True).get(pk=message_id)
    try:
        return blobs.load(digest)
    except blobs.BlobError as error:
        raise Refused("original_missing", _("The original of this message is missing.")) from error


def _check(why: NotForwarded | None, *, attachments_read: bool) -> None:
    if why is None or (why in SETTLED_BY_READING and attachments_read):
        return
    raise Refused("not_to_be_sent_on", _("This mail may not be sent on by e-mail."))


def _send_on(
    message: Message, entry: Entry, body: Body, original: bytes, *, by: str, at: datetime
) -> None:
    place = municipality()
    language = place.default_language if place else "en"
    notice = send_notice(
        kind=NoticeKind.FORWARDED,
        entry=entry,
        address=Address(to=body.email, language=language, body=body.name),
        values={"body": body.name},
        body=body.name,
        files=[AttachedFile(f"{message.number}.eml", "message/rfc822", original)],
        not_before=_after_undo(at),
        by=by,
        at=at,
    )
    if notice.letter_id is None:
        # The sender would be told that it was sent on.
        raise Refused("not_to_be_sent_on", _("The body cannot be written to at its address."))


def _tell_sender(
    message: Message, entry: Entry, body: Body, choice: Misdirection, *, by: str, at: datetime
) -> Notice:
    """The notice, which confirms receipt too; where none may leave, the reason for both."""
    address = sender_of(message, language=choice.language, at=at)
    notice = send_notice(
        kind=NoticeKind.MISDIRECTED,
        entry=entry,
        address=address,
        values=misdirected_values(body, forward=choice.forward),
        body=body.name,
        not_before=_after_undo(at),
        by=by,
        at=at,
    )
    acknowledge_by_notice(message, entry, notice, by=by, at=at)
    return notice


def misdirected_values(body: Body, *, forward: bool) -> dict[str, str]:
    """What the notice says of the body, and of where the mail is now."""
    return {
        "body": body.name,
        "forwarded_to": body.email if forward else "",
        "send_to": "" if forward else body.where or body.name,
    }


def _after_undo(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.UNDO_SECONDS)
