"""Triage: registering, setting aside, and taking either back."""

from __future__ import annotations

import hashlib
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.actions.triage import (
    open_message,
    put_back,
    register_message,
    set_aside,
    undo_registration,
)
from intake.models import Message
from intake.models.message import State
from ledger.models import Event
from lib.refusal import Refused
from outbox.models import Letter, LetterRecipient
from registry.models import Acknowledgement, Deadline, Document, Entry, Party
from tests.world import HOUR, KARI, MINUTE, MORNING, OLA, SECOND, World, mail, mail_with_file

AT = MORNING + MINUTE


def reasons(message: Message) -> list[str]:
    rows = Acknowledgement.objects.filter(message_number=message.number, undone_at=None)
    return list(rows.values_list("not_sent_reason", flat=True))


def test_registering_makes_the_entry_with_its_documents_and_party(world: World) -> None:
    raw = mail_with_file("kart.pdf", b"%PDF-1.4 kart")
    message = world.arrive(raw)
    entry = world.register(message)
    assert (entry.reference, entry.direction) == ("2026/1-1", "incoming")
    assert entry.arrived_at == MORNING
    assert entry.message_number == message.number
    digest = hashlib.sha256(raw).hexdigest()
    documents = Document.objects.filter(entry=entry).order_by("number")
    assert list(
        documents.values_list("role", "filename", "sha256", "original_sha256", "original_part")
    ) == [
        ("main", f"{message.number}.eml", digest, digest, ""),
        ("attachment", "kart.pdf", hashlib.sha256(b"%PDF-1.4 kart").hexdigest(), digest, "2"),
    ]
    party = Party.objects.get(entry=entry)
    assert (party.role, party.name, party.email) == ("sender", "Ola Nordmann", OLA)
    message.refresh_from_db()
    assert (message.state, message.triaged_by) == (State.REGISTERED, KARI)


def test_the_acknowledgement_goes_to_the_envelope_sender_with_the_number(world: World) -> None:
    message = world.arrive(mail(sender="Svindler <offer@example.org>"))
    entry = world.register(message)
    letter = Letter.objects.get()
    assert LetterRecipient.objects.get().address == OLA
    assert entry.reference in letter.text
    assert (letter.automatic, letter.in_reply_to) == (True, "<a1@example.net>")
    assert letter.not_before == AT + 20 * SECOND
    outgoing = Entry.objects.get(direction="outgoing")
    assert outgoing.reference == "2026/1-2"
    assert Acknowledgement.objects.get().letter_entry == outgoing
    assert (
        Deadline.objects.get(message_number=message.number, kind="acknowledgement").state == "met"
    )


def test_the_ledger_tells_each_step_of_a_registration(world: World) -> None:
    message = world.arrive(mail())
    world.register(message)
    told = set(Event.objects.values_list("verb", flat=True))
    assert {
        "intake.message_received",
        "intake.message_screened",
        "intake.message_registered",
        "registry.acknowledged",
        "outbox.letter_queued",
    } <= told
    text = " ".join(map(str, Event.objects.values_list("data", "reason", "subject")))
    assert not any(word in text for word in ("Nordmann", "støttekontakt", "example.net"))


def test_no_word_of_the_sender_reaches_a_header_of_our_letter(world: World) -> None:
    subject = "=?utf-8?Q?Hei=0D=0ABcc:_offer@example.org=0D=0A=0D=0Asvindel?="
    message = world.arrive(
        mail(subject=subject, message_id="<x@example.net>\r\n X-Ond: ja", sender=f"Bcc <{OLA}>")
    )
    world.register(message)
    letter = message_from_bytes(bytes(Letter.objects.get().raw), policy=policy.default)
    assert letter["Bcc"] is None
    assert letter["X-Ond"] is None
    assert "svindel" not in str(letter)
    assert letter.get_all("To") == [OLA]


