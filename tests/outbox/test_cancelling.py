"""A letter can be called back until somebody takes it to send it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection as database
from django.db import transaction

from ledger.models import Event
from outbox.actions import send as send_module
from outbox.actions.cancel import cancel_letter
from outbox.actions.decide import send_again
from outbox.models import Fate, LetterRecipient

from .builders import BY, NOW, connection, fate, later, personal, queue, send
from .relay import DROP, Relay

pytestmark = pytest.mark.usefixtures("committed")

MakeRelay = Callable[..., Relay]


def test_a_letter_cancelled_before_it_leaves_does_not_leave(relay: MakeRelay) -> None:
    letter, server = queue(not_before=later(seconds=20)), relay()
    assert cancel_letter(letter_id=letter.pk, by="user:1", at=later(seconds=19))
    assert cancel_letter(letter_id=letter.pk, by="user:1", at=later(seconds=19))
    assert send(server, later(days=1)) == 0
    assert fate(letter).fate == "cancelled"
    assert Event.objects.filter(verb="outbox.letter_cancelled").count() == 1


def test_a_letter_that_has_left_for_anyone_cannot_be_cancelled(relay: MakeRelay) -> None:
    letter = personal(to=["a@example.net", "b@example.net"])
    with connection(relay()) as opened:
        send_module.send_due(connection=opened, clock=lambda: NOW, by=BY, limit=1)
    assert not cancel_letter(letter_id=letter.pk, by="user:1", at=NOW)
    assert sorted(letter.recipients.values_list("fate", flat=True)) == ["queued", "sent"]


def test_a_letter_sent_again_has_been_written_before_and_cannot_be_cancelled(
    relay: MakeRelay,
) -> None:
    letter = personal()
    send(relay({"DOT": [DROP]}))
    send_again(recipient_id=fate(letter).pk, by="user:1", at=NOW)
    assert not cancel_letter(letter_id=letter.pk, by="user:1", at=NOW)


def test_there_is_nothing_to_cancel_in_a_letter_that_does_not_exist() -> None:
    assert not cancel_letter(letter_id=4711, by="user:1", at=NOW)
    assert not Event.objects.exists()


def test_cancelling_waits_for_a_claim_and_then_sees_that_it_is_too_late() -> None:
    letter, answers = queue(), []

    def cancel() -> None:
        answers.append(cancel_letter(letter_id=letter.pk, by="user:1", at=NOW))
        database.close()

    thread = Thread(target=cancel)
    with transaction.atomic():
        row = LetterRecipient.objects.select_for_update().get(letter=letter)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        row.fate, row.claimed_at = Fate.SENDING, NOW
        row.save(update_fields=["fate", "claimed_at"])
    thread.join(10)
    assert answers == [False]
    assert fate(letter).fate == "sending"


def test_a_letter_being_cancelled_is_not_claimed() -> None:
    letter, claimed = queue(), []

    def claim() -> None:
        claimed.append(send_module._claim(at=NOW))
        database.close()

    with transaction.atomic():
        assert cancel_letter(letter_id=letter.pk, by="user:1", at=NOW)
        thread = Thread(target=claim)
        thread.start()
        thread.join(10)
    assert claimed == [None]
    assert send_module._claim(at=NOW) is None
