"""The sweeper: a message whose worker died is found; one that kills its worker is held."""

from __future__ import annotations

from typing import Any

import pytest

from intake.actions import sweep as action
from intake.actions.screen_waiting import STALE_AFTER, screen_waiting
from intake.actions.sweep import sweep_messages
from intake.models import Message
from intake.models.message import State
from lib.blobs import BlobStoreUnavailable
from lib.reading import ReadAhead, reader
from registry.models import Deadline
from tests.world import MINUTE, MORNING, SECOND, World, mail


class Broken:
    """A reader that fails on one mail without saying why, as a bug would."""

    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256

    def parsed(self, sha256: str) -> Any:
        if sha256 == self.sha256:
            raise RuntimeError("a bug")
        return reader().parsed(sha256)

    def reports(self, sha256: str) -> Any:
        return ()


def sweep(at: Any) -> int:
    return sweep_messages(by="system:worker", at=at)


def test_a_fresh_message_is_left_to_its_worker(world: World) -> None:
    world.receive(mail())
    assert sweep(MORNING + STALE_AFTER - SECOND) == 0


def test_a_message_that_nobody_took_wakes_a_worker(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    world.receive(mail())
    with django_capture_on_commit_callbacks() as woken:
        assert sweep(MORNING + MINUTE) == 1
    assert len(woken) == 1


@pytest.mark.django_db(transaction=True)
def test_screening_that_always_fails_holds_the_message_after_three_tries_and_stops_no_other(
    world: World,
) -> None:
    first, bad, last = [world.receive(mail(text=text)).message_id for text in ("A", "B", "C")]
    read = ReadAhead(Broken(Message.objects.get(pk=bad).raw_sha256))  # type: ignore[arg-type]
    at = MORNING
    for _try in range(3):
        assert Message.objects.get(pk=bad).state == State.RECEIVED
        assert screen_waiting(read=read, by="system:worker", clock=lambda at=at: at)
        at += MINUTE
        sweep(at)
    message = Message.objects.get(pk=bad)
    assert (message.state, message.held_code) == (State.HELD, "screening_failed")
    assert Deadline.objects.filter(message_number=message.number).exists()
    for other in Message.objects.filter(pk__in=[first, last]):
        assert (other.state, other.screen_attempts) == (State.SCREENED, 1)


class Away:
    """A reader whose store cannot be reached for a while."""

    def __init__(self) -> None:
        self.is_back = False

    def parsed(self, sha256: str) -> Any:
        if not self.is_back:
            raise BlobStoreUnavailable("EIO")
        return reader().parsed(sha256)

    def reports(self, sha256: str) -> Any:
        return ()


@pytest.mark.django_db(transaction=True)
def test_while_the_store_is_away_no_mail_is_held_and_all_are_read_when_it_is_back(
    world: World,
) -> None:
    for number in range(6):
        world.receive(mail(text=str(number)))
    store, at = Away(), MORNING
    read = ReadAhead(store)  # type: ignore[arg-type]
    for _try in range(10):
        # True: there is nothing to be done now, so no worker is woken again at once.
        assert screen_waiting(read=read, by="system:worker", clock=lambda at=at: at)
        at += MINUTE
        assert sweep(at) == 6
    assert set(Message.objects.values_list("state", "screen_attempts")) == {("received", 0)}
    store.is_back = True
    assert screen_waiting(read=read, by="system:worker", clock=lambda: at)
    assert set(Message.objects.values_list("state", "screen_attempts")) == {("screened", 1)}


class Partly:
    """A reader whose store gives out all mails but some, as with a bad block or a wrong owner."""

    def __init__(self, *unreadable: str) -> None:
        self.unreadable = unreadable

    def parsed(self, sha256: str) -> Any:
        if sha256 in self.unreadable:
            raise BlobStoreUnavailable("EIO")
        return reader().parsed(sha256)

    def reports(self, sha256: str) -> Any:
        return ()


@pytest.mark.django_db(transaction=True)
def test_mails_that_the_store_does_not_give_out_hold_up_no_other_and_are_held_themselves(
    world: World,
) -> None:
    # More than are claimed at once, and the oldest of all.
    bad = [world.receive(mail(text=f"bad {number}")).message_id for number in range(5)]
    mails = Message.objects.filter(pk__in=bad)
    read = ReadAhead(Partly(*mails.values_list("raw_sha256", flat=True)))  # type: ignore[arg-type]
    at = MORNING
    for number in range(3):
        new = world.receive(mail(text=f"good {number}")).message_id
        for _run in range(5):
            screen_waiting(read=read, by="system:worker", clock=lambda at=at: at)
            at += MINUTE
            sweep(at)
        assert Message.objects.get(pk=new).state == State.SCREENED
    assert set(mails.values_list("state", "held_code")) == {("held", "screening_failed")}


def test_messages_that_wait_behind_thousands_of_others_are_never_held(world: World) -> None:
    world.receive(mail())
    for minute in range(1, 60):
        assert sweep(MORNING + minute * MINUTE) == 1
    assert Message.objects.get().state == State.RECEIVED
    assert world.screen(Message.objects.get().pk).state == State.SCREENED


def test_a_message_that_cannot_even_be_held_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.receive(mail()).message_id
    second = world.receive(mail(text="To")).message_id
    Message.objects.update(screen_attempts=3)
    give_up = action.give_up

    def fails_once(*, message_id: int, **rest: Any) -> None:
        if message_id == first:
            raise RuntimeError
        give_up(message_id=message_id, **rest)

    monkeypatch.setattr(action, "give_up", fails_once)
    assert sweep(MORNING + MINUTE) == 2
    assert Message.objects.get(pk=second).state == State.HELD