@pytest.mark.parametrize(
    "message_id",
    ["<æ\x80ø@example.net>", "ikke en id", "<" + "x" * 5000 + "@example.net>", "<a b@c>", None],
)
def test_a_strange_message_id_stops_no_acknowledgement(
    world: World, message_id: str | None
) -> None:
    world.register(world.arrive(mail(message_id=message_id)))
    assert Letter.objects.get().in_reply_to == ""


@pytest.mark.parametrize(
    "sender", ["søren@example.net", '"a b"@example.net', "x@[127.0.0.1]", "x" * 65 + "@example.net"]
)
def test_an_address_that_we_cannot_write_to_stops_no_registration(
    world: World, sender: str
) -> None:
    message = world.arrive(mail(), sender=sender)
    world.register(message)
    assert reasons(message) == ["bad_address"]
    assert not Letter.objects.exists()


def test_registering_twice_says_that_it_is_done(world: World) -> None:
    message = world.arrive(mail())
    world.register(message)
    with pytest.raises(Refused) as refused:
        world.register(message)
    assert refused.value.code == "already_done"
    assert Entry.objects.filter(direction="incoming").count() == 1
    assert Letter.objects.count() == 1


def test_a_message_that_is_not_read_yet_cannot_be_decided(world: World) -> None:
    message = Message.objects.get(pk=world.receive(mail()).message_id)
    with pytest.raises(Refused) as refused:
        world.register(message)
    assert refused.value.code == "not_screened"
    with pytest.raises(Refused):
        set_aside(message_id=message.pk, state="spam", reason="", by=KARI, at=AT)


def test_a_held_message_is_registered_as_it_is(world: World) -> None:
    message = world.arrive(b"")
    entry = world.register(message)
    assert Document.objects.get(entry=entry).media_type == "message/rfc822"
    assert Letter.objects.count() == 1


@pytest.mark.parametrize("extra", ["Auto-Submitted: auto-replied\n", "List-Id: <x.example>\n"])
def test_registering_an_automatic_mail_sends_no_letter(world: World, extra: str) -> None:
    message = world.arrive(mail(extra=extra))
    entry = world.register(message)
    assert not Letter.objects.exists()
    assert Acknowledgement.objects.get(undone_at=None).entry == entry


def test_a_further_letter_in_the_same_case_gets_the_next_number(world: World) -> None:
    case = world.register(world.arrive(mail())).case_id
    second = world.register(world.arrive(mail(text="Mer", message_id="<b@x>")), case)
    assert second.reference == "2026/1-3"  # the acknowledgement is -2


def test_the_sender_s_own_date_is_a_local_date(world: World) -> None:
    message = world.arrive(mail(date="Mon, 02 Mar 2026 00:30:00 +0100"))
    assert str(world.register(message).document_on) == "2026-03-02"


@pytest.mark.parametrize("state", ["minor", "spam"])
def test_setting_aside_ends_the_wait_for_an_acknowledgement(world: World, state: str) -> None:
    message = world.arrive(mail())
    set_aside(message_id=message.pk, state=state, reason="reklame", by=KARI, at=AT)
    message.refresh_from_db()
    assert (message.state, message.triage_reason) == (state, "reklame")
    assert reasons(message) == ["set_aside"]
    assert Deadline.objects.get(kind="acknowledgement").state == "cancelled"
    assert not Letter.objects.exists()


def test_only_minor_and_spam_are_ways_to_set_aside(world: World) -> None:
    message = world.arrive(mail())
    with pytest.raises(Refused):
        set_aside(message_id=message.pk, state="registered", reason="", by=KARI, at=AT)


def test_what_is_put_back_waits_with_its_deadline(world: World) -> None:
    message = world.arrive(mail())
    set_aside(message_id=message.pk, state="spam", reason="", by=KARI, at=AT)
    put_back(message_id=message.pk, by=KARI, at=AT + MINUTE)
    message.refresh_from_db()
    assert (message.state, message.triaged_by) == (State.SCREENED, "")
    assert Deadline.objects.get(kind="acknowledgement").state == "open"
    assert reasons(message) == []
    world.register(message, at=AT + HOUR)
    assert Letter.objects.count() == 1


