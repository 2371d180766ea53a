"""Undo within the time that the letter waits; nothing is deleted by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lib.refusal import Refused
from outbox.models import LetterRecipient
from registry.actions.hold import place_hold
from registry.actions.set_deadline import set_deadline
from registry.actions.undo import undo_registration
from registry.models import Acknowledgement, Case, Deadline, Entry
from registry.queries import is_acknowledged
from tests.registry.cast import MORNING, REGISTRAR, Town

SOON = MORNING + timedelta(seconds=20)


def undo(entry: Entry, at: object = SOON, message_number: str = "M17") -> Entry:
    return undo_registration(
        entry_id=entry.pk,
        message_number=message_number,
        by=REGISTRAR,
        at=at,  # type: ignore[arg-type]
    )


def test_undo_voids_entry_letter_and_the_case_opened_for_it(town: Town) -> None:
    entry = town.register()
    done = town.acknowledge(entry)
    undo(entry)
    states = Entry.objects.order_by("document").values_list("reference", "status", "void_reason")
    assert list(states) == [("2026/1-1", "void", "undone"), ("2026/1-2", "void", "undone")]
    assert Case.objects.get().status == "void"
    assert LetterRecipient.objects.get().fate == "cancelled"
    done.refresh_from_db()
    assert done.undone_at == SOON


def test_a_message_undone_is_registered_and_acknowledged_anew_with_new_numbers(town: Town) -> None:
    entry = town.register()
    town.acknowledge(entry)
    undo(entry)
    again = town.register(at=SOON)
    done = town.acknowledge(again, at=SOON)
    assert again.reference == "2026/2-1"
    assert done.entry == again
    assert LetterRecipient.objects.filter(fate="queued").count() == 1


def test_a_case_with_other_post_stays_open(town: Town) -> None:
    other = town.register(message_number="M16", at=MORNING - timedelta(hours=1))
    entry = town.register(case=other.case_id)
    undo(entry)
    assert Case.objects.get().status == "open"
    other.refresh_from_db()
    assert other.status == "registered"


def test_undo_comes_too_late_after_the_waiting_time(town: Town) -> None:
    entry = town.register()
    with pytest.raises(Refused) as refused:
        undo(entry, at=SOON + timedelta(seconds=1))
    assert refused.value.code == "too_late"


def test_undo_comes_too_late_when_the_letter_is_on_its_way(town: Town) -> None:
    entry = town.register()
    town.acknowledge(entry)
    LetterRecipient.objects.update(fate="sending")
    with pytest.raises(Refused) as refused:
        undo(entry)
    assert refused.value.code == "too_late"
    assert Entry.objects.filter(status="void").count() == 0


def test_an_entry_is_undone_once_and_for_its_own_message_only(town: Town) -> None:
    entry = town.register()
    with pytest.raises(Refused) as refused:
        undo(entry, message_number="M18")
    assert refused.value.code == "another_message"
    undo(entry)
    with pytest.raises(Refused) as refused:
        undo(entry)
    assert refused.value.code == "already_void"


def test_a_hold_stops_undo(town: Town) -> None:
    entry = town.register()
    place_hold(case_id=entry.case_id, reason="Innsynskrav", by=REGISTRAR, at=MORNING)
    with pytest.raises(Refused) as refused:
        undo(entry)
    assert refused.value.code == "on_hold"


def test_the_deadlines_run_again_for_the_message(town: Town) -> None:
    for kind in ("acknowledgement", "registration_alarm"):
        set_deadline(kind=kind, message_number="M17", starts_at=MORNING, by="system:w", at=MORNING)
    entry = town.register()
    town.acknowledge(entry)
    undo(entry)
    rows = Deadline.objects.filter(message_number="M17").values_list("entry", "state", "ended_at")
    assert set(rows) == {(None, "open", None)}
    assert set(entry.deadlines.values_list("state", flat=True)) == {"cancelled"}


def test_a_receipt_that_left_goes_on_standing_for_the_message(town: Town) -> None:
    town.acknowledge(None, at=MORNING - timedelta(hours=2))
    LetterRecipient.objects.update(fate="sent")
    entry = town.register()
    town.acknowledge(entry)
    undo(entry)
    assert is_acknowledged("M17")
    again = town.register(at=SOON)
    done = town.acknowledge(again, at=SOON)
    assert done.letter_entry is not None
    assert done.letter_entry.reference == "2026/2-2"
    assert Acknowledgement.objects.filter(undone_at=None).count() == 1
    assert LetterRecipient.objects.count() == 1
