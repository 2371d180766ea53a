"""Acknowledging: one letter per message, itself registered; or a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from outbox.models import Letter, LetterRecipient
from registry.actions.acknowledge import withdraw_refusal
from registry.actions.set_deadline import set_deadline
from registry.models import Acknowledgement, Deadline, Entry
from registry.queries import (
    acknowledgements_at_risk,
    is_acknowledged,
    messages_due_for_acknowledgement,
)
from tests.registry.cast import MORNING, REGISTRAR, Town


@pytest.fixture
def deadline(town: Town) -> Deadline:
    found = set_deadline(
        kind="acknowledgement", message_number="M17", starts_at=MORNING, by="system:w", at=MORNING
    )
    assert found is not None
    return found


def test_the_letter_holds_time_of_receipt_and_number_and_no_words_of_the_sender(town: Town) -> None:
    town.acknowledge(town.register())
    letter = Letter.objects.get()
    # Received 08:30 UTC, which is 09:30 in Oslo on 2 March.
    assert "2. mars 2026" in letter.text
    assert "09.30" in letter.text
    assert "2026/1-1" in letter.text
    assert "støttekontakt" not in letter.text.lower()
    assert letter.about == "2026/1-1"


def test_the_acknowledgement_is_itself_an_outgoing_entry_of_the_case(town: Town) -> None:
    entry = town.register(access="exempt", legal_basis="offl. § 13")
    done = town.acknowledge(entry)
    outgoing = done.letter_entry
    assert outgoing is not None
    assert (outgoing.reference, outgoing.direction) == ("2026/1-2", "outgoing")
    # It shows no more than the letter it answers.
    assert (outgoing.access, outgoing.legal_basis) == ("exempt", "offl. § 13")
    document = outgoing.documents.get()
    assert document.kept_in == "letter"
    assert document.sha256 == Letter.objects.get().raw_sha256
    assert outgoing.parties.get().email == "ola@example.net"
    assert outgoing.versions.count() == 1


def test_the_deadline_is_met_by_the_letter(town: Town, deadline: Deadline) -> None:
    town.acknowledge(town.register())
    deadline.refresh_from_db()
    assert (deadline.state, deadline.ended_at) == ("met", MORNING)


def test_a_message_is_acknowledged_once(town: Town) -> None:
    entry = town.register()
    first, second = town.acknowledge(entry), town.acknowledge(entry)
    assert first == second
    assert Letter.objects.count() == 1
    assert Entry.objects.count() == 2


def test_a_reason_stands_in_place_of_a_letter(town: Town, deadline: Deadline) -> None:
    done = town.acknowledge(None, refusal="automatic_reply")
    assert done.not_sent_reason == "automatic_reply"
    assert not Letter.objects.exists()
    deadline.refresh_from_db()
    assert deadline.state == "cancelled"
    assert not is_acknowledged("M17")


def test_an_address_that_is_none_stops_no_registration(town: Town) -> None:
    entry = town.register()
    done = town.acknowledge(entry, to="not an address")
    assert done.not_sent_reason == "bad_address"
    assert Entry.objects.get() == entry


def test_a_reason_given_before_registration_learns_its_entry(town: Town) -> None:
    town.acknowledge(None, refusal="list_mail")
    entry = town.register()
    assert town.acknowledge(entry, refusal="list_mail").entry == entry
    assert Acknowledgement.objects.count() == 1


def test_a_reason_gives_way_to_a_letter_when_the_message_is_registered_after_all(
    town: Town,
) -> None:
    town.acknowledge(None, refusal="set_aside")
    done = town.acknowledge(town.register())
    assert done.letter is not None
    assert Acknowledgement.objects.filter(undone_at=None).get() == done


def test_a_message_put_back_is_owed_its_acknowledgement_again(
    town: Town, deadline: Deadline
) -> None:
    town.acknowledge(None, refusal="set_aside")
    assert withdraw_refusal(message_number="M17", by=REGISTRAR, at=MORNING)
    deadline.refresh_from_db()
    assert (deadline.state, deadline.ended_at) == ("open", None)
    assert not withdraw_refusal(message_number="M17", by=REGISTRAR, at=MORNING)


def test_a_receipt_bears_the_message_number_and_is_registered_later(town: Town) -> None:
    receipt = town.acknowledge(None)
    letter = Letter.objects.get()
    assert letter.kind == "receipt"
    assert "M17" in letter.text
    assert receipt.letter_entry is None
    entry = town.register(at=MORNING + timedelta(days=1))
    done = town.acknowledge(entry, at=MORNING + timedelta(days=1))
    assert done.entry == entry
    assert done.letter_entry is not None
    assert done.letter_entry.reference == "2026/1-2"
    # It left when it left, not when it was registered.
    assert done.letter_entry.arrived_at == MORNING
    assert done.letter_entry.documents.get().size == len(bytes(letter.raw))
    assert Letter.objects.count() == 1


def test_acknowledging_after_a_receipt_registers_it_and_sends_nothing(town: Town) -> None:
    town.acknowledge(None)
    entry = town.register()
    done = town.acknowledge(entry)
    assert done.letter_entry is not None
    assert Letter.objects.count() == 1
    assert town.acknowledge(entry) == done
    assert Entry.objects.count() == 2


def test_messages_come_due_in_the_order_of_their_limits(town: Town, deadline: Deadline) -> None:
    before, after = deadline.due_at - timedelta(seconds=1), deadline.due_at
    assert messages_due_for_acknowledgement(until=before, limit=10) == []
    assert messages_due_for_acknowledgement(until=after, limit=10) == ["M17"]
    assert acknowledgements_at_risk(at=MORNING) == 0
    assert acknowledgements_at_risk(at=after - timedelta(hours=4)) == 1
    town.acknowledge(None)
    assert messages_due_for_acknowledgement(until=after, limit=10) == []


@transaction.atomic
def claim_without_a_letter() -> None:
    Acknowledgement.objects.create(message_number="M1", made_at=MORNING)
    # As the end of the transaction does.
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_a_row_with_neither_letter_nor_reason(town: Town) -> None:
    with pytest.raises(IntegrityError, match="neither a letter nor a reason"):
        claim_without_a_letter()


def test_no_recipient_but_the_one_it_is_for(town: Town) -> None:
    town.acknowledge(town.register())
    assert LetterRecipient.objects.get().address == "ola@example.net"