def test_automatic_mail_that_is_put_back_keeps_its_reason(world: World) -> None:
    message = world.arrive(mail(extra="Auto-Submitted: auto-replied\n"))
    set_aside(message_id=message.pk, state="minor", reason="", by=KARI, at=AT)
    put_back(message_id=message.pk, by=KARI, at=AT + MINUTE)
    assert reasons(message) == ["automatic"]
    assert not Deadline.objects.filter(state="open", kind="acknowledgement").exists()


def test_a_held_message_is_put_back_as_held(world: World) -> None:
    message = world.arrive(b"")
    set_aside(message_id=message.pk, state="minor", reason="", by=KARI, at=AT)
    put_back(message_id=message.pk, by=KARI, at=AT)
    message.refresh_from_db()
    assert message.state == State.HELD


def test_a_waiting_message_cannot_be_put_back(world: World) -> None:
    message = world.arrive(mail())
    with pytest.raises(Refused) as refused:
        put_back(message_id=message.pk, by=KARI, at=AT)
    assert refused.value.code == "not_set_aside"


def test_undo_returns_the_message_and_calls_the_letter_back(world: World) -> None:
    message = world.arrive(mail())
    entry = world.register(message)
    undo_registration(message_id=message.pk, entry_id=entry.pk, by=KARI, at=AT + 19 * SECOND)
    message.refresh_from_db()
    assert message.state == State.SCREENED
    assert LetterRecipient.objects.get().fate == "cancelled"
    assert (
        Deadline.objects.get(message_number=message.number, kind="acknowledgement").state == "open"
    )
    again = world.register(message, at=AT + MINUTE)
    assert again.reference == "2026/2-1"  # the number stays taken
    assert LetterRecipient.objects.filter(fate="queued").count() == 1


def test_undo_comes_too_late_after_twenty_seconds(world: World) -> None:
    message = world.arrive(mail())
    entry = world.register(message)
    with pytest.raises(Refused) as refused:
        undo_registration(message_id=message.pk, entry_id=entry.pk, by=KARI, at=AT + 21 * SECOND)
    assert refused.value.code == "too_late"
    message.refresh_from_db()
    assert message.state == State.REGISTERED


def test_another_message_s_entry_cannot_be_undone_by_this_one(world: World) -> None:
    first, second = world.arrive(mail()), world.arrive(mail(text="To", message_id="<b@x>"))
    entry = world.register(first)
    world.register(second)
    with pytest.raises(Refused):
        undo_registration(message_id=second.pk, entry_id=entry.pk, by=KARI, at=AT + SECOND)


def test_the_first_opening_is_kept(world: World) -> None:
    message = world.arrive(mail())
    open_message(message_id=message.pk, by=KARI, at=AT)
    open_message(message_id=message.pk, by="user:2", at=AT + HOUR)
    message.refresh_from_db()
    assert message.opened_at == AT
    assert Event.objects.filter(verb="intake.message_opened").count() == 1


def test_the_questions_of_a_registration_do_not_grow_with_its_files(world: World) -> None:
    def count(number: int, files: int) -> int:
        part = "--b\r\nContent-Type: application/pdf\r\n\r\n%PDF {}\r\n"
        head = (
            "From: a@example.net\r\nSubject: {}\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        )
        parts = "".join(part.format(each) for each in range(files))
        message = world.arrive((head.format(number) + parts + "--b--\r\n").encode())
        with CaptureQueriesContext(connection) as queries:
            register_message(message_id=message.pk, decision=world.decision(), by=KARI, at=AT)
        return len(queries)

    few: Any = count(1, 1)
    many = count(2, 20)
    assert many <= few
    # Seven of registering, three of the letter's entry, eleven more; and this test's savepoint.
    assert many <= 21 + 2
