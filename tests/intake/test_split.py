"""One mail becomes several entries, and one document lies in several cases."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from email.message import EmailMessage

import pytest

from intake.actions.split import Part, split_message
from intake.actions.triage import undo_registration
from intake.models import Message
from lib.refusal import Refused
from outbox.models import Letter, LetterRecipient
from registry.actions.link import link_entry
from registry.actions.sign_off import sign_off
from registry.models import Acknowledgement, Case, Deadline, Document, Entry, SeriesYear
from registry.queries import standing_open
from tests.world import KARI, MINUTE, MORNING, OLA, SECOND, World, mail

AT = MORNING + MINUTE


def two_files() -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Ola <{OLA}>", "post@nn.example", "To saker"
    made["Message-ID"] = "<two@example.net>"
    made.set_content("Her er to saker.")
    for name in ("garasje.pdf", "skole.pdf"):
        made.add_attachment(b"%PDF " + name.encode(), "application", "pdf", filename=name)
    return made.as_bytes()


def split(world: World, message: Message, *cases: int | None) -> list[Entry]:
    attachments = list(message.attachments.order_by("pk").values_list("pk", flat=True))
    parts = [
        Part(
            decision=replace(world.decision(case), title=f"Sak {number}"),
            attachments=frozenset(attachments[number : number + 1]),
        )
        for number, case in enumerate(cases)
    ]
    made = split_message(message_id=message.pk, parts=parts, by=KARI, at=AT)
    return [Entry.objects.get(pk=pk) for pk in made]


def test_each_part_has_its_case_its_title_its_files_and_the_original(world: World) -> None:
    raw = two_files()
    message = world.arrive(raw)
    first, second = split(world, message, None, None)
    assert [first.reference, second.reference] == ["2026/1-1", "2026/2-1"]
    assert [first.title, second.title] == ["Sak 0", "Sak 1"]
    for entry, name in ((first, "garasje.pdf"), (second, "skole.pdf")):
        files = Document.objects.filter(entry=entry).order_by("number")
        assert [each.filename for each in files] == [f"{message.number}.eml", name]
        assert {each.original_sha256 for each in files} == {hashlib.sha256(raw).hexdigest()}
    message.refresh_from_db()
    assert message.state == "registered"
    # two cases; three entries with the acknowledgement's, without a gap
    counter = SeriesYear.objects.get()
    assert (counter.last_case, counter.last_entry) == (2, 3)
    assert sorted(Entry.objects.values_list("running_number", flat=True)) == [1, 2, 3]


def test_one_acknowledgement_names_all_numbers_and_lies_in_the_first_case(world: World) -> None:
    first, _second = split(world, world.arrive(two_files()), None, None)
    letter = Letter.objects.get()
    assert letter.subject == "Vi har mottatt e-posten din – 2026/1-1, 2026/2-1"
    done = Acknowledgement.objects.get()
    assert (done.entry, done.letter_entry.reference) == (first, "2026/1-2")
    assert Deadline.objects.filter(kind="answer", state="open").count() == 2


def test_undo_takes_all_parts_back(world: World) -> None:
    message = world.arrive(two_files())
    first, _second = split(world, message, None, None)
    undo_registration(message_id=message.pk, entry_id=first.pk, by=KARI, at=AT + 20 * SECOND)
    assert set(Entry.objects.values_list("status", flat=True)) == {"void"}
    assert set(Case.objects.values_list("status", flat=True)) == {"void"}
    assert LetterRecipient.objects.get().fate == "cancelled"
    message.refresh_from_db()
    assert message.state == "screened"
    assert world.register(message, at=AT + MINUTE).reference == "2026/3-1"


def test_two_parts_in_one_case_are_refused_and_nothing_is_left_behind(world: World) -> None:
    case = world.register(world.arrive(mail())).case_id
    before = SeriesYear.objects.get()
    with pytest.raises(Refused) as refused:
        split(world, world.arrive(two_files()), case, case)
    assert refused.value.code == "already_registered"
    after = SeriesYear.objects.get()
    assert (after.last_case, after.last_entry) == (before.last_case, before.last_entry)


def test_a_document_lies_in_another_case_too_and_is_dealt_with_once(world: World) -> None:
    entry = world.register(world.arrive(mail()))
    other = world.register(world.arrive(mail(message_id="<o@example.net>")), at=AT + MINUTE)
    copy = link_entry(entry_id=entry.pk, case_id=other.case_id, by=KARI, at=AT + 2 * MINUTE)
    assert (copy.reference, copy.copy_of, copy.message_number) == (
        "2026/2-3",
        entry,
        entry.message_number,
    )
    assert copy.arrived_at == entry.arrived_at
    assert list(copy.documents.values_list("sha256")) == list(entry.documents.values_list("sha256"))
    assert copy.parties.get().email == OLA
    assert not Deadline.objects.filter(entry=copy).exists()
    sign_off(entry_id=other.pk, way="TE", reason="Lest", by=KARI, at=AT + 3 * MINUTE)
    assert standing_open(other.case)["unanswered_entries"] == 0
    assert standing_open(entry.case)["unanswered_entries"] == 1
    for source, case in ((copy, entry.case_id), (entry, other.case_id), (copy, other.case_id)):
        with pytest.raises(Refused) as refused:
            link_entry(entry_id=source.pk, case_id=case, by=KARI, at=AT + 4 * MINUTE)
        assert refused.value.code == "linked_already"
