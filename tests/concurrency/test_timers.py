"""Two timers by mistake, or a timer that ticks again before its last tick has been worked off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal
from typing import Any

import pytest
from django.db import connection

from intake.actions.fetch import Run, fetch_mailbox
from intake.actions.screen import screen
from intake.actions.send_receipts import send_receipts
from intake.actions.watch import beat, raise_alarms
from intake.models import Alarm, Delivery, Mailbox
from ledger.models import Event
from lib.reading import reader
from outbox.actions.sweep import sweep_letters
from outbox.models import Letter, LetterRecipient
from outbox.rules.retry import STALE_AFTER
from tests.concurrency.crowd import RAW, arrive, at_once
from tests.intake.clients.imap_stub import Stub
from tests.registry.cast import MORNING

BY = "system:worker"
# eForvaltningsforskriften § 6: the limit is the end of Tuesday; it is now 20:30 that day in Oslo.
NEAR_THE_LIMIT = MORNING + timedelta(hours=34)


def send_one_receipt() -> Letter:
    """Nobody has registered the message in time."""
    message_id = arrive()
    screen(message_id=message_id, read=reader(), by=BY, at=MORNING)
    done = at_once([lambda: send_receipts(by=BY, at=NEAR_THE_LIMIT)] * 2)
    assert sum(done) >= 1
    return Letter.objects.get()


@pytest.mark.usefixtures("open_town")
def test_two_timers_at_once_send_one_receipt() -> None:
    letter = send_one_receipt()
    assert letter.kind == "receipt"
    assert Event.objects.filter(verb="outbox.letter_queued").count() == 1


@pytest.mark.usefixtures("open_town")
def test_two_sweepers_at_once_take_a_letter_in_doubt_for_lost_once() -> None:
    letter = send_one_receipt()
    LetterRecipient.objects.filter(letter=letter).update(
        fate="sending", claimed_at=NEAR_THE_LIMIT, attempts=1, next_attempt_at=None
    )
    at = NEAR_THE_LIMIT + STALE_AFTER
    found = at_once([lambda: sweep_letters(at=at, by=BY)] * 2)
    assert sorted(found) == [0, 1]
    row = LetterRecipient.objects.get(letter=letter)
    assert (row.fate, row.losses) == ("unknown", 1)
    assert Event.objects.filter(verb="outbox.letter_unknown").count() == 1


@pytest.mark.usefixtures("open_town")
def test_two_watchers_at_once_raise_an_alarm_once() -> None:
    beat(name="worker", at=MORNING)
    raised = at_once([lambda: raise_alarms(by=BY, at=MORNING + timedelta(hours=1))] * 2)
    assert sorted(map(len, raised)) == [0, 1]
    assert list(Alarm.objects.values_list("code", flat=True)) == ["worker_silent"]


def test_a_second_fetcher_leaves_while_the_first_is_at_it(
    open_town: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILBOX_PASSWORD", "secret")
    signed_in, go_on = Signal(), Signal()

    def wait(arguments: str, client: Any) -> bool:
        signed_in.set()
        return not go_on.wait(60)

    stub = Stub(mails={1: RAW % 1}, faults={"LOGIN": wait})
    for name, value in {
        "imap_host": "127.0.0.1",
        "imap_port": stub.start(),
        "imap_security": "plain",
        "imap_user": "post",
        "imap_secret": "MAILBOX_PASSWORD",
    }.items():
        setattr(open_town, name, value)
    open_town.save()

    def fetch() -> Run:
        try:
            return fetch_mailbox(mailbox=open_town, by=BY, clock=lambda: MORNING)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(fetch)
        assert signed_in.wait(60)
        assert fetch_mailbox(mailbox=open_town, by=BY, clock=lambda: MORNING) == Run()
        go_on.set()
        assert first.result(60) == Run(fetched=1)
    stub.stop()
    assert Delivery.objects.count() == 1
    assert sum(line.startswith("LOGIN") for line in stub.log) == 1
