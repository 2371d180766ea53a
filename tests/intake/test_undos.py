"""Whatever can be undone leaves things as they were, but for numbers, versions and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Model, Q

from accounts.actions.set_up import set_up_unit
from accounts.models import User
from accounts.rules.roles import Role
from intake.actions import triage
from intake.actions.ask import ask_about_entry, register_and_ask
from intake.actions.misdirect import Misdirection, misdirect
from intake.actions.send_receipts import send_receipts
from intake.actions.split import Part, split_message
from intake.models import Body, Message
from outbox.models import LetterRecipient
from registry.actions.answer import send_answer, undo_answer
from registry.actions.ask import undo_asking
from registry.actions.assign import assign_case
from registry.actions.draft import Draft, begin_draft
from registry.actions.pause import pause_deadlines
from registry.actions.sign_off import sign_off, take_back_sign_off
from registry.models import (
    Acknowledgement,
    Answer,
    AnswerFile,
    Case,
    CaseReader,
    Comment,
    Deadline,
    DeadlinePause,
    Entry,
    Escalation,
    Hold,
    Notice,
    Restriction,
    SearchEntry,
    SignOff,
)
from tests.world import KARI, MINUTE, MORNING, SECOND, World, mail, mail_with_file

AT = MORNING + timedelta(days=1)
JUST_AFTER = AT + 10 * SECOND

# What stands: of each kind of row, which of them, and what of them is not looked at: counters,
# versions, times of the last change, and what is there again in a new row.
STANDS: dict[type[Model], tuple[Q, set[str]]] = {
    Message: (Q(), {"state_at", "opened_at"}),
    Case: (~Q(status="void"), {"last_document", "version"}),
    Entry: (~Q(status="void"), {"version"}),
    # A pause that was ended and begun anew has moved the last day by what is over of it already.
    Deadline: (~Q(state="cancelled"), {"steps"}),
    DeadlinePause: (Q(ended_at=None), {"id", "started_at", "started_by"}),
    Escalation: (Q(), set()),
    Acknowledgement: (Q(undone_at=None), {"id"}),
    Notice: (Q(undone_at=None), set()),
    SignOff: (~Q(entry=None), set()),
    Answer: (Q(), {"version", "sendings", "saved_at"}),
    AnswerFile: (Q(), set()),
    Comment: (Q(), set()),
    Hold: (Q(released_at=None), set()),
    CaseReader: (Q(ended_at=None), set()),
    Restriction: (Q(lifted_at=None), set()),
    SearchEntry: (~Q(entry__status="void"), set()),
    LetterRecipient: (~Q(fate="cancelled"), set()),
}


def what_stands() -> dict[str, list[dict[str, Any]]]:
    found = {}
    for model, (condition, but) in STANDS.items():
        names = [each.attname for each in model._meta.concrete_fields if each.attname not in but]
        rows = model._default_manager.filter(condition).values(*names)
        found[model.__name__] = sorted(map(_seen, rows), key=repr)
    return found


def _seen(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("state") == "paused":
        row = {**row, "due_on": None, "due_at": None}
    return row


@dataclass
class Scene:
    """A case with a caseworker in which something waits, and post that is to be dealt with."""

    world: World
    per: User
    roads: int
    entry: Entry
    message: Message

    @property
    def case(self) -> int:
        return self.entry.case_id

    def decision(self, case: int | None = None, **changes: Any) -> triage.Decision:
        return self.world.decision(case, **changes)


@pytest.fixture
def scene(world: World) -> Scene:
    per = world.person(Role.CASEWORKER, name="Per Saksbehandler")
    roads = set_up_unit(code="roads", name="Vei").pk
    entry = world.register(world.arrive(mail()))
    LetterRecipient.objects.update(fate="sent")
    assign_case(case_id=entry.case_id, unit_id=world.unit, caseworker_id=per.pk, by=KARI, at=AT)
    LetterRecipient.objects.filter(fate="queued").update(fate="sent")
    message = world.arrive(mail(subject="Mer om dette", message_id="<b@example.net>"), at=MORNING)
    return Scene(world, per, roads, entry, message)


Undo = Callable[[], object]


def undo_registration(scene: Scene, entry_id: int) -> Undo:
    return lambda: triage.undo_registration(
        message_id=scene.message.pk, entry_id=entry_id, by=KARI, at=JUST_AFTER
    )


def register(scene: Scene, decision: triage.Decision) -> Undo:
    done = triage.register_message(message_id=scene.message.pk, decision=decision, by=KARI, at=AT)
    return undo_registration(scene, done)


def wait(scene: Scene) -> None:
    ask_about_entry(
        message_number=scene.entry.message_number,
        entry_id=scene.entry.pk,
        points=["navnet ditt"],
        language="nb",
        by=KARI,
        at=AT - timedelta(hours=2),
    )
    LetterRecipient.objects.filter(fate="queued").update(fate="sent")


def a_new_case(scene: Scene) -> Callable[[], Undo]:
    return lambda: register(scene, scene.decision())


def a_known_case(scene: Scene) -> Callable[[], Undo]:
    return lambda: register(scene, scene.decision(scene.case))


def a_known_case_moved_to_another_unit(scene: Scene) -> Callable[[], Undo]:
    return lambda: register(scene, scene.decision(scene.case, move_to_unit_id=scene.roads))


def what_was_waited_for(scene: Scene) -> Callable[[], Undo]:
    wait(scene)
    return lambda: register(scene, scene.decision(scene.case))


def what_has_a_receipt(scene: Scene) -> Callable[[], Undo]:
    send_receipts(by="system:worker", at=MORNING + timedelta(hours=34))
    LetterRecipient.objects.filter(fate="queued").update(fate="sent")
    at = MORNING + timedelta(hours=35)

    def do() -> Undo:
        done = triage.register_message(
            message_id=scene.message.pk, decision=scene.decision(), by=KARI, at=at
        )
        return lambda: triage.undo_registration(
            message_id=scene.message.pk, entry_id=done, by=KARI, at=at + 10 * SECOND
        )

    return do


def a_held_message(scene: Scene) -> Callable[[], Undo]:
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(100)
    )
    scene.message = scene.world.arrive(b"Subject: deep\r\n" + parts)
    assert scene.message.state == "held"
    return lambda: register(scene, scene.decision())


def misdirected(scene: Scene) -> Callable[[], Undo]:
    nav = Body.objects.create(
        name="NAV", email="post@nav.example", postal_address="", words=["dagpenger"]
    )

    def do() -> Undo:
        done = misdirect(
            message_id=scene.message.pk,
            decision=scene.decision(title="Feilsendt", public_title="Feilsendt"),
            choice=Misdirection(
                body_id=nav.pk, language="nb", forward=True, attachments_read=False
            ),
            by=KARI,
            at=AT,
        )
        return undo_registration(scene, done)

    return do


def asked_for_more_at_once(scene: Scene) -> Callable[[], Undo]:
    def do() -> Undo:
        done = register_and_ask(
            message_id=scene.message.pk,
            decision=scene.decision(scene.case, move_to_unit_id=scene.roads),
            points=["navnet ditt"],
            language="nb",
            by=KARI,
            at=AT,
        )
        return undo_registration(scene, done)

    return do


def split_into_two(scene: Scene) -> Callable[[], Undo]:
    scene.message = scene.world.arrive(mail_with_file())

    def do() -> Undo:
        known = scene.decision(scene.case, move_to_unit_id=scene.roads)
        parts = [Part(decision=known, attachments=frozenset())]
        parts.append(replace(parts[0], decision=scene.decision()))
        done = split_message(message_id=scene.message.pk, parts=parts, by=KARI, at=AT)
        return undo_registration(scene, done[0])

    return do


def asked_for_more(scene: Scene) -> Callable[[], Undo]:
    def do() -> Undo:
        notice = ask_about_entry(
            message_number=scene.entry.message_number,
            entry_id=scene.entry.pk,
            points=["navnet ditt"],
            language="nb",
            by=KARI,
            at=AT,
        )
        return lambda: undo_asking(notice_id=notice, by=KARI, at=JUST_AFTER)

    return do


def asked_for_more_while_paused(scene: Scene) -> Callable[[], Undo]:
    pause_deadlines(entry_id=scene.entry.pk, reason="other_body", by=KARI, at=AT - MINUTE)
    return asked_for_more(scene)


def set_aside(scene: Scene) -> Callable[[], Undo]:
    def do() -> Undo:
        triage.set_aside(
            message_id=scene.message.pk, state="minor", reason="Reklame", by=KARI, at=AT
        )
        return lambda: triage.put_back(message_id=scene.message.pk, by=KARI, at=JUST_AFTER)

    return do


def signed_off(scene: Scene) -> Callable[[], Undo]:
    wait(scene)

    def do() -> Undo:
        sign_off(entry_id=scene.entry.pk, way="TE", reason="Lest", by=KARI, at=AT)
        return lambda: take_back_sign_off(entry_id=scene.entry.pk, by=KARI, at=JUST_AFTER)

    return do


def draft(scene: Scene, kind: str, promised_on: date | None = None) -> Answer:
    return begin_draft(
        entry_id=scene.entry.pk,
        kind=kind,
        author_id=scene.per.pk,
        draft=Draft(
            party_id=scene.entry.parties.get().pk,
            channel="email",
            language="nb",
            heading="" if promised_on else "Svar på søknaden din",
            text="vi venter på en uttalelse" if promised_on else "Du får støtte.",
            promised_on=promised_on,
            access="unassessed",
            legal_basis="",
            files_checked=False,
        ),
        by=scene.per.actor,
        at=AT - MINUTE,
    )


def send(answer: Answer, scene: Scene) -> Undo:
    send_answer(
        answer_id=answer.pk,
        expected_version=answer.version,
        expected_sign_off=None,
        by=scene.per.actor,
        at=AT,
    )
    return lambda: undo_answer(answer_id=answer.pk, by=scene.per.actor, at=JUST_AFTER)


def an_answer(scene: Scene) -> Callable[[], Undo]:
    answer = draft(scene, "answer")
    return lambda: send(answer, scene)


def an_answer_to_what_waits(scene: Scene) -> Callable[[], Undo]:
    wait(scene)
    return an_answer(scene)


def an_interim_reply(scene: Scene) -> Callable[[], Undo]:
    answer = draft(scene, "interim_reply", date(2026, 4, 20))
    return lambda: send(answer, scene)


@pytest.mark.parametrize(
    "prepare",
    [
        a_new_case,
        a_known_case,
        a_known_case_moved_to_another_unit,
        what_was_waited_for,
        what_has_a_receipt,
        a_held_message,
        misdirected,
        asked_for_more_at_once,
        split_into_two,
        asked_for_more,
        asked_for_more_while_paused,
        set_aside,
        signed_off,
        an_answer,
        an_answer_to_what_waits,
        an_interim_reply,
    ],
    ids=lambda prepare: prepare.__name__,
)
def test_undone_everything_stands_as_before(
    scene: Scene, prepare: Callable[[Scene], Callable[[], Undo]]
) -> None:
    do = prepare(scene)
    before = what_stands()
    undo = do()
    assert what_stands() != before
    undo()
    after = what_stands()
    for name, rows in before.items():
        assert after[name] == rows, name
