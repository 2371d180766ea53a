"""Alarms: each once, cleared when it is over, and never a cause of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from celery.signals import heartbeat_sent

from intake.actions.triage import open_message, put_back, set_aside
from intake.actions.watch import beat, raise_alarms
from intake.management.application import Watch
from intake.models import Alarm, FetchFailure, FetchMark, Heartbeat, Message, SourceCount
from intake.queries import silent_processes, standing_alarms
from intake.tasks import SenderLife, show_that_sender_lives
from outbox.models import Letter, LetterRecipient
from registry.models import Deadline
from tests.world import HOUR, KARI, MINUTE, MORNING, SECOND, World, mail

DAY = timedelta(days=1)


def watch(at: Any) -> list[tuple[str, str, int]]:
    raised = raise_alarms(by="system:worker", at=at)
    return [(str(alarm.code), alarm.subject, alarm.count) for alarm in raised]


def standing() -> list[str]:
    return [alarm.code for alarm in standing_alarms()]


def test_a_quiet_day_raises_nothing(world: World) -> None:
    world.arrive(mail())
    assert watch(MORNING + HOUR) == []


@pytest.mark.parametrize("name", ["worker", "sender", "beat", "receiver"])
def test_a_process_that_falls_silent_raises_one_alarm_that_clears_when_it_is_back(
    world: World, name: str
) -> None:
    beat(name=name, at=MORNING)
    assert watch(MORNING + 180 * SECOND) == []
    assert watch(MORNING + 181 * SECOND) == [(f"{name}_silent", "", 1)]
    assert silent_processes(MORNING + 181 * SECOND) == [name]
    assert watch(MORNING + HOUR) == []
    beat(name=name, at=MORNING + HOUR)
    assert watch(MORNING + HOUR + SECOND) == []
    assert standing() == []
    assert Heartbeat.objects.get(name=name).at == MORNING + HOUR


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_hangs_over_a_notice_does_not_silence_the_receiver(
    world: World,
) -> None:
    answers, sent = Event(), Event()
    times: list[int] = []

    def hangs() -> None:
        times.append(1)
        answers.wait(30)
        sent.set()

    look = Watch(send=hangs)
    beat(name="worker", at=MORNING)
    for minute in range(10, 15):
        look(MORNING + minute * MINUTE)
        assert Heartbeat.objects.get(name="receiver").at == MORNING + minute * MINUTE
    assert standing() == ["worker_silent"]
    assert len(times) == 1  # nobody waits behind the one that waits
    answers.set()
    assert sent.wait(30)


def serving(*queues: str) -> Any:
    """Celery's heartbeat of a worker that serves the queues."""
    app = SimpleNamespace(amqp=SimpleNamespace(queues=SimpleNamespace(consume_from=set(queues))))
    return SimpleNamespace(eventer=SimpleNamespace(app=app))


@pytest.mark.django_db(transaction=True)
def test_only_a_worker_that_serves_the_letters_shows_that_the_sender_lives(settings: Any) -> None:
    assert settings.CELERY_TASK_ROUTES["outbox.tasks.*"] == {"queue": "letters"}
    SenderLife()(sender=serving("celery"))
    assert not Heartbeat.objects.exists()
    lives = SenderLife()
    lives(sender=serving("letters"))
    assert Heartbeat.objects.get().name == "sender"
    # Celery's beats every two seconds, and ours need not.
    Heartbeat.objects.all().delete()
    lives(sender=serving("letters"))
    assert not Heartbeat.objects.exists()


def test_celery_is_asked_to_tell_us_of_its_heartbeat() -> None:
    assert show_that_sender_lives in [live() for _key, live in heartbeat_sent.receivers]


def test_post_that_nobody_opens_raises_an_alarm_until_somebody_does(world: World) -> None:
    world.central.unread_alarm_minutes = 60
    world.central.save()
    first = world.arrive(mail())
    world.arrive(mail(text="To", message_id="<b@x>"))
    assert watch(MORNING + 59 * MINUTE) == []
    assert watch(MORNING + HOUR) == [("mailbox_unread", world.central.address, 2)]
    open_message(message_id=first.pk, by=KARI, at=MORNING + HOUR)
    assert watch(MORNING + HOUR + MINUTE) == []
    assert Alarm.objects.get().count == 1
    Message.objects.update(opened_at=MORNING)
    watch(MORNING + 2 * HOUR)
    assert standing() == []


def test_a_mailbox_that_cannot_be_fetched_from_raises_an_alarm_after_a_while(world: World) -> None:
    FetchMark.objects.create(
        mailbox=world.central, folder="INBOX", uidvalidity=7, error="no", error_since=MORNING
    )
    assert watch(MORNING + 14 * MINUTE) == []
    assert watch(MORNING + 15 * MINUTE) == [("fetch_failing", world.central.address, 1)]


def test_a_mail_that_the_source_keeps_raises_an_alarm_after_three_tries(world: World) -> None:
    failure = FetchFailure.objects.create(
        mailbox=world.central,
        source_key="imap:1",
        tries=2,
        error="no",
        first_at=MORNING,
        last_at=MORNING,
    )
    assert watch(MORNING) == []
    FetchFailure.objects.filter(pk=failure.pk).update(tries=3)
    assert watch(MORNING) == [("blocked_at_source", "", 1)]


