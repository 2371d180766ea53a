"""Receiving: the same mail is one message, whatever else it claims to be."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from intake.actions import receive as action
from intake.models import Delivery, DeliveryRecipient, Message
from intake.models.mailbox import MailboxKind
from ledger.models import Event
from lib import blobs
from lib.blobs import BlobStoreFull
from lib.refusal import Refused
from outbox.models import Letter
from tests.world import HOUR, MORNING, OLA, World, mail


def verbs() -> list[str]:
    return list(Event.objects.filter(verb__startswith="intake.").values_list("verb", flat=True))


def test_the_raw_bytes_are_kept_and_found_by_their_hash(world: World) -> None:
    raw = mail()
    message = Message.objects.get(pk=world.receive(raw).message_id)
    assert message.raw_sha256 == hashlib.sha256(raw).hexdigest()
    assert blobs.load(message.raw_sha256) == raw
    assert message.size == len(raw)
    assert message.received_at == MORNING
    assert message.state == "received"


def test_same_bytes_and_envelope_twice_are_one_message_with_two_deliveries(world: World) -> None:
    first = world.receive(mail())
    second = world.receive(mail(), at=MORNING + HOUR)
    assert first.is_new
    assert not second.is_new
    assert first.message_id == second.message_id
    assert Delivery.objects.count() == 2
    assert Message.objects.get().received_at == MORNING
    assert verbs() == ["intake.message_received", "intake.message_delivered_again"]


def test_same_message_id_over_other_content_is_another_message(world: World) -> None:
    assert world.receive(mail()).is_new
    assert world.receive(mail(text="Noe helt annet.")).is_new
    assert Message.objects.count() == 2


def test_fifty_mails_without_message_id_are_fifty_messages(world: World) -> None:
    for number in range(50):
        world.receive(mail(text=f"Brev {number}", message_id=None))
    assert Message.objects.count() == 50


def test_the_same_mail_by_smtp_and_fetched_by_imap_is_one_message(world: World) -> None:
    raw = mail()
    world.receive(raw)
    copy = b"Return-Path: <ola@example.net>\nReceived: from mx\n" + raw.replace(b"\r\n", b"\n")
    again = world.receive(copy, door="imap", source_key="imap:x:7:1")
    assert not again.is_new
    doors = Delivery.objects.order_by("pk").values_list("door", "raw_sha256")
    assert list(doors) == [
        ("smtp", hashlib.sha256(raw).hexdigest()),
        ("imap", hashlib.sha256(copy).hexdigest()),
    ]
    assert blobs.load(hashlib.sha256(copy).hexdigest()) == copy


def test_the_same_source_key_again_is_the_same_delivery(world: World) -> None:
    world.receive(mail(), door="imap", source_key="imap:x:7:1")
    again = world.receive(mail(), door="imap", source_key="imap:x:7:1", at=MORNING + HOUR)
    assert not again.is_new
    assert Delivery.objects.count() == 1


def test_mail_to_three_mailboxes_is_one_message_with_three_recipients(world: World) -> None:
    to = [box.address for box in (world.health, world.central, world.official)]
    world.receive(mail(), to=to)
    message = Message.objects.get()
    assert message.mailbox == world.health
    rows = DeliveryRecipient.objects.order_by("pk").values_list("address", "mailbox")
    assert list(rows) == [
        (world.health.address, world.health.pk),
        (world.central.address, world.central.pk),
        (world.official.address, world.official.pk),
    ]


def test_a_blind_copy_goes_by_the_envelope_and_not_by_the_headers(world: World) -> None:
    world.receive(mail(), to=[world.official.address])  # its To says post@
    assert Message.objects.get().mailbox == world.official


@pytest.mark.parametrize("to", [["nobody@nn.example"], ["post@other.example"], [], ["", "post"]])
def test_without_a_known_recipient_nothing_is_stored(
    world: World, blob_folder: Path, to: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        world.receive(mail(), to=to)
    assert refused.value.code == "unknown_recipient"
    assert not Message.objects.exists()
    assert not [path for path in blob_folder.rglob("*") if path.is_file()]


def test_one_unknown_recipient_among_known_ones_refuses_all(world: World) -> None:
    with pytest.raises(Refused):
        world.receive(mail(), to=[world.central.address, "nobody@nn.example"])
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["postmaster", "Postmaster@NN.example", "POST@nn.EXAMPLE", "post+byggesak@nn.example"],
)
def test_postmaster_and_other_spellings_reach_the_central_mailbox(
    world: World, address: str
) -> None:
    world.receive(mail(), to=[address])
    assert Message.objects.get().mailbox == world.central
    assert DeliveryRecipient.objects.get().address == address


def test_a_plus_address_that_is_a_mailbox_of_its_own_goes_there(world: World) -> None:
    world.health.address = "post+helse@nn.example"
    world.health.save()
    world.receive(mail(), to=["post+helse@nn.example"])
    assert Message.objects.get().mailbox == world.health


def test_a_mailbox_out_of_use_is_unknown(world: World) -> None:
    world.health.is_active = False
    world.health.save()
    with pytest.raises(Refused):
        world.receive(mail(), to=[world.health.address])


def test_only_a_token_of_a_letter_of_ours_opens_the_bounce_address(world: World) -> None:
    world.register(world.arrive(mail()))
    token = Letter.objects.get().envelope_token
    world.receive(mail(text="Tilbake"), to=[f"bounce+{token}@nn.example"], sender="")
    assert Message.objects.latest("pk").mailbox.kind == MailboxKind.CENTRAL
    with pytest.raises(Refused):
        world.receive(mail(text="Gjettet"), to=[f"bounce+{'0' * 32}@nn.example"], sender="")


def test_a_full_disk_stores_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BlobStoreFull):
        world.receive(mail())
    assert not Message.objects.exists()
    monkeypatch.undo()
    assert world.receive(mail()).is_new


def test_a_commit_that_would_come_after_the_sender_was_told_to_try_again_stores_nothing(
    world: World,
) -> None:
    with pytest.raises(Refused) as refused:
        world.receive(mail(), keep_before=time.monotonic() - 0.001)
    assert refused.value.code == "too_late"
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()
    assert verbs() == []
    assert world.receive(mail(), keep_before=time.monotonic() + 60).is_new


def test_a_database_error_stores_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_values: Any, **_named: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(action, "record_many", away)
    with pytest.raises(OperationalError):
        world.receive(mail())
    assert not Message.objects.exists()


def test_the_date_header_is_a_claim_and_not_the_arrival(world: World) -> None:
    message = world.arrive(mail(date="Fri, 03 Jan 3000 10:00:00 +0100"))
    assert message.received_at == MORNING
    assert message.claimed_at is not None
    assert message.claimed_at.year == 3000


def test_the_worker_is_woken_for_a_new_message_only(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as calls:
        world.receive(mail())
    with django_capture_on_commit_callbacks() as again:
        world.receive(mail())
    assert (len(calls), len(again)) == (1, 0)


def test_the_ledger_tells_of_an_arrival_without_a_word_of_it(world: World) -> None:
    world.receive(mail())
    event = Event.objects.get(verb="intake.message_received")
    assert event.data == {
        "door": "smtp",
        "delivery": Delivery.objects.get().pk,
        "raw_sha256": hashlib.sha256(mail()).hexdigest(),
        "size": len(mail()),
    }
    assert OLA not in str(event.data)


def test_an_outlook_file_is_kept_beside_its_rendering(world: World) -> None:
    world.receive(mail(), door="import", has_envelope=False, original=b"\xd0\xcf outlook")
    delivery = Delivery.objects.get()
    assert blobs.load(delivery.raw_sha256) == b"\xd0\xcf outlook"
    assert blobs.load(delivery.message.raw_sha256) == mail()


def test_whatever_bytes_come_are_a_message(world: World) -> None:
    for raw in (b"", b"\x00\x00\x00", b"\xff\xfe", b"\r\n.\r\n", b"Subject: x"):
        assert world.receive(raw).is_new


def test_an_endless_greeting_and_a_strange_one_fit(world: World) -> None:
    world.receive(mail(), helo="x" * 1000 + "\x07\r\n", tls="y" * 100, peer="z" * 100)
    delivery = Delivery.objects.get()
    assert (len(delivery.helo), len(delivery.tls), len(delivery.peer)) == (255, 60, 64)


def test_the_size_of_an_arrival_never_shows_its_content() -> None:
    arrival = action.Arrival(raw=b"hemmelig", door="smtp", received_at=MORNING, recipients=[])
    assert "hemmelig" not in repr(replace(arrival, received_at=MORNING + timedelta(1)))


def test_receiving_takes_a_fixed_number_of_questions_to_the_database(
    world: World, django_assert_max_num_queries: Any
) -> None:
    # mailbox, savepoint, message, delivery, recipients, ledger, release
    with django_assert_max_num_queries(8):
        world.receive(mail())
