"""Workers and sweepers that meet at the same message."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from intake.actions.screen import screen
from intake.actions.screen_waiting import STALE_AFTER, screen_waiting
from intake.actions.sweep import sweep_messages
from intake.models import Delivery, Message
from ledger.models import Event
from lib.mime.model import Parsed
from lib.mime.reports import DeliveryReport
from lib.reading import ReadAhead, reader
from registry.models import Deadline
from tests.concurrency.crowd import arrive, at_once
from tests.registry.cast import MORNING

pytestmark = pytest.mark.usefixtures("open_town")

BY = "system:worker"


def acknowledgements(message_number: str) -> int:
    """How many limits for an acknowledgement the message has."""
    return Deadline.objects.filter(message_number=message_number, kind="acknowledgement").count()


def screened_once(message_id: int) -> bool:
    """One word in the ledger, one deadline."""
    subject = f"message:{message_id}"
    return (
        Event.objects.filter(subject=subject, verb="intake.message_screened").count() == 1
        and acknowledgements(f"M{message_id}") == 1
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


def work(read: Any, at: datetime) -> bool:
    """A worker takes what waits."""
    return screen_waiting(read=ReadAhead(read), by=BY, clock=lambda: at)


def try_and_die(at: datetime) -> None:
    """A worker takes what waits, and dies of it."""
    with pytest.raises(SystemExit):
        work(Dies(), at)


def test_two_workers_share_what_waits() -> None:
    ids = [arrive(number) for number in range(9)]
    assert at_once([lambda: work(reader(), MORNING)] * 2) == [True, True]
    assert all(screened_once(message_id) for message_id in ids)
    assert set(Message.objects.values_list("screen_attempts", flat=True)) == {1}


def test_two_sweepers_at_once_hold_what_kills_its_worker_once() -> None:
    message_id, at = arrive(), MORNING
    for _try in range(3):
        try_and_die(at)
        at += STALE_AFTER
    at_once([lambda: sweep_messages(by=BY, at=at)] * 2)
    message = Message.objects.get(pk=message_id)
    assert (message.state, message.held_code) == ("held", "screening_failed")
    verbs = Event.objects.filter(subject=f"message:{message_id}").values_list("verb", flat=True)
    assert sorted(verbs) == ["intake.message_held", "intake.message_received"]
    assert acknowledgements(message.number) == 1


def test_what_killed_its_worker_is_not_taken_again_at_once() -> None:
    message_id = arrive()
    try_and_die(MORNING)
    assert work(Dies(), MORNING + STALE_AFTER - timedelta(seconds=1))
    assert Message.objects.get(pk=message_id).screen_attempts == 1


def test_what_waits_in_a_long_queue_is_not_held_however_often_it_is_swept() -> None:
    message_id, at = arrive(), MORNING
    for _sweep in range(10):
        at += STALE_AFTER
        assert sweep_messages(by=BY, at=at) == 1
    assert work(reader(), at)
    assert screened_once(message_id)


def test_a_worker_that_begins_its_last_try_late_is_left_its_time() -> None:
    message_id, at = arrive(), MORNING
    for _try in range(3):
        at += 2 * STALE_AFTER
        try_and_die(at)
    assert sweep_messages(by=BY, at=at + STALE_AFTER - timedelta(seconds=1)) == 0
    assert sweep_messages(by=BY, at=at + STALE_AFTER) == 1
    assert Message.objects.get(pk=message_id).state == "held"
