"""Receive: the raw bytes and a row are durable before anyone is told that we have the mail."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake import queries
from intake.models import Delivery, DeliveryRecipient, Mailbox, Message
from intake.models.message import State
from intake.rules.identity import fingerprint
from ledger.actions.record import record
from lib import blobs, rows
from lib.enqueue import enqueue
from lib.refusal import Refused


@dataclass(frozen=True)
class Arrival:
    """A mail as it stands at one of our doors.

    `received_at` is our own clock at the moment it was complete; the mail's Date header is only a
    claim. `recipients` are envelope recipients, or the mailbox it was fetched from.
    `keep_before` (time.monotonic) is when the sender will have been told to try again.
    """

    raw: bytes = field(repr=False)
    door: str
    received_at: datetime
    recipients: Sequence[str]
    envelope_from: str = ""
    has_envelope: bool = True
    peer: str = ""
    helo: str = ""
    tls: str = ""
    source_key: str | None = None
    # What the source held when `raw` is only a rendering of it (an Outlook file).
    original: bytes | None = field(default=None, repr=False)
    keep_before: float | None = None


@dataclass(frozen=True)
class Received:
    """The message that the mail became, and whether it had been here before."""

    message_id: int
    is_new: bool


def receive(*, arrival: Arrival, by: str) -> Received:
    """Store a mail durably and return the message that it is.

    The same mail again, through whatever door, is a further delivery of the same message; the
    same source key again is the same delivery. Raises Refused ("unknown_recipient", "too_late"),
    lib.blobs.BlobStoreFull, or the database's errors; after any of them nothing has been received
    and the sender keeps its copy.

    Costs three waits for the disk: the file, its folder, and the database's log.
    """
    boxes = _mailboxes(arrival.recipients)
    raw_sha256 = blobs.store(arrival.raw)
    delivered_sha256 = raw_sha256 if arrival.original is None else blobs.store(arrival.original)
    identity = fingerprint(arrival.raw)
    with transaction.atomic():
        known = _delivered_before(arrival.source_key)
        if known is not None:
            return Received(known, is_new=False)
        message_id, is_new = _message(arrival, boxes[0], raw_sha256, identity)
        delivery = Delivery(
            message_id=message_id,
            door=arrival.door,
            received_at=arrival.received_at,
            raw_sha256=delivered_sha256,
            envelope_from=arrival.envelope_from[:320],
            has_envelope=arrival.has_envelope,
            peer=arrival.peer[:64],
            helo=_printable(arrival.helo)[:255],
            tls=arrival.tls[:60],
            source_key=arrival.source_key,
        )
        rows.insert([delivery])
        rows.insert(
            [
                DeliveryRecipient(delivery=delivery, address=address[:320], mailbox=box)
                for address, box in zip(arrival.recipients, boxes, strict=True)
            ]
        )
        record(
            verb="intake.message_received" if is_new else "intake.message_delivered_again",
            subject=f"message:{message_id}",
            by=by,
            at=arrival.received_at,
            door=arrival.door,
            delivery=delivery.pk,
            raw_sha256=raw_sha256,
            size=len(arrival.raw),
        )
        if is_new:
            enqueue("intake.tasks.screen_messages")
        if arrival.keep_before is not None and time.monotonic() > arrival.keep_before:
            raise Refused("too_late", _("It took too long to store the message."))
    return Received(message_id, is_new)


def _mailboxes(recipients: Iterable[str]) -> list[Mailbox]:
    boxes = []
    for address in recipients:
        box = queries.mailbox_for(address)
        if box is None:
            raise Refused("unknown_recipient", _("There is no mailbox with this address."))
        boxes.append(box)
    if not boxes:
        raise Refused("unknown_recipient", _("The message has no recipient."))
    return boxes


def _delivered_before(source_key: str | None) -> int | None:
    if source_key is None:
        return None
    return (
        Delivery.objects.filter(source_key=source_key).values_list("message_id", flat=True).first()
    )


def _message(
    arrival: Arrival, mailbox: Mailbox, raw_sha256: str, identity: str
) -> tuple[int, bool]:
    # One statement decides who is first when the same mail comes through two doors at once; the
    # other waits for that transaction to end.
    written = rows.run(
        """
        INSERT INTO intake_message
            (fingerprint, raw_sha256, size, received_at, state, state_at, mailbox_id, envelope_from)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (fingerprint) DO NOTHING RETURNING id
        """,
        [
            identity,
            raw_sha256,
            len(arrival.raw),
            arrival.received_at,
            State.RECEIVED,
            arrival.received_at,
            mailbox.pk,
            arrival.envelope_from[:320] if arrival.has_envelope else None,
        ],
    )
    if written:
        return written[0][0], True
    return Message.objects.values_list("pk", flat=True).get(fingerprint=identity), False


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
