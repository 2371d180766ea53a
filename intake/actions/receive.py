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
from ledger.actions.record import Entry, record_many
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


@dataclass(frozen=True)
class Kept:
    """An arrival whose raw bytes are durable; there is no row of it yet."""

    arrival: Arrival
    mailboxes: Sequence[Mailbox]
    raw_sha256: str
    delivered_sha256: str
    fingerprint: str


def receive(*, arrival: Arrival, by: str) -> Received:
    """Store a mail durably and return the message that it is.

    The same mail again, through whatever door, is a further delivery of the same message; the
    same source key again is the same delivery. Raises Refused ("unknown_recipient", "too_late"),
    lib.blobs.BlobStoreFull, or the database's errors; after any of them nothing has been received
    and the sender keeps its copy.

    Costs three waits for the disk: the file, its folder, and the database's log.
    """
    return write_down(kept=[keep(arrival)], by=by)[0]


def keep(arrival: Arrival) -> Kept:
    """The first half: the raw bytes are durable on return. Raises what `receive` does."""
    mailboxes = _mailboxes(arrival.recipients)
    raw_sha256 = blobs.store(arrival.raw)
    return Kept(
        arrival=arrival,
        mailboxes=mailboxes,
        raw_sha256=raw_sha256,
        delivered_sha256=raw_sha256 if arrival.original is None else blobs.store(arrival.original),
        fingerprint=fingerprint(arrival.raw),
    )


@transaction.atomic
def write_down(*, kept: Sequence[Kept], by: str) -> list[Received]:
    """The second half, for all of these or for none: the rows are durable on return.

    Raises what `receive` does.
    """
    before = [_delivered_before(each.arrival.source_key) for each in kept]
    new = [each for each, known in zip(kept, before, strict=True) if known is None]
    written = iter(_write(new, by) if new else [])
    if any(_is_late(each.arrival) for each in new):
        raise Refused("too_late", _("It took too long to store the message."))
    return [next(written) if known is None else Received(known, is_new=False) for known in before]


def _write(kept: Sequence[Kept], by: str) -> list[Received]:
    messages = _messages(kept)
    deliveries = [
        Delivery(
            message_id=message.message_id,
            door=each.arrival.door,
            received_at=each.arrival.received_at,
            raw_sha256=each.delivered_sha256,
            envelope_from=each.arrival.envelope_from[:320],
            has_envelope=each.arrival.has_envelope,
            peer=each.arrival.peer[:64],
            helo=_printable(each.arrival.helo)[:255],
            tls=each.arrival.tls[:60],
            source_key=each.arrival.source_key,
        )
        for each, message in zip(kept, messages, strict=True)
    ]
    rows.insert(deliveries)
    rows.insert(
        [
            DeliveryRecipient(delivery=delivery, address=address[:320], mailbox=box)
            for each, delivery in zip(kept, deliveries, strict=True)
            for address, box in zip(each.arrival.recipients, each.mailboxes, strict=True)
        ]
    )
    record_many(
        [
            Entry(
                "intake.message_received" if message.is_new else "intake.message_delivered_again",
                f"message:{message.message_id}",
                data={
                    "door": each.arrival.door,
                    "delivery": delivery.pk,
                    "raw_sha256": each.raw_sha256,
                    "size": len(each.arrival.raw),
                },
                at=each.arrival.received_at,
            )
            for each, message, delivery in zip(kept, messages, deliveries, strict=True)
        ],
        by=by,
        at=kept[-1].arrival.received_at,
    )
    if any(message.is_new for message in messages):
        enqueue("intake.tasks.screen_messages")
    return messages


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


def _messages(kept: Sequence[Kept]) -> list[Received]:
    """The message that each is; of several that are the same, the first one is new."""
    # One statement decides who is first when the same mail comes through two doors at once; the
    # other waits for that transaction to end. In one order, so that no two wait for each other.
    values: list[object] = []
    for each in sorted(kept, key=lambda each: each.fingerprint):
        arrival = each.arrival
        values += [
            each.fingerprint,
            each.raw_sha256,
            len(arrival.raw),
            arrival.received_at,
            State.RECEIVED,
            arrival.received_at,
            each.mailboxes[0].pk,
            arrival.envelope_from[:320] if arrival.has_envelope else None,
        ]
    places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(kept))
    written = rows.run(
        "INSERT INTO intake_message (fingerprint, raw_sha256, size, received_at, state, state_at,"  # noqa: S608
        f" mailbox_id, envelope_from) VALUES {places}"
        " ON CONFLICT (fingerprint) DO NOTHING RETURNING fingerprint, id",
        values,
    )
    ids: dict[str, int] = dict(written)
    new = set(ids)
    here_before = {each.fingerprint for each in kept} - new
    if here_before:
        known = Message.objects.filter(fingerprint__in=here_before)
        ids.update(known.values_list("fingerprint", "pk"))
    messages = []
    for each in kept:
        messages.append(Received(ids[each.fingerprint], is_new=each.fingerprint in new))
        new.discard(each.fingerprint)
    return messages


def _is_late(arrival: Arrival) -> bool:
    return arrival.keep_before is not None and time.monotonic() > arrival.keep_before


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
