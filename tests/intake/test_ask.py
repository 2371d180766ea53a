"""Missing information: asked for by a registered letter, waited for, and answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from intake.actions.ask import ask_about_entry, register_and_ask
from intake.actions.triage import undo_registration
from intake.models import Message
from intake.queries.known import requests_it_may_answer
from ledger.queries import history
from lib.refusal import Refused
from outbox.models import Letter, LetterRecipient
from registry.actions.ask import end_wait, undo_asking
from registry.actions.set_up import set_up_document_type
from registry.actions.sign_off import sign_off, take_back_sign_off
from registry.actions.void import void_entry
from registry.models import Acknowledgement, Deadline, Entry, Notice
from registry.queries import standing_open
from tests.world import KARI, MINUTE, MORNING, OLA, SECOND, World, mail

AT = MORNING + MINUTE
NAME = "navnet ditt"


def ask(world: World, message: Message, **changes: object) -> Entry:
    given = {"points": [NAME, "hvilken eiendom det gjelder"], "decision": world.decision()}
    pk = register_and_ask(
        message_id=message.pk,
        language="nb",
        by=KARI,
        at=AT,
        **{**given, **changes},  # type: ignore[arg-type]
    )
    return Entry.objects.get(pk=pk)


def states(entry: Entry) -> dict[str, str]:
    return dict(Deadline.objects.filter(entry=entry).values_list("kind", "state"))


def test_the_message_is_registered_and_one_letter_asks_and_acknowledges(world: World) -> None:
    entry = ask(world, world.arrive(mail()))
    letter = Letter.objects.get()
    assert letter.subject == "Vi trenger mer informasjon – 2026/1-1"
    assert "– navnet ditt\n– hvilken eiendom det gjelder" in letter.text
    # 14 days from Monday 2 March 2026 is Monday the 16th; received 10:30 in Oslo
    assert "Send det innen 16. mars 2026." in letter.text
    assert "2. mars 2026 kl. 10.30. Den er registrert med referanse 2026/1-1." in letter.text
    assert "støttekontakt" not in letter.text
    assert Acknowledgement.objects.get().letter == letter
    assert Notice.objects.get().letter_entry.reference == "2026/1-2"
    assert entry.arrived_at == MORNING


def test_handling_waits_and_what_may_not_wait_runs_on(world: World) -> None:
    entry = ask(world, world.arrive(mail()))
    assert states(entry) == {
        "acknowledgement": "met",
        "answer": "paused",
        # fvl. § 11 a: a month from receipt, whoever is waited for
        "interim_reply": "open",
        "missing_information": "open",
    } | {kind: state for kind, state in states(entry).items() if kind.startswith("registration")}
    assert Deadline.objects.get(kind="missing_information").due_on == date(2026, 3, 16)


def test_an_answer_registered_in_the_case_ends_the_wait_and_undoing_it_takes_it_up_again(
    world: World,
) -> None:
    entry = ask(world, world.arrive(mail()))
    later = AT + timedelta(days=3)
    reply = world.arrive(mail(subject="Re: 2026/1", message_id="<b@example.net>"), at=later)
    answer = world.register(reply, case=entry.case_id, at=later + MINUTE)
    notice = Notice.objects.get()
    assert (notice.ending, notice.answer, notice.ended_at) == ("answered", answer, later + MINUTE)
    assert (states(entry)["answer"], states(entry)["missing_information"]) == ("open", "met")
    undo_registration(
        message_id=reply.pk, entry_id=answer.pk, by=KARI, at=later + MINUTE + 10 * SECOND
    )
    notice.refresh_from_db()
    assert notice.is_waiting
    assert (states(entry)["answer"], states(entry)["missing_information"]) == ("paused", "open")


def test_a_strangers_mail_in_the_case_ends_nothing_and_a_person_can(world: World) -> None:
    entry = ask(world, world.arrive(mail()))
    stranger = mail(sender="Per <per@example.org>", message_id="<c@example.org>")
    message = world.arrive(stranger, sender="per@example.org", at=AT + MINUTE)
    world.register(message, case=entry.case_id, at=AT + 2 * MINUTE)
    assert Notice.objects.get().is_waiting
    end_wait(entry_id=entry.pk, by=KARI, at=AT + 3 * MINUTE)
    assert Notice.objects.get().ending == "by_hand"
    assert states(entry)["answer"] == "open"
    with pytest.raises(Refused) as refused:
        end_wait(entry_id=entry.pk, by=KARI, at=AT + 4 * MINUTE)
    assert refused.value.code == "not_waiting"


def test_signing_off_ends_the_wait_and_taking_it_back_takes_it_up_again(world: World) -> None:
    entry = ask(world, world.arrive(mail()))
    later = AT + timedelta(days=3)
    sign_off(entry_id=entry.pk, way="TE", reason="Trukket per telefon.", by=KARI, at=later)
    notice = Notice.objects.get()
    assert (notice.ending, notice.ended_at, notice.ended_by) == ("signed_off", later, KARI)
    assert states(entry)["missing_information"] == "cancelled"
    assert standing_open(entry.case)["open_deadlines"] == 0
    verbs = [(event.verb, event.reason) for event in history(f"notice:{notice.pk}")]
    assert ("registry.wait_ended", "signed_off") in verbs
    take_back_sign_off(entry_id=entry.pk, by=KARI, at=later + 10 * SECOND)
    notice.refresh_from_db()
    assert notice.is_waiting
    assert (states(entry)["answer"], states(entry)["missing_information"]) == ("paused", "open")


def test_an_access_request_is_never_asked_about(world: World) -> None:
    # offl. § 3; TF 2 kap. 18 §: whoever asks may be anonymous
    kind = set_up_document_type(
        code="innsyn",
        name="Innsynskrav",
        class_code="060",
        must_register=True,
        disposal="keep",
        retention_years=None,
        legal_basis="",
        clock="access_request",
    )
    message = world.arrive(mail())
    with pytest.raises(Refused) as refused:
        ask(world, message, decision=replace(world.decision(), document_type_id=kind.pk))
    assert refused.value.code == "access_request_not_asked"
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    ("points", "code"),
    [([], "nothing_missing"), (["når du fikk diagnosen"], "sensitive_points")],
)
def test_nothing_and_what_is_sensitive_are_not_asked_for(
    world: World, points: list[str], code: str
) -> None:
    message = world.arrive(mail())
    with pytest.raises(Refused) as refused:
        ask(world, message, points=points)
    assert refused.value.code == code


def test_a_machine_cannot_be_asked_and_stays_in_the_queue(world: World) -> None:
    message = world.arrive(mail(extra="Auto-Submitted: auto-replied\n"))
    with pytest.raises(Refused) as refused:
        ask(world, message)
    assert refused.value.code == "cannot_be_asked"
    message.refresh_from_db()
    assert message.state == "screened"


def test_undoing_takes_registration_and_letter_back(world: World) -> None:
    message = world.arrive(mail())
    entry = ask(world, message)
    undo_registration(message_id=message.pk, entry_id=entry.pk, by=KARI, at=AT + 20 * SECOND)
    assert LetterRecipient.objects.get().fate == "cancelled"
    assert set(Entry.objects.values_list("status", flat=True)) == {"void"}
    assert not Notice.objects.get().is_waiting


def test_a_registered_entry_is_asked_about_later_and_that_alone_is_undone(world: World) -> None:
    message = world.arrive(mail())
    entry = world.register(message)
    asked = ask_about_entry(
        message_number=message.number,
        entry_id=entry.pk,
        points=[NAME],
        language="nb",
        by=KARI,
        at=AT + MINUTE,
    )
    assert LetterRecipient.objects.filter(address=OLA).count() == 2
    with pytest.raises(Refused) as refused:
        ask_about_entry(
            message_number=message.number,
            entry_id=entry.pk,
            points=[NAME],
            language="nb",
            by=KARI,
            at=AT + MINUTE,
        )
    assert refused.value.code == "already_waiting"
    undo_asking(notice_id=asked, by=KARI, at=AT + MINUTE + 20 * SECOND)
    assert states(entry)["answer"] == "open"
    assert states(entry)["missing_information"] == "cancelled"
    entry.refresh_from_db()
    assert entry.status == "registered"
    voided = Entry.objects.get(status="void")
    assert voided.direction == "outgoing"


def test_a_void_entry_is_waited_for_no_longer_and_holds_up_no_post(world: World) -> None:
    entry = ask(world, world.arrive(mail()))
    void_entry(entry_id=entry.pk, reason="Feil", by=KARI, at=AT + 2 * MINUTE)
    later = AT + timedelta(days=1)
    reply = world.arrive(mail(subject="Re: 2026/1", message_id="<b@example.net>"), at=later)
    assert requests_it_may_answer(reply) == []
    assert world.register(reply, case=entry.case_id, at=later + MINUTE).reference == "2026/1-3"
    assert Notice.objects.get().ending == ""
