"""Screening: what it is, who sent it, where it belongs, and what it is owed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.actions import screen as action
from intake.actions.receive import Arrival, receive
from intake.actions.screen import screen
from intake.models import Attachment, Message, Proposal
from intake.models.message import State
from kommunepost.demo import MUNICIPALITIES, samples
from ledger.models import Event
from lib.mime.child import ParserChild
from lib.mime.limits import Unreadable
from lib.reading import reader
from outbox.models import Letter, LetterRecipient
from registry.models import Acknowledgement, Deadline
from tests.world import MORNING, OLA, SECOND, World, bounce_of, mail, mail_with_file

# What a right-minded reader finds in the sample mails that are not a person's ordinary letter.
KINDS = {
    "advertising": "list",
    "bounce": "bounce",
    "newsletter": "list",
    "out of office": "automatic_reply",
}

FRIDAY = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


def reason(message: Message) -> str:
    return Acknowledgement.objects.get(
        message_number=message.number, undone_at=None
    ).not_sent_reason


def test_a_letter_is_described_and_waits(world: World) -> None:
    message = world.arrive(mail(subject="Søknad"))
    assert message.state == State.SCREENED
    assert message.kind == "person"
    assert message.subject == "Søknad"
    assert (message.sender_name, message.sender_address) == ("Ola Nordmann", OLA)
    assert message.message_id == "<a1@example.net>"
    assert message.language == "nb"
    assert message.missing == []
    assert "støttekontakt" in message.text
    assert message.claimed_at == datetime(2026, 3, 2, 9, 29, tzinfo=UTC)


def test_what_the_sender_left_out_is_said(world: World) -> None:
    message = world.arrive(mail(sender=OLA, text="Hei, ring meg."))
    assert set(message.missing) == {"name", "postal_address"}


def test_attachments_have_their_names_and_checksums(world: World) -> None:
    message = world.arrive(mail_with_file("../../kart.pdf", b"%PDF-1.4 x"))
    found = message.attachments.get()
    assert found.filename == "../../kart.pdf"
    assert found.size == 10
    # printf '%%PDF-1.4 x' | sha256sum
    assert found.sha256 == "fc022288f3e49d09353987de1c32fc1427bd2a8b3657a340e86efb8e34efe003"


def test_screening_twice_does_nothing(world: World) -> None:
    message = world.arrive(mail_with_file())
    events = Event.objects.count()
    world.screen(message.pk, at=MORNING + 60 * SECOND)
    message.refresh_from_db()
    assert message.screened_at == MORNING + SECOND
    assert Attachment.objects.count() == 1
    assert Event.objects.count() == events


def test_nul_bytes_and_broken_text_are_read(world: World) -> None:
    raw = mail().replace(b"Hei.", b"He\x00i \xff\xfe.")
    message = world.arrive(raw)
    assert message.state == State.SCREENED
    assert "\x00" not in message.text


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"", "no_content"), (b"Bare tekst uten noe brevhode.\r\n", "no_header")],
)
def test_what_cannot_be_read_is_held_with_its_reason_and_its_deadline(
    world: World, raw: bytes, code: str
) -> None:
    message = world.arrive(raw)
    assert (message.state, message.held_code) == (State.HELD, code)
    assert message.language == "nb"
    deadline = Deadline.objects.get(message_number=message.number, kind="acknowledgement")
    assert deadline.due_on == date(2026, 3, 3)


def test_a_held_mail_with_the_null_sender_is_owed_nothing(world: World) -> None:
    message = world.arrive(b"", sender="")
    assert (message.state, reason(message)) == (State.HELD, "bounce")


def test_a_held_mail_without_an_envelope_is_not_taken_for_a_bounce(world: World) -> None:
    message = world.arrive(b"", sender="", door="import", has_envelope=False)
    assert (message.kind, reason(message)) == ("person", "no_envelope")


def test_a_mail_that_kills_the_parser_is_held(world: World) -> None:
    child = ParserChild(module="tests.lib.mime.faulty_child", seconds=5)

    class Crashing:
        def parsed(self, sha256: str) -> Any:
            return child.parse_bytes(mail(subject="segfault"))

        def reports(self, sha256: str) -> Any:
            return ()

    try:
        message = world.receive(mail(subject="segfault"))
        held = world.screen(message.message_id, read=Crashing())
    finally:
        child.close()
    assert (held.state, held.held_code) == (State.HELD, "parser_crashed")
    assert Deadline.objects.filter(message_number=held.number).exists()


def test_parts_too_deep_to_be_named_hold_the_mail(world: World) -> None:
    levels = 45
    raw = "From: ola@example.net\r\nSubject: dypt\r\nMIME-Version: 1.0\r\n"
    for level in range(levels):
        raw += f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n'
    raw += "Content-Type: application/pdf\r\n\r\n%PDF\r\n"
    raw += "".join(f"--b{level}--\r\n" for level in reversed(range(levels)))
    message = world.arrive(raw.encode())
    assert (message.state, message.held_code) == (State.HELD, "too_deep")


def test_a_message_id_of_a_thousand_wide_letters_is_kept(world: World) -> None:
    long = "".join(chr(0x4E00 + number * 7 % 20000) for number in range(1, 1200))
    message = world.arrive(mail(message_id=f"<{long}@example.net>"))
    assert message.state == State.SCREENED


@pytest.mark.parametrize("written", ["31 Dec 9999 23:59:59 -1200", "1 Jan 0001 00:00:00 +1200"])
def test_a_date_at_the_end_of_time_stops_nothing(world: World, written: str) -> None:
    message = world.arrive(mail(date=written))
    assert message.state == State.SCREENED
    assert world.register(message).reference == "2026/1-1"


@pytest.mark.parametrize(
    ("extra", "sender", "kind", "why"),
    [
        ("Auto-Submitted: auto-replied\n", OLA, "automatic_reply", "automatic"),
        ("List-Id: <nyhetsbrev.example.net>\n", OLA, "list", "list"),
        ("", "", "automatic_reply", "automatic"),
        ("", "MAILER-DAEMON@example.net", None, None),
        ("", "post@nn.example", "own", "own"),
    ],
)
def test_automatic_mail_gets_no_deadline_and_its_reason_is_recorded(
    world: World, extra: str, sender: str, kind: str | None, why: str | None
) -> None:
    message = world.arrive(mail(extra=extra), sender=sender)
    assert not Deadline.objects.filter(kind="acknowledgement").exists()
    assert not Letter.objects.exists()
    assert message.kind != "person" if kind is None else message.kind == kind
    assert why is None or reason(message) == why
    assert Event.objects.filter(verb="registry.not_acknowledged").count() == 1


def test_imported_mail_is_never_acknowledged_though_it_names_a_sender(world: World) -> None:
    message = world.arrive(mail(), door="import", has_envelope=False)
    assert reason(message) == "no_envelope"
    world.register(message)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("came", "last_day"),
    [
        (MORNING, date(2026, 3, 3)),
        # Calendar days: a Friday's mail is acknowledged on the Saturday.
        (FRIDAY, date(2026, 3, 7)),
        # 23:30 in Oslo on the 2nd is still the 2nd; half past midnight is the 3rd.
        (datetime(2026, 3, 2, 22, 30, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 3, 2, 23, 30, tzinfo=UTC), date(2026, 3, 4)),
    ],
)
def test_in_norway_the_acknowledgement_is_due_the_day_after_receipt(
    world: World, came: datetime, last_day: date
) -> None:
    message = world.arrive(mail(), at=came)
    deadline = Deadline.objects.get(message_number=message.number, kind="acknowledgement")
    assert (deadline.kind, deadline.due_on) == ("acknowledgement", last_day)
    # The day ends at midnight in Oslo, which is 23:00 UTC in winter.
    assert deadline.due_at == datetime(last_day.year, last_day.month, last_day.day, 23, tzinfo=UTC)
    assert deadline.starts_at == came


@pytest.mark.parametrize(
    ("came", "last_day"), [(MORNING, date(2026, 3, 3)), (FRIDAY, date(2026, 3, 9))]
)
def test_in_sweden_it_is_promised_for_the_next_working_day(
    norsjo: World, came: datetime, last_day: date
) -> None:
    message = norsjo.arrive(mail(), at=came)
    deadline = Deadline.objects.get(message_number=message.number, kind="acknowledgement")
    assert deadline.due_on == last_day
    assert deadline.rule["kind"] == "service"


def proposals(message: Message) -> list[tuple[str, str]]:
    return list(message.proposals.order_by("pk").values_list("strength", "reason"))


def test_the_number_in_the_subject_from_a_party_proposes_the_case(world: World) -> None:
    entry = world.register(world.arrive(mail()))
    message = world.arrive(mail(subject="Angående 2026/1", message_id="<b@example.net>"))
    assert proposals(message) == [("proposed", "reference_from_party")]
    assert message.proposals.get().case_id == entry.case_id


def test_the_number_from_a_stranger_only_suggests_it(world: World) -> None:
    world.register(world.arrive(mail()))
    message = world.arrive(mail(subject="2026/1", sender="x@example.org", message_id="<b@x.org>"))
    assert proposals(message) == [("suggested", "reference_from_stranger")]


def test_a_party_who_names_no_case_only_suggests_one(world: World) -> None:
    world.register(world.arrive(mail()))
    message = world.arrive(mail(subject="Mer", message_id="<b@example.net>"))
    assert proposals(message) == [("suggested", "party_only")]


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        (f"Ola Nordmann <{OLA}>", ("proposed", "reply_from_party")),
        ("Fremmed <x@example.org>", ("suggested", "reply_from_stranger")),
    ],
)
def test_an_answer_to_our_letter_leads_to_its_case(
    world: World, sender: str, expected: tuple[str, str]
) -> None:
    world.register(world.arrive(mail()))
    ours = Letter.objects.get().message_id
    message = world.arrive(
        mail(subject="Sv", sender=sender, message_id="<b@x.org>", extra=f"In-Reply-To: {ours}\n")
    )
    assert proposals(message) == [expected]


def test_an_answer_to_the_own_earlier_mail_leads_to_its_case(world: World) -> None:
    world.register(world.arrive(mail()))
    message = world.arrive(
        mail(subject="Mer", message_id="<b@x>", extra="References: <a1@example.net>\n")
    )
    assert proposals(message) == [("proposed", "reply_from_party")]


def test_an_unknown_number_proposes_nothing(world: World) -> None:
    world.arrive(mail(subject="2026/99"))
    assert not Proposal.objects.exists()


def test_a_delivery_report_to_the_token_address_finds_its_letter(world: World) -> None:
    world.register(world.arrive(mail()))
    letter = Letter.objects.get()
    LetterRecipient.objects.update(fate="sent")
    to = f"bounce+{letter.envelope_token}@nn.example"
    message = world.arrive(bounce_of(OLA, to=to), to=[to], sender="")
    assert message.kind == "bounce"
    assert reason(message) == "bounce"
    assert LetterRecipient.objects.get().fate == "bounced"


@pytest.mark.parametrize("key", ["nn", "norsjo"])
def test_the_kinds_of_the_sample_mails_are_told(db: None, settings: Any, key: str) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("setup_demo", municipality=key, password="x" * 12, stdout=StringIO())
    found = {}
    for sample in samples.samples(MUNICIPALITIES[key], now=MORNING):
        if sample.refused:
            continue
        arrival = Arrival(
            raw=sample.raw,
            door="smtp",
            received_at=MORNING,
            recipients=sample.recipients,
            envelope_from=sample.envelope_from,
        )
        pk = receive(arrival=arrival, by="system:test").message_id
        screen(message_id=pk, read=reader(), by="system:worker", at=MORNING)
        message = Message.objects.get(pk=pk)
        if (message.state, message.kind) != ("screened", "person"):
            found[sample.note] = message.held_code or message.kind
    assert found == KINDS


def test_a_screener_that_loses_the_race_writes_nothing(world: World) -> None:
    pk = world.receive(mail()).message_id

    class Slow:
        def parsed(self, sha256: str) -> Any:
            world.screen(pk)  # another worker is faster
            raise Unreadable("parser_timeout")

        def reports(self, sha256: str) -> Any:
            return ()

    assert world.screen(pk, read=Slow()).state == State.SCREENED
    assert Event.objects.filter(verb="intake.message_held").count() == 0


def test_giving_up_holds_the_message_with_its_deadline(world: World) -> None:
    pk = world.receive(mail()).message_id
    action.give_up(message_id=pk, by="system:worker", at=MORNING)
    message = Message.objects.get(pk=pk)
    assert (message.state, message.held_code) == (State.HELD, "screening_failed")
    assert Deadline.objects.filter(message_number=message.number).exists()
    action.give_up(message_id=pk, by="system:worker", at=MORNING)
    assert Event.objects.filter(verb="intake.message_held").count() == 1


def test_the_number_of_questions_does_not_grow_with_the_attachments(world: World) -> None:
    def count(raw: bytes) -> int:
        pk = world.receive(raw).message_id
        with CaptureQueriesContext(connection) as queries:
            world.screen(pk)
        return len(queries)

    part = b"--b\r\nContent-Type: application/pdf\r\n\r\n%%PDF %d\r\n"
    head = (
        b"From: a@example.net\r\nSubject: %d\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    )
    count(head % 0 + b"--b--\r\n")  # what is remembered for seconds is asked for once
    one = count(head % 1 + part % 1 + b"--b--\r\n")
    many = count(head % 2 + b"".join(part % n for n in range(30)) + b"--b--\r\n")
    assert one == many
