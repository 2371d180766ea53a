"""The automatic receipt: nobody waits past the limit because nobody had time to register."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intake.actions import send_receipts as action
from intake.actions.send_receipts import send_receipts
from intake.actions.triage import set_aside
from intake.actions.watch import raise_alarms
from intake.models import Message
from outbox.models import Letter, LetterRecipient
from registry.models import Acknowledgement, Deadline, Document, Entry
from tests.world import HOUR, KARI, MINUTE, MORNING, OLA, SECOND, World, mail

# What came on Monday in Norway is to be acknowledged before Wednesday begins, 23:00 UTC on Tuesday;
# eight hours before that the receipt goes out by itself.
LIMIT = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)
TIME = LIMIT - 8 * HOUR


def run(at: datetime) -> int:
    return send_receipts(by="system:worker", at=at)


def test_the_receipt_leaves_eight_hours_before_the_limit_and_not_earlier(world: World) -> None:
    message = world.arrive(mail())
    assert run(TIME - SECOND) == 0
    assert run(TIME) == 1
    letter = Letter.objects.get()
    assert letter.kind == "receipt"
    assert message.number in letter.text
    assert "10:30" in letter.text or "10.30" in letter.text
    assert letter.in_reply_to == "<a1@example.net>"
    assert LetterRecipient.objects.get().address == OLA
    assert Deadline.objects.get(kind="acknowledgement").state == "met"
    assert run(TIME + MINUTE) == 0
    assert Letter.objects.count() == 1


def test_a_held_message_gets_its_receipt_too(world: World) -> None:
    message = world.arrive(b"")
    assert run(TIME) == 1
    assert message.number in Letter.objects.get().text


def test_a_receipt_in_swedish_goes_out_for_the_next_working_day(norsjo: World) -> None:
    text = "Hej!\n\nJag vill gärna veta hur man ansöker om bygglov.\n\nMed vänlig hälsning"
    norsjo.arrive(mail(text=text), at=datetime(2026, 3, 6, 12, 0, tzinfo=UTC))
    assert run(datetime(2026, 3, 9, 14, 59, tzinfo=UTC)) == 0
    assert run(datetime(2026, 3, 9, 15, 0, tzinfo=UTC)) == 1
    assert Letter.objects.get().language == "sv"


def test_registering_after_the_receipt_adds_it_to_the_case_and_sends_nothing_more(
    world: World,
) -> None:
    message = world.arrive(mail())
    run(TIME)
    entry = world.register(Message.objects.get(), at=TIME + HOUR)
    assert Letter.objects.count() == 1
    row = Acknowledgement.objects.get()
    assert (row.entry, row.is_receipt) == (entry, True)
    outgoing = Entry.objects.get(direction="outgoing")
    assert row.letter_entry == outgoing
    assert outgoing.reference == "2026/1-2"
    assert Document.objects.get(entry=outgoing).sha256 == Letter.objects.get().raw_sha256
    assert message.number == entry.message_number


def test_thirty_mails_in_one_name_send_three_receipts_a_day(world: World) -> None:
    for number in range(30):
        world.arrive(mail(text=f"Brev {number}", message_id=f"<{number}@x>"))
    run(TIME)
    run(TIME + HOUR)
    assert LetterRecipient.objects.filter(address=OLA).count() == 3
    capped = Acknowledgement.objects.filter(not_sent_reason="address_day_cap", undone_at=None)
    assert capped.count() == 27
    raised = raise_alarms(by="system:worker", at=TIME + HOUR)
    assert ("receipt_withheld", 27) in [(alarm.code, alarm.count) for alarm in raised]


def test_a_person_who_registers_a_capped_message_still_has_it_acknowledged(world: World) -> None:
    for number in range(4):
        world.arrive(mail(text=f"Brev {number}", message_id=f"<{number}@x>"))
    run(TIME)
    last = Message.objects.latest("pk")
    world.register(last, at=TIME + HOUR)
    assert Letter.objects.filter(kind="acknowledgement").count() == 1


def test_over_the_limit_of_an_hour_the_next_hour_tries_again(world: World, settings: Any) -> None:
    settings.ACKNOWLEDGEMENTS_PER_HOUR = 1
    for number in range(2):
        world.arrive(
            mail(text=f"Brev {number}", message_id=f"<{number}@x>"),
            sender=f"p{number}@example.net",
        )
    assert run(TIME) == 1
    assert run(TIME + 30 * MINUTE) == 0
    assert run(TIME + HOUR + SECOND) == 1


def test_what_was_set_aside_meanwhile_gets_no_receipt(world: World) -> None:
    message = world.arrive(mail())
    set_aside(message_id=message.pk, state="spam", reason="", by=KARI, at=MORNING + HOUR)
    assert run(TIME) == 0
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("extra", "sender"),
    [
        ("Auto-Submitted: auto-replied\n", OLA),
        ("List-Id: <x.example>\n", OLA),
        ("", ""),
        ("", "post@nn.example"),
    ],
)
def test_automatic_mail_gets_no_receipt(world: World, extra: str, sender: str) -> None:
    world.arrive(mail(extra=extra), sender=sender)
    assert run(TIME + timedelta(days=2)) == 0
    assert not Letter.objects.exists()


def test_one_message_that_cannot_be_answered_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.arrive(mail())
    world.arrive(mail(text="To", message_id="<b@x>"), sender="kari@example.net")
    real = action.acknowledge_message

    def fails_for_the_first(message: Message, **rest: Any) -> None:
        if message.pk == first.pk:
            raise ValueError("a letter that cannot be written")
        real(message, **rest)

    monkeypatch.setattr(action, "acknowledge_message", fails_for_the_first)
    assert run(TIME) == 1
    assert (
        Deadline.objects.filter(state="open", kind="acknowledgement").get().message_number
        == first.number
    )