def test_letters_that_do_not_leave_raise_an_alarm(world: World) -> None:
    world.register(world.arrive(mail()))
    assert watch(MORNING + 20 * MINUTE) == []
    assert watch(MORNING + 45 * MINUTE) == [("outbox_stuck", "", 1)]


@pytest.mark.django_db(transaction=True)
def test_a_ledger_that_nobody_seals_raises_an_alarm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.receive(mail())
    assert watch(MORNING) == []  # what has just been written waits for its seal
    monkeypatch.setattr("intake.actions.watch._UNSEALED_AFTER", timedelta(0))
    assert watch(MORNING) == [("ledger_unsealed", "", 1)]


def test_an_acknowledgement_about_to_break_its_limit_raises_an_alarm(world: World) -> None:
    world.arrive(mail())
    late = MORNING + DAY + 9 * HOUR + 30 * MINUTE  # four hours before midnight of the day after
    Message.objects.update(opened_at=MORNING)
    assert watch(late - MINUTE) == []
    assert watch(late) == [("acknowledgement_late", "", 1)]


def test_post_that_nobody_registers_in_time_raises_an_alarm_and_deciding_clears_it(
    world: World,
) -> None:
    # Received Monday 2 March 2026; three working days later is Thursday the 5th, 24:00 in Oslo.
    message = world.arrive(mail())
    runs = {each.kind: each.due_on.isoformat() for each in Deadline.objects.all()}
    assert runs == {
        "acknowledgement": "2026-03-03",
        "registration_target": "2026-03-03",
        "registration_alarm": "2026-03-05",
    }
    Message.objects.update(opened_at=MORNING)
    Deadline.objects.filter(kind="acknowledgement").update(state="met", ended_at=MORNING)
    over = datetime(2026, 3, 5, 23, 0, tzinfo=UTC)
    assert watch(over - MINUTE) == []
    assert watch(over) == [("registration_late", "", 1)]
    set_aside(message_id=message.pk, state="spam", reason="", by=KARI, at=over)
    watch(over + MINUTE)
    assert standing() == []
    put_back(message_id=message.pk, by=KARI, at=over + HOUR)
    assert ("registration_late", "", 1) in watch(over + HOUR)
    world.register(message, at=over + 2 * HOUR)
    ended = Deadline.objects.filter(kind__startswith="registration")
    assert set(ended.values_list("state", "ended_at")) == {("met", over + 2 * HOUR)}
    watch(over + 2 * HOUR)
    assert "registration_late" not in standing()


def test_messages_that_are_not_screened_raise_an_alarm(world: World) -> None:
    world.receive(mail())
    assert watch(MORNING + 4 * MINUTE) == []
    assert watch(MORNING + 5 * MINUTE) == [("message_stuck", "", 1)]


def test_counts_that_differ_raise_an_alarm_that_names_mailbox_and_day(world: World) -> None:
    SourceCount.objects.create(
        mailbox=world.central, on=MORNING.date(), count=3, counted_at=MORNING
    )
    assert watch(MORNING) == [("counts_differ", f"2026-03-02 {world.central.address}", 3)]


def test_the_longest_address_fits_into_an_alarm(world: World) -> None:
    world.central.address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"
    world.central.save()
    SourceCount.objects.create(
        mailbox=world.central, on=MORNING.date(), count=3, counted_at=MORNING
    )
    assert len(watch(MORNING)) == 1
    assert watch(MORNING + MINUTE) == []


def test_operators_get_one_letter_when_it_begins_and_one_when_it_ends(
    world: World, settings: Any
) -> None:
    settings.ALARM_ADDRESSES = ["drift@nn.example"]
    beat(name="worker", at=MORNING)
    watch(MORNING + HOUR)
    watch(MORNING + HOUR + MINUTE)
    assert [letter.kind for letter in Letter.objects.all()] == ["alarm"]
    beat(name="worker", at=MORNING + HOUR + 2 * MINUTE)
    watch(MORNING + HOUR + 2 * MINUTE)
    watch(MORNING + HOUR + 3 * MINUTE)
    kinds = list(Letter.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["alarm", "alarm_cleared"]


def test_a_notice_that_cannot_be_delivered_does_not_write_notices_about_itself(
    world: World, settings: Any
) -> None:
    settings.ALARM_ADDRESSES = ["drift@nn.example"]
    beat(name="worker", at=MORNING)
    for minute in range(10):
        watch(MORNING + HOUR + minute * MINUTE)
        LetterRecipient.objects.update(fate="failed")
    # worker_silent, then letter_undelivered for that notice; both stand, no third one follows
    assert Letter.objects.count() == 2
    assert sorted(standing()) == ["letter_undelivered", "worker_silent"]


def test_an_alarm_stands_even_when_nobody_can_be_written_to(world: World, settings: Any) -> None:
    settings.ALARM_ADDRESSES = ["ikke en adresse"]
    beat(name="worker", at=MORNING)
    assert watch(MORNING + HOUR) == [("worker_silent", "", 1)]


@pytest.mark.django_db
def test_before_there_is_a_municipality_alarms_stand_without_a_letter(settings: Any) -> None:
    settings.ALARM_ADDRESSES = ["drift@nn.example"]
    beat(name="beat", at=MORNING)
    assert watch(MORNING + HOUR) == [("beat_silent", "", 1)]
