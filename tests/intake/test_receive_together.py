"""Mails that are ready at once are written down at once, and each has its own answer."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from intake.actions import receive_together
from intake.actions.receive import Arrival, Received
from intake.actions.receive_together import Together
from intake.models import Delivery, DeliveryRecipient, Message
from ledger.models import Event
from lib import blobs
from lib.refusal import Refused
from tests.world import MORNING, SECOND, World, build_world, mail

FIRST = mail(text="The first.")


@pytest.fixture
def town(transactional_db: None) -> World:
    return build_world("NO")


def arrival(raw: bytes, **facts: Any) -> Arrival:
    given = {"door": "smtp", "received_at": MORNING, "recipients": ["post@nn.example"], **facts}
    return Arrival(raw=raw, **given)


@contextmanager
def first_one_waits() -> Iterator[None]:
    """Nobody can write down a mail until this ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE intake_message IN EXCLUSIVE MODE")
        yield


def at_once(*arrivals: Arrival) -> list[Received | Exception]:
    """What each came to; all are ready while a first mail is being written down."""
    together = Together(by="system:test")
    outcomes: dict[int, Received | Exception] = {}

    def run(number: int, each: Arrival) -> None:
        try:
            outcomes[number] = together.receive(each)
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=each) for each in enumerate([arrival(FIRST), *arrivals])
    ]
    with first_one_waits():
        for thread, raw in zip(threads, [FIRST, *[each.raw for each in arrivals]], strict=True):
            thread.start()
            while not blobs.exists(hashlib.sha256(raw).hexdigest()):
                time.sleep(0.01)
        time.sleep(0.5)
    for thread in threads:
        thread.join(30)
    return [outcomes[number + 1] for number in range(len(arrivals))]


def transactions() -> list[int]:
    """How many mails each transaction wrote down."""
    xacts = list(Event.objects.order_by("pk").values_list("xact", flat=True))
    return [xacts.count(xact) for xact in dict.fromkeys(xacts)]


def test_mails_that_are_ready_while_another_is_written_down_share_a_transaction(
    town: World,
) -> None:
    mails = [mail(text=f"Brev {number}") for number in range(4)]
    both = ["helse@nn.example", "post@nn.example"]
    came = at_once(
        arrival(mails[0], received_at=MORNING + SECOND, envelope_from="kari@example.net"),
        arrival(mails[1], recipients=both, door="lmtp"),
        arrival(mails[2], has_envelope=False),
        arrival(mails[3]),
        arrival(mails[3], received_at=MORNING + SECOND),
    )
    assert transactions() == [1, 5]
    assert [getattr(each, "is_new", each) for each in came] == [True, True, True, True, False]
    for raw, each in zip([*mails, mails[3]], came, strict=True):
        assert isinstance(each, Received)
        sha256 = hashlib.sha256(raw).hexdigest()
        message = Message.objects.get(pk=each.message_id)
        delivery = Delivery.objects.filter(message=message).earliest("pk")
        event = Event.objects.get(subject=f"message:{message.pk}", verb="intake.message_received")
        assert (message.raw_sha256, delivery.raw_sha256) == (sha256, sha256)
        assert event.data["delivery"] == delivery.pk
        assert event.at == delivery.received_at == message.received_at
    of_three = [came[0], came[1], came[2]]
    first, second, third = [
        Message.objects.get(pk=each.message_id)  # type: ignore[union-attr]
        for each in of_three
    ]
    assert (first.received_at, second.received_at) == (MORNING + SECOND, MORNING)
    assert (first.envelope_from, second.envelope_from, third.envelope_from) == (
        "kari@example.net",
        "",
        None,
    )
    to = DeliveryRecipient.objects.filter(delivery__message=second).order_by("pk")
    assert list(to.values_list("address", flat=True)) == both
    again = Message.objects.get(pk=came[3].message_id)  # type: ignore[union-attr]
    assert Delivery.objects.filter(message=again).count() == 2


def test_what_fails_for_one_mail_does_not_fail_for_those_beside_it(town: World) -> None:
    came = at_once(
        arrival(mail(text="En")),
        arrival(mail(text="To"), keep_before=time.monotonic() + 0.2),
        arrival(mail(text="Tre"), envelope_from="kari\0@example.net"),
        arrival(mail(text="Fire")),
    )
    assert isinstance(came[0], Received)
    assert isinstance(came[1], Refused)
    assert came[1].code == "too_late"
    assert isinstance(came[2], Exception)
    assert isinstance(came[3], Received)
    assert transactions() == [1, 1, 1]
    assert Message.objects.count() == Delivery.objects.count() == 3


def test_without_a_database_all_are_put_off_at_the_first_attempt(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[int] = []
    real = receive_together.write_down

    def goes_away(*, kept: Any, by: str) -> Any:
        attempts.append(len(kept))
        if len(attempts) == 1:
            return real(kept=kept, by=by)
        connection.close()
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(receive_together, "write_down", goes_away)
    came = at_once(*[arrival(mail(text=f"Brev {number}")) for number in range(3)])
    assert [type(each) for each in came] == [OperationalError] * 3
    assert attempts == [1, 3]
    assert Message.objects.count() == 1
