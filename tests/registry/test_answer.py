"""Answering from a case: the letter, its number, what it settles, and taking it all back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from accounts.rules.roles import Role
from lib import blobs
from lib.refusal import Refused
from outbox.models import LetterRecipient
from registry.actions.answer import send_answer, undo_answer
from registry.actions.approve import approve, ask_approval, return_answer, take_back
from registry.actions.ask import ask_for_missing
from registry.actions.composing import fingerprint, preview, slot_values
from registry.actions.draft import (
    Draft,
    Upload,
    attach_file,
    begin_draft,
    discard_draft,
    remove_file,
    save_draft,
)
from registry.actions.link import link_entry
from registry.actions.notices import Address
from registry.actions.sign_off import sign_off
from registry.actions.void import void_entry
from registry.models import Answer, Case, Deadline, Document, Entry, SignOff
from registry.queries import board
from registry.queries.answers import answer_with_all, answers_returned
from tests.outbox.builders import connection, send_due
from tests.outbox.relay import Relay
from tests.registry.cast import MORNING, REGISTRAR, Town

SOON = MORNING + timedelta(seconds=20)
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n" + bytes(range(256)) * 300


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"


@pytest.fixture
def relay() -> Iterator[Relay]:
    relay = Relay()
    yield relay
    relay.close()


@pytest.fixture
def author(town: Town) -> User:
    return town.user(Role.CASEWORKER, unit=town.health)


@pytest.fixture
def leader(town: Town) -> User:
    return town.user(Role.UNIT_LEADER, unit=town.health)


def draft(entry: Entry, **changes: Any) -> Draft:
    usual = Draft(
        party_id=entry.parties.get().pk,
        channel="email",
        language="nb",
        heading="Svar på søknaden din",
        text="Vi har fått søknaden.\n\nDu hører fra oss igjen.",
        promised_on=None,
        access="unassessed",
        legal_basis="",
        files_checked=False,
    )
    return replace(usual, **changes)


def begin(entry: Entry, author: User, kind: str = "answer", **changes: Any) -> Answer:
    return begin_draft(
        entry_id=entry.pk,
        kind=kind,
        author_id=author.pk,
        draft=draft(entry, **changes),
        by=author.actor,
        at=MORNING,
    )


def send(answer: Answer, by: str | None = None, **changes: Any) -> Answer:
    answer.refresh_from_db()
    given = {
        "answer_id": answer.pk,
        "expected_version": answer.version,
        "expected_sign_off": None,
        "by": by or f"user:{answer.author_id}",
        "at": MORNING,
    }
    return send_answer(**{**given, **changes})


def refused(call: Any, *args: Any, **given: Any) -> str:
    with pytest.raises(Refused) as refusal:
        call(*args, **given)
    return refusal.value.code


def attach(answer: Answer, name: str = "vedtak ærlig.pdf", data: bytes = PDF) -> Answer:
    answer.refresh_from_db()
    return attach_file(
        answer_id=answer.pk,
        expected_version=answer.version,
        upload=Upload(name, data),
        by=f"user:{answer.author_id}",
        at=MORNING,
    )


def state_of(entry: Entry) -> dict[str, str]:
    return dict(Deadline.objects.filter(entry=entry).values_list("kind", "state"))


def test_an_answer_leaves_with_its_files_is_registered_and_writes_off_what_it_answers(
    town: Town, author: User, relay: Relay
) -> None:
    entry = town.register()
    town.acknowledge(entry)
    answer = begin(entry, author)
    attach(answer)
    attach(answer, "notat.txt", "Første linje\n".encode())
    answer.refresh_from_db()
    save_draft(
        answer_id=answer.pk,
        expected_version=answer.version,
        draft=draft(entry, files_checked=True),
        at=MORNING,
    )
    sent = send(answer)

    assert sent.sent_entry is not None
    out = Entry.objects.get(pk=sent.sent_entry_id)
    # 2026/1-1 came in, -2 is its acknowledgement.
    assert (out.reference, out.direction, out.title) == (
        "2026/1-3",
        "outgoing",
        "Svar på søknaden din",
    )
    assert list(out.parties.values_list("role", "email")) == [("recipient", "ola@example.net")]
    assert list(out.documents.order_by("number").values_list("role", "filename", "media_type")) == [
        ("main", "", "message/rfc822"),
        ("attachment", "vedtak ærlig.pdf", "application/pdf"),
        ("attachment", "notat.txt", "text/plain"),
    ]
    kept = out.documents.get(filename="vedtak ærlig.pdf")
    assert blobs.load(kept.original_sha256) == PDF
    signed = SignOff.objects.get(entry=entry)
    assert (signed.way, signed.answer_id) == ("BE", out.pk)
    assert {state_of(entry)[kind] for kind in ("answer", "interim_reply")} == {"met"}

    with connection(relay) as opened:
        assert send_due(connection=opened, clock=lambda: MORNING, by="system:test") == 0
        # The acknowledgement and the answer have both waited out their 20 seconds.
        assert send_due(connection=opened, clock=lambda: SOON, by="system:test") == 2
    mail = message_from_bytes(
        next(each.raw for each in relay.taken if b"vedtak" in each.raw), policy=policy.SMTP
    )
    assert (mail["To"], mail["Subject"]) == ("ola@example.net", "Svar på søknaden din – 2026/1")
    assert mail["Reply-To"].addresses[0].addr_spec == "post@nn.example"
    assert mail["In-Reply-To"] == "<a@example.net>"
    assert mail["Auto-Submitted"] is None
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    assert "Vi har fått søknaden.\n\nDu hører fra oss igjen." in text
    assert "Kari Arkivar\nHelse" in text
    assert "Postboks 1, 0001 NN" in text
    # Nothing of the citizen's letter, nor the case's title.
    assert "støttekontakt" not in text.lower()
    files = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
    assert files == {"vedtak ærlig.pdf": PDF, "notat.txt": "Første linje\n".encode()}


def test_undo_takes_everything_back_and_the_words_are_a_draft_again(
    town: Town, author: User
) -> None:
    entry = town.register()
    sent = send(begin(entry, author))
    number = Entry.objects.get(pk=sent.sent_entry_id).reference
    undone = undo_answer(answer_id=sent.pk, by=author.actor, at=SOON)
    assert (undone.state, undone.text[:5]) == ("draft", "Vi ha")
    assert LetterRecipient.objects.get().fate == "cancelled"
    assert Entry.objects.get(reference=number).status == "void"
    assert not SignOff.objects.filter(entry=entry).exists()
    assert SignOff.objects.get(taken_back_of=entry).taken_back_at == SOON
    assert {state_of(entry)[kind] for kind in ("answer", "interim_reply")} == {"open"}
    # Sent again it has the next number: none is used twice, none is missing.
    again = send(undone, at=SOON)
    numbers = Entry.objects.order_by("document").values_list("document", "running_number")
    assert list(numbers) == [(1, 1), (2, 2), (3, 3)]
    late = SOON + timedelta(seconds=21)
    assert refused(undo_answer, answer_id=again.pk, by=author.actor, at=late) == "too_late"


def test_a_letter_that_was_sent_is_not_taken_back(town: Town, author: User, relay: Relay) -> None:
    sent = send(begin(town.register(), author))
    with connection(relay) as opened:
        send_due(connection=opened, clock=lambda: SOON, by="system:test")
    assert refused(undo_answer, answer_id=sent.pk, by=author.actor, at=SOON) == "too_late"
    assert Entry.objects.get(pk=sent.sent_entry_id).status == "registered"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"party_id": None}, "no_recipient"),
        ({"text": ""}, "text_missing"),
        ({"text": "Vi viser til ((saksnummer))."}, "slots_left"),
        ({"text": "Vi viser til ((saksnummer)."}, "slots_left"),
        ({"heading": ""}, "heading_missing"),
        ({"heading": "Re: Søknad"}, "heading_copied"),
        ({"heading": "Støttekontakt, Ola Nordmann"}, "heading_copied"),
        ({"heading": "Svar til Ola Nordmann"}, "heading_names_somebody"),
        ({"heading": "Svar om 811228-9874"}, "heading_sensitive"),
        ({"heading": "Svar om diagnosen din"}, "heading_sensitive"),
        ({"access": "exempt"}, "legal_basis_missing"),
        ({"access": "exempt", "legal_basis": "offl. § 13"}, "may_not_leave"),
        ({"text": "Gjelder 811228-9874."}, "may_not_leave"),
        ({"text": "Vi har fått legeerklæringen din."}, "may_not_leave"),
    ],
)
def test_what_may_not_leave_stays(
    town: Town, author: User, changes: dict[str, Any], code: str
) -> None:
    entry = town.register()
    assert refused(send, begin(entry, author, **changes)) == code
    assert Entry.objects.count() == 1
    assert not LetterRecipient.objects.exists()
    assert not SignOff.objects.exists()


def test_what_is_exempt_is_answered_by_letter_post_only(town: Town, author: User) -> None:
    entry = town.register(access="exempt", legal_basis="offl. § 13, fvl. § 13")
    answer = begin(entry, author)
    assert refused(send, answer) == "may_not_leave"
    save_draft(
        answer_id=answer.pk,
        expected_version=1,
        draft=draft(
            entry,
            channel="post",
            text="Diagnosen er mottatt.",
            access="exempt",
            legal_basis="offl. § 13",
        ),
        at=MORNING,
    )
    sent = send(answer)
    out = Entry.objects.get(pk=sent.sent_entry_id)
    assert (out.access, out.legal_basis) == ("exempt", "offl. § 13")
    assert SignOff.objects.get(entry=entry).way == "BU"
    letter = Document.objects.get(entry=out)
    assert "Diagnosen er mottatt." in blobs.load(letter.original_sha256).decode()
    assert not LetterRecipient.objects.exists()


def test_files_nobody_has_looked_through_stay_and_limits_are_kept(
    town: Town, author: User, settings: Any
) -> None:
    answer = begin(town.register(), author)
    attach(answer)
    assert refused(send, answer) == "may_not_leave"
    assert refused(attach, answer) == "same_file"
    assert refused(attach, answer, data=b"") == "empty_file"
    settings.ANSWER_FILES_BYTES = len(PDF) + 10
    assert refused(attach, answer, data=b"x" * 11) == "files_too_large"
    settings.ANSWER_FILES = 1
    assert refused(attach, answer, data=b"x") == "no_files_left"
    answer.refresh_from_db()
    remove_file(
        answer_id=answer.pk,
        expected_version=answer.version,
        file_id=answer.files.get().pk,
        by=author.actor,
        at=MORNING,
    )
    assert send(answer).state == "sent"


def test_two_who_answer_at_once_do_not_both_send_unseen(
    town: Town, author: User, leader: User
) -> None:
    entry = town.register()
    mine, other = begin(entry, author), begin(entry, leader)
    assert mine.pk != other.pk
    assert begin(entry, author).pk == mine.pk
    send(mine)
    assert refused(send, other) == "answered_meanwhile"
    # Seen, it may still be sent; the entry stays written off by the first.
    signed = SignOff.objects.get(entry=entry)
    second = send(other, expected_sign_off=signed.pk)
    assert SignOff.objects.get().answer_id == Answer.objects.get(pk=mine.pk).sent_entry_id
    undo_answer(answer_id=second.pk, by=leader.actor, at=SOON)
    assert SignOff.objects.filter(entry=entry).exists()


def test_a_second_window_does_not_write_over_the_first(town: Town, author: User) -> None:
    entry = town.register()
    answer = begin(entry, author)
    new = draft(entry, text="Ny tekst")
    save_draft(answer_id=answer.pk, expected_version=1, draft=new, at=MORNING)
    assert (
        refused(
            save_draft,
            answer_id=answer.pk,
            expected_version=1,
            draft=draft(entry, text="Gammel"),
            at=MORNING,
        )
        == "changed_meanwhile"
    )
    discard_draft(answer_id=answer.pk, expected_version=2, by=author.actor, at=MORNING)
    answer.refresh_from_db()
    assert (answer.state, answer.text) == ("discarded", "")
    assert begin(entry, author).pk != answer.pk


def test_four_eyes_lets_nothing_leave_before_another_has_approved(
    town: Town, author: User, leader: User
) -> None:
    town.health.four_eyes = True
    town.health.save()
    entry = town.register()
    answer = begin(entry, author)
    assert refused(send, answer) == "approval_needed"
    step = {"answer_id": answer.pk, "expected_version": 1, "at": MORNING}
    ask_approval(**step, by=author.actor)
    assert refused(send, answer) == "not_a_draft"
    read = {"expected_letter": "", "expected_sign_off": None}
    assert refused(approve, **step, **read, by=author.actor) == "own_answer"
    assert refused(return_answer, **step, reason=" ", by=leader.actor) == "reason_missing"
    return_answer(**step, reason="Nevn fristen.", by=leader.actor)
    assert [each.pk for each in answers_returned(author.pk)] == [answer.pk]
    assert refused(approve, **step, **read, by=leader.actor) == "not_laid_before"

    save_draft(
        answer_id=answer.pk, expected_version=1, draft=draft(entry, text="Med frist."), at=MORNING
    )
    again = {**step, "expected_version": 2}
    ask_approval(**again, by=author.actor)
    assert answers_returned(author.pk) == []
    take_back(**again, by=author.actor)
    ask_approval(**again, by=author.actor)
    # Nobody approves a version that they have not read.
    assert refused(approve, **step, **read, by=leader.actor) == "changed_meanwhile"
    assert refused(approve, **again, **read, by=leader.actor) == "changed_meanwhile"
    shown = answer_with_all(answer.pk)
    letter = preview(shown)
    read["expected_letter"] = fingerprint(shown, subject=letter.subject, text=letter.text)
    sent = approve(**again, **read, by=leader.actor)
    assert (sent.state, sent.sent_by) == ("sent", leader.actor)
    assert LetterRecipient.objects.get().letter.text.startswith("Med frist.")


def test_an_interim_reply_promises_a_day_that_becomes_the_next_deadline(
    town: Town, author: User
) -> None:
    entry = town.register()
    reply = begin(
        entry,
        author,
        "interim_reply",
        heading="",
        text="vi venter på en uttalelse.",
        promised_on=date(2026, 5, 15),
    )
    sent = send(reply)
    out = Entry.objects.get(pk=sent.sent_entry_id)
    assert out.title == "Foreløpig svar" or out.title == "Interim reply"
    letter = LetterRecipient.objects.get().letter
    assert "Grunnen er at vi venter på en uttalelse." in letter.text
    assert "innen 15. mai 2026" in letter.text
    assert not SignOff.objects.exists()
    assert state_of(entry)["interim_reply"] == "met"
    promised = Deadline.objects.get(entry=entry, kind="interim_reply_promised")
    # Until Friday 15 May is over in Oslo, which is two hours ahead of UTC in summer.
    assert (promised.due_on, promised.due_at.isoformat()) == (
        date(2026, 5, 15),
        "2026-05-15T22:00:00+00:00",
    )
    assert promised.warn_on == ["2026-05-08", "2026-05-13"]

    # When that day comes near, a new one is promised, and it takes the first one's place.
    second = begin(
        entry, author, "interim_reply", text="svaret lot vente", promised_on=date(2026, 6, 1)
    )
    send(second, at=MORNING + timedelta(days=70))
    kinds = Deadline.objects.filter(entry=entry, kind="interim_reply_promised")
    assert dict(kinds.values_list("due_on", "state")) == {
        date(2026, 5, 15): "met",
        date(2026, 6, 1): "open",
    }
    undo_answer(answer_id=second.pk, by=author.actor, at=MORNING + timedelta(days=70))
    assert dict(kinds.values_list("due_on", "state")) == {
        date(2026, 5, 15): "open",
        date(2026, 6, 1): "cancelled",
    }
    # The answer itself ends the promise.
    send(begin(entry, author), at=MORNING + timedelta(days=71))
    assert dict(kinds.values_list("due_on", "state"))[date(2026, 5, 15)] == "met"


@pytest.mark.parametrize(
    ("promised_on", "code"),
    [
        (None, "promise_missing"),
        (date(2026, 3, 2), "promise_out_of_reach"),
        (date(2027, 3, 4), "promise_out_of_reach"),
    ],
)
def test_a_promise_lies_ahead_and_within_a_year(
    town: Town, author: User, promised_on: date | None, code: str
) -> None:
    reply = begin(town.register(), author, "interim_reply", promised_on=promised_on)
    assert refused(send, reply) == code


def test_slots_are_filled_from_the_case_and_from_nothing_a_citizen_titled(
    town: Town, author: User
) -> None:
    answer = answer_with_all(begin(town.register(), author).pk)
    assert answer is not None
    values = slot_values(answer, at=MORNING)
    assert values["reference"] == "2026/1"
    assert values["party_name"] == "Ola Nordmann"
    assert values["unit"] == "Helse"
    assert values["received_date"] == "2. mars 2026"
    # One month from 2 March is 2 April, Maundy Thursday 2026: planned on the working day before.
    assert values["answer_by"] == "1. april 2026"
    assert "Støttekontakt" not in " ".join(values.values())


def test_only_an_incoming_entry_of_an_open_case_is_answered(town: Town, author: User) -> None:
    entry = town.register(direction="outgoing", message_number="")
    assert refused(begin, entry, author) == "not_incoming"
    assert (
        refused(
            send_answer,
            answer_id=0,
            expected_version=1,
            expected_sign_off=None,
            by=REGISTRAR,
            at=MORNING,
        )
        == "no_such_answer"
    )


def test_no_interim_reply_promises_anything_about_what_is_signed_off(
    town: Town, author: User
) -> None:
    entry = town.register()
    reply = begin(entry, author, "interim_reply", promised_on=date(2026, 5, 15))
    sign_off(entry_id=entry.pk, way="TE", reason="Lest", by=author.actor, at=MORNING)
    assert refused(send, reply) == "answered_meanwhile"
    signed = SignOff.objects.get().pk
    assert refused(send, reply, expected_sign_off=signed) == "already_signed_off"
    assert not LetterRecipient.objects.exists()


def test_a_button_that_is_pressed_twice_sends_one_letter(town: Town, author: User) -> None:
    entry = town.register()
    given = {"heading": "", "text": "vi venter", "promised_on": date(2026, 5, 15)}
    send(begin(entry, author, "interim_reply", **given))
    # The first is a draft no more, so that the second press begins anew.
    again = begin(entry, author, "interim_reply", **given)
    assert refused(send, again, at=SOON - timedelta(seconds=1)) == "sent_just_now"
    assert LetterRecipient.objects.count() == 1
    send(again, at=SOON + timedelta(seconds=1))


def test_an_answer_by_letter_post_is_not_made_void_by_hand(town: Town, author: User) -> None:
    entry = town.register()
    sent = send(begin(entry, author, channel="post"))
    given = {"entry_id": sent.sent_entry_id, "reason": "Feil", "by": REGISTRAR, "at": MORNING}
    assert refused(void_entry, **given) == "already_sent"
    undo_answer(answer_id=sent.pk, by=author.actor, at=SOON)
    assert Entry.objects.get(pk=given["entry_id"]).status == "void"


def test_a_copy_is_answered_and_signed_off_where_it_was_registered_first(
    town: Town, author: User
) -> None:
    entry, other = town.register(), town.register(message_number="M18")
    copy = link_entry(entry_id=entry.pk, case_id=other.case_id, by=REGISTRAR, at=MORNING)
    assert refused(begin, copy, author) == "is_a_copy"
    given = {"entry_id": copy.pk, "way": "TE", "reason": "Lest", "by": REGISTRAR, "at": MORNING}
    assert refused(sign_off, **given) == "is_a_copy"
    ask = {"points": ["navnet ditt"], "address": Address("ola@example.net", "nb")}
    assert (
        refused(ask_for_missing, entry_id=copy.pk, **ask, by=REGISTRAR, at=MORNING) == "is_a_copy"
    )
    Case.objects.update(caseworker=author)
    assert board.outstanding([author.pk], limit=10) == [entry, other]
    sign_off(**{**given, "entry_id": other.pk})
    assert board.quiet_cases([author.pk], limit=10) == [other.case]
