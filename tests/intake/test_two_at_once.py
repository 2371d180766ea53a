"""Two at the same moment, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from intake.actions.send_receipts import send_receipts
from intake.actions.sweep import sweep_messages
from intake.actions.triage import register_message
from intake.actions.watch import beat, raise_alarms
from intake.models import Alarm, Delivery, Message
from ledger.models import Event
from lib.refusal import Refused
from outbox.models import Letter
from registry.models import Entry
from tests.world import HOUR, MINUTE, MORNING, SECOND, World, build_world, mail


@pytest.fixture
def town(transactional_db: None) -> World:
    return build_world("NO")


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run the works at the same moment; what each returned or raised."""
    gate = threading.Barrier(len(works))
    outcomes: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        gate.wait(10)
        try:
            outcomes[number] = work()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return outcomes


def test_the_same_mail_through_many_doors_at_once_is_one_message(town: World) -> None:
    arrivals = together(*[lambda: town.receive(mail()) for _door in range(6)])
    assert sorted(each.is_new for each in arrivals) == [False] * 5 + [True]
    assert len({each.message_id for each in arrivals}) == 1
    assert Message.objects.count() == 1
    assert Delivery.objects.count() == 6
    assert Event.objects.filter(verb="intake.message_received").count() == 1


def test_of_two_registrars_one_wins_and_the_other_is_told(town: World) -> None:
    message = town.arrive(mail())

    def register(by: str) -> int:
        return register_message(
            message_id=message.pk, decision=town.decision(), by=by, at=MORNING + MINUTE
        )

    outcomes = together(lambda: register("user:1"), lambda: register("user:2"))
    refusals = [each for each in outcomes if isinstance(each, Refused)]
    assert [refusal.code for refusal in refusals] == ["already_done"]
    assert Entry.objects.filter(direction="incoming").count() == 1
    assert Letter.objects.count() == 1
    assert list(Entry.objects.order_by("pk").values_list("reference", flat=True)) == [
        "2026/1-1",
        "2026/1-2",
    ]


def test_two_workers_screen_a_message_once(town: World) -> None:
    pk = town.receive(mail()).message_id
    outcomes = together(lambda: town.screen(pk).state, lambda: town.screen(pk).state)
    assert outcomes == ["screened", "screened"]
    assert Event.objects.filter(verb="intake.message_screened").count() == 1


def test_a_registration_and_the_automatic_receipt_send_one_letter(town: World) -> None:
    message = town.arrive(mail())
    late = MORNING + 36 * HOUR
    together(
        lambda: send_receipts(by="system:worker", at=late),
        lambda: town.register(message, at=late),
    )
    assert Letter.objects.count() == 1
    assert Message.objects.get().state == "registered"


def test_two_watches_raise_one_alarm(town: World) -> None:
    beat(name="worker", at=MORNING)
    together(*[lambda: raise_alarms(by="system:receiver", at=MORNING + HOUR)] * 3)
    assert Alarm.objects.count() == 1


def test_a_sweep_leaves_alone_what_is_being_screened(town: World) -> None:
    pk = town.receive(mail()).message_id
    together(
        lambda: town.screen(pk),
        lambda: sweep_messages(by="system:worker", at=MORNING + HOUR),
    )
    town.screen(pk, at=MORNING + HOUR + SECOND)
    assert Message.objects.get().state == "screened"
