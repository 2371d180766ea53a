"""Misdirected post: the sender is told, both are registered, and the mail may be sent on."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from intake.actions.misdirect import Misdirection, misdirect
from intake.actions.reconcile import count_day
from intake.actions.set_up import set_up_body
from intake.actions.triage import undo_registration
from intake.models import Body, Message
from lib.refusal import Refused
from outbox.models import Letter, LetterRecipient
from registry.models import Acknowledgement, Deadline, Entry, Notice, Party, SignOff
from tests.world import KARI, MINUTE, MORNING, OLA, SECOND, World, mail, mail_with_file

AT = MORNING + MINUTE


@pytest.fixture
def nav(world: World) -> Body:
    return set_up_body(
        name="NAV",
        email="post@nav.example",
        postal_address="Postboks 354, 8601 Mo i Rana",
        words=("dagpenger", "foreldrepenger"),
    )


def send_away(world: World, message: Message, body: Body, **changes: object) -> Entry:
    given = {"language": "nb", "forward": False, "attachments_read": False, **changes}
    pk = misdirect(
        message_id=message.pk,
        decision=world.decision(
            title="Feilsendt henvendelse", public_title="Feilsendt henvendelse"
        ),
        choice=Misdirection(body_id=body.pk, **given),  # type: ignore[arg-type]
        by=KARI,
        at=AT,
    )
    return Entry.objects.get(pk=pk)


def test_the_sender_is_told_which_body_is_right_and_both_letters_are_registered(
    world: World, nav: Body
) -> None:
    message = world.arrive(mail(subject="Dagpenger for meg"))
    entry = send_away(world, message, nav)
    letter = Letter.objects.get()
    assert (letter.kind, letter.subject) == (
        "misdirected",
        "E-posten din hører til et annet organ",
    )
    # 09:30 UTC on 2 March is 10:30 in Oslo
    assert "2. mars 2026 kl. 10.30" in letter.text
    assert "post@nav.example, Postboks 354, 8601 Mo i Rana" in letter.text
    assert "Dagpenger" not in letter.text
    assert LetterRecipient.objects.get().address == OLA
    notice = Notice.objects.get()
    assert (notice.body, notice.letter_entry.reference) == ("NAV", "2026/1-2")
    signed = SignOff.objects.get()
    assert (signed.entry, signed.answer, signed.way) == (entry, notice.letter_entry, "BE")
    message.refresh_from_db()
    assert message.state == "registered"
    (day,) = [each for each in count_day(MORNING.date()) if each.mailbox == world.central]
    assert (day.registered, day.difference) == (1, 0)


def test_the_notice_is_the_acknowledgement_and_its_deadline_is_met(world: World, nav: Body) -> None:
    message = world.arrive(mail())
    entry = send_away(world, message, nav)
    done = Acknowledgement.objects.get()
    assert (done.entry, done.letter, done.is_receipt) == (entry, Letter.objects.get(), False)
    assert set(Deadline.objects.values_list("kind", "state")) >= {
        ("acknowledgement", "met"),
        ("answer", "met"),
    }
    assert not Deadline.objects.filter(state="open").exists()


def test_sent_on_the_mail_goes_whole_to_the_body_with_the_time_it_came(
    world: World, nav: Body
) -> None:
    raw = mail(subject="Dagpenger")
    message = world.arrive(raw)
    send_away(world, message, nav, forward=True)
    letter = Letter.objects.get(kind="forwarded")
    assert "2. mars 2026 kl. 10.30" in letter.text
    sent = message_from_bytes(bytes(letter.raw), policy=policy.SMTP)
    assert sent["To"] == "post@nav.example"
    (attached,) = [each for each in sent.iter_parts() if each.get_filename()]
    assert attached.get_filename() == f"{message.number}.eml"
    # 8-bit text, which an attached mail may not have everywhere: so it goes as a plain file
    assert attached.get_payload(decode=True) == raw
    told = Letter.objects.get(kind="misdirected")
    assert "videre til post@nav.example" in told.text
    assert [each.reference for each in Entry.objects.order_by("pk")] == [
        "2026/1-1",
        "2026/1-2",
        "2026/1-3",
    ]
    assert Party.objects.get(entry__document=2).name == "NAV"


@pytest.mark.parametrize(
    ("raw", "email"),
    [
        (mail(text="Jeg er sykemeldt og har fått en diagnose."), "post@nav.example"),
        (mail_with_file("kart.pdf", b"%PDF-1.4 kart"), "post@nav.example"),
        (mail(), ""),
        # No letter can go there, so the sender must not be told that one did.
        (mail(), "pøst@nav.example"),
    ],
)
def test_what_is_sensitive_unread_or_without_an_address_is_not_sent_on(
    world: World, raw: bytes, email: str
) -> None:
    body = set_up_body(name="NAV", email=email, postal_address="Postboks 354", words=())
    message = world.arrive(raw)
    with pytest.raises(Refused) as refused:
        send_away(world, message, body, forward=True)
    assert refused.value.code == "not_to_be_sent_on"
    assert Entry.objects.count() == Letter.objects.count() == 0


def test_attachments_that_a_person_has_read_go_with_it(world: World, nav: Body) -> None:
    message = world.arrive(mail_with_file("kart.pdf", b"%PDF-1.4 kart"))
    send_away(world, message, nav, forward=True, attachments_read=True)
    assert Letter.objects.filter(kind="forwarded").count() == 1


def test_undo_calls_both_letters_back_and_the_message_waits_again(world: World, nav: Body) -> None:
    message = world.arrive(mail())
    entry = send_away(world, message, nav, forward=True)
    undo_registration(message_id=message.pk, entry_id=entry.pk, by=KARI, at=AT + 20 * SECOND)
    assert set(LetterRecipient.objects.values_list("fate", flat=True)) == {"cancelled"}
    assert set(Entry.objects.values_list("status", flat=True)) == {"void"}
    message.refresh_from_db()
    assert message.state == "screened"
    running = Deadline.objects.filter(message_number=message.number, entry=None)
    assert set(running.values_list("state", flat=True)) == {"open"}
    assert running.filter(kind="acknowledgement").exists()
    again = send_away(world, message, nav)
    assert again.reference == "2026/2-1"
    assert Letter.objects.filter(recipients__fate="queued").count() == 1


def test_a_machine_is_told_nothing_and_the_reason_is_kept(world: World, nav: Body) -> None:
    message = world.arrive(mail(extra="Auto-Submitted: auto-replied\n"))
    entry = send_away(world, message, nav)
    assert Letter.objects.count() == 0
    assert Notice.objects.get().not_sent_reason == "automatic"
    assert Acknowledgement.objects.get(undone_at=None).not_sent_reason == "automatic"
    assert entry.sign_off.way == "TE"


def test_a_receipt_that_left_stands_and_the_sender_is_told_all_the_same(
    world: World, nav: Body
) -> None:
    from intake.actions.send_receipts import send_receipts

    message = world.arrive(mail())
    send_receipts(by="system:beat", at=MORNING.replace(hour=23) + 20 * MINUTE * 60)
    assert Letter.objects.get().kind == "receipt"
    send_away(world, message, nav)
    assert set(Letter.objects.values_list("kind", flat=True)) == {"receipt", "misdirected"}
    assert Acknowledgement.objects.get(undone_at=None).is_receipt
