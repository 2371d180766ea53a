"""Workers and sweepers that meet at the same message."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier

import pytest

from intake.actions.screen import screen
from intake.actions.sweep import STALE_AFTER, sweep_messages
from intake.models import Delivery, Message
from ledger.models import Event
from lib.mime.model import Parsed
from lib.mime.reports import DeliveryReport
from lib.reading import reader
from registry.models import Deadline
from tests.concurrency.crowd import arrive, at_once
from tests.registry.cast import MORNING

pytestmark = pytest.mark.usefixtures("open_town")

BY = "system:worker"


def screened_once(message_id: int) -> bool:
    """One word in the ledger, one deadline."""
    subject = f"message:{message_id}"
    return (
        Event.objects.filter(subject=subject, verb="intake.message_screened").count() == 1
        and Deadline.objects.filter(message_number=f"M{message_id}").count() == 1
    )


class ReadsTogether:
    """Lets nobody go on before all have read."""

    def __init__(self, number: int) -> None:
        self.barrier = Barrier(number)

    def parsed(self, sha256: str) -> Parsed:
        found = reader().parsed(sha256)
        self.barrier.wait(30)
        return found

    def reports(self, sha256: str) -> tuple[DeliveryReport, ...]:
        return ()


class Dies:
    """A mail that ends the worker which reads it."""

    def parsed(self, sha256: str) -> Parsed:
        raise SystemExit(137)

    def reports(self, sha256: str) -> tuple[DeliveryReport, ...]:
        raise SystemExit(137)


def test_two_workers_who_read_the_same_message_at_once_screen_it_once() -> None:
    message_id = arrive()
    read = ReadsTogether(2)
    states = at_once([lambda: screen(message_id=message_id, read=read, by=BY, at=MORNING)] * 2)
    assert states == ["screened", "screened"]
    assert screened_once(message_id)


def test_the_same_mail_at_eight_doors_at_once_is_one_message_with_eight_deliveries() -> None:
    ids = at_once([arrive] * 8)
    assert len(set(ids)) == 1
    assert Delivery.objects.filter(message_id=ids[0]).count() == 8
    verbs = Event.objects.filter(subject=f"message:{ids[0]}").values_list("verb", flat=True)
    assert sorted(verbs) == ["intake.message_delivered_again"] * 7 + ["intake.message_received"]


def try_and_die(message_id: int, at: datetime) -> None:
    """A worker takes the message and dies of it."""
    with pytest.raises(SystemExit):
        screen(message_id=message_id, read=Dies(), by=BY, at=at)


def test_two_sweepers_at_once_hold_what_kills_its_worker_once() -> None:
    message_id, at = arrive(), MORNING
    for _try in range(3):
        at += STALE_AFTER
        assert sweep_messages(by=BY, at=at) == 1
        try_and_die(message_id, at)
    at += STALE_AFTER
    at_once([lambda: sweep_messages(by=BY, at=at)] * 2)
    message = Message.objects.get(pk=message_id)
    assert (message.state, message.held_code) == ("held", "screening_failed")
    verbs = Event.objects.filter(subject=f"message:{message_id}").values_list("verb", flat=True)
    assert sorted(verbs) == ["intake.message_held", "intake.message_received"]
    assert Deadline.objects.filter(message_number=message.number).count() == 1


def test_what_kills_its_worker_is_held_though_the_broker_hands_it_out_again_at_once() -> None:
    message_id, at = arrive(), MORNING + STALE_AFTER
    sweep_messages(by=BY, at=at)
    for _try in range(3):
        try_and_die(message_id, at)
    assert screen(message_id=message_id, read=Dies(), by=BY, at=at) == "held"


def test_what_waits_in_a_long_queue_is_not_held_however_often_it_is_swept() -> None:
    message_id, at = arrive(), MORNING
    for _sweep in range(10):
        at += STALE_AFTER
        assert sweep_messages(by=BY, at=at) == 1
    assert screen(message_id=message_id, read=reader(), by=BY, at=at) == "screened"


def test_a_worker_that_begins_its_last_try_late_is_left_its_time() -> None:
    message_id, swept_at = arrive(), MORNING
    for _try in range(3):
        swept_at += STALE_AFTER
        sweep_messages(by=BY, at=swept_at)
        try_and_die(message_id, swept_at)
        swept_at += STALE_AFTER
    began_at = swept_at - timedelta(seconds=1)
    Message.objects.filter(pk=message_id).update(screen_attempts=2)
    try_and_die(message_id, began_at)
    assert sweep_messages(by=BY, at=began_at + STALE_AFTER - timedelta(seconds=1)) == 0
    assert sweep_messages(by=BY, at=began_at + STALE_AFTER) == 1
    assert Message.objects.get(pk=message_id).state == "held"
