"""What is stored when a letter is queued, and what the mail says."""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Municipality
from lib.refusal import Refused
from outbox.actions.notify import notify_operators
from outbox.models import Letter, LetterRecipient

from .builders import BY, NOW, VALUES, fate, later, personal, queue, set_up

pytestmark = pytest.mark.django_db


def read(letter: Letter) -> EmailMessage:
    return message_from_bytes(bytes(letter.raw), policy=policy.default)  # type: ignore[return-value]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.body = False
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.body = self.body or tag == "body"
        assert tag not in {"a", "img", "script", "form"}

    def handle_data(self, data: str) -> None:
        if self.body:
            self.said += data.split()


def test_an_acknowledgement_names_us_and_says_that_it_is_automatic(municipality: None) -> None:
    letter = queue(in_reply_to="<abc@mail.example.net>")
    mail = read(letter)
    assert mail["From"] == "Fjordvik kommune <post@fjordvik.example>"
    assert mail["Reply-To"] == "Fjordvik kommune <post@fjordvik.example>"
    assert mail["To"] == "kari@example.net"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Content-Language"] == "nb"
    assert mail["In-Reply-To"] == mail["References"] == "<abc@mail.example.net>"
    assert mail["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert re.fullmatch(r"<[0-9a-f]{32}@fjordvik\.example>", letter.message_id)
    assert mail["Message-ID"] == letter.message_id
    assert letter.envelope_from == ""
    assert letter.raw_sha256 == hashlib.sha256(letter.raw).hexdigest()


def test_a_letter_of_a_persons_own_has_a_sender_to_which_it_can_come_back(
    municipality: None,
) -> None:
    letter = personal()
    assert letter.envelope_from == f"bounce+{letter.envelope_token}@fjordvik.example"
    assert "Auto-Submitted" not in read(letter)
    assert read(letter)["Reply-To"] == "Fjordvik kommune <post@fjordvik.example>"


@pytest.mark.parametrize("language", ["nb", "nn", "sv", "en"])
def test_text_and_html_say_the_same_and_end_with_our_address(
    municipality: None, language: str
) -> None:
    letter = queue(language=language)
    text, html = (
        part.get_content()
        for part in read(letter).iter_parts()  # type: ignore[attr-defined]
    )
    words = _Words()
    words.feed(html)
    assert words.said == text.split()
    assert text.split() == letter.text.split()
    footer = text.strip().split("\n\n")[-1]
    for ours in ("Fjordvik kommune", "Postboks 1, 9999 Fjordvik", "70 00 00 00", "post@fjordvik"):
        assert ours in footer


def test_the_recipients_wait_until_the_letter_may_leave(municipality: None) -> None:
    row = fate(queue(not_before=later(seconds=20)))
    assert row.fate == "queued"
    assert row.due_at == row.next_attempt_at == later(seconds=20)


def test_the_same_key_twice_is_one_letter(municipality: None) -> None:
    first = queue()
    again = queue(to=["other@example.net"])
    assert again.pk == first.pk
    assert LetterRecipient.objects.count() == 1


def test_of_two_transactions_with_one_key_the_loser_waits_and_lives_on(committed: None) -> None:
    stored, found = Event(), []

    def lose() -> None:
        stored.wait(10)
        with transaction.atomic():
            found.append(queue().pk)
            # The transaction is not broken: it can still write.
            found.append(queue("acknowledgement:2026/18-1").pk)
        connection.close()

    loser = Thread(target=lose)
    loser.start()
    with transaction.atomic():
        won = queue()
        stored.set()
        loser.join(0.5)
        assert loser.is_alive()  # waits for our end
        assert found == []
    loser.join(10)
    assert found[0] == won.pk
    assert Letter.objects.count() == LetterRecipient.objects.count() == 2


def test_when_the_winner_rolls_back_the_loser_stores_its_own(committed: None) -> None:
    stored, found = Event(), []

    def second() -> None:
        stored.wait(10)
        found.append(queue().pk)
        connection.close()

    other = Thread(target=second)
    other.start()
    with transaction.atomic():
        undone = queue().pk
        stored.set()
        other.join(0.3)
        transaction.set_rollback(True)
    other.join(10)
    assert found
    assert found != [undone]
    assert Letter.objects.count() == LetterRecipient.objects.count() == 1


def test_a_letter_is_undone_with_the_transaction_that_queued_it(committed: None) -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    "to",
    [
        [],
        ["no address"],
        ["kari@example.net\r\nRCPT TO:<all@example.net>"],
        ["kari@example.net\nBcc: all@example.net"],
        ["kari\0@example.net"],
        ["kari@example.net", "<ola@example.net>"],
        # needs SMTPUTF8 all the way (RFC 6531)
        ["kåre@example.net"],
    ],
)
def test_what_mail_cannot_be_sent_to_is_refused(municipality: None, to: list[str]) -> None:
    with pytest.raises(Refused) as refusal:
        queue(to=to)
    assert refusal.value.code == "bad_address"
    assert not Letter.objects.exists()


def test_an_international_domain_is_written_to_in_ascii_and_each_recipient_once(
    municipality: None,
) -> None:
    letter = queue(to=["kari@BLÅBÆR.example", "kari@blåbær.example"])
    # blåbær in punycode (RFC 3492)
    assert letter.recipients.get().address == "kari@xn--blbr-roah.example"
    assert read(letter)["To"] == "kari@xn--blbr-roah.example"


@pytest.mark.parametrize(
    "claimed",
    [
        "<a@b>\r\nBcc: all@example.net",
        "no angle brackets",
        "<" + "a" * 1200 + "@example.net>",
        "<blåbær@example.net>",
        "<a b@example.net>",
    ],
)
def test_a_message_id_of_the_senders_own_making_neither_stops_nor_enters_the_letter(
    municipality: None, claimed: str
) -> None:
    mail = read(queue(in_reply_to=claimed))
    assert mail["In-Reply-To"] is None
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize("name", ["unit", "ref"])
def test_a_value_cannot_make_a_header_or_paragraph_of_its_own(
    municipality: None, name: str
) -> None:
    letter = queue(values={**VALUES, name: "x\r\nBcc: all@example.net\r\n\r\n<script>x</script>"})
    mail = read(letter)
    assert mail["Bcc"] is None
    assert "\n" not in letter.subject
    assert b"<script>" not in mail.get_body(("html",)).get_payload(decode=True)  # type: ignore[union-attr]


def test_without_a_municipality_nothing_is_written() -> None:
    with pytest.raises(Refused) as refusal:
        queue()
    assert refusal.value.code == "no_municipality"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "poem"}, "bad_letter"),
        ({"language": "da"}, "bad_letter"),
        ({"values": {**VALUES, "ref": ""}}, "bad_letter"),
    ],
)
def test_a_letter_that_cannot_be_written_is_refused(
    municipality: None, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        queue(**changes)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [{"domain": "not a domain"}, {"central_address": "post"}, {"name": "Fjordvik\nBcc: x@y.z"}],
)
def test_a_municipality_set_up_wrongly_is_named_as_the_cause(
    municipality: None, wrong: dict[str, str]
) -> None:
    set_up(**wrong)
    with pytest.raises(Refused) as refusal:
        queue()
    assert refusal.value.code == "bad_sender"


@pytest.mark.parametrize(("cleared", "kind"), [(False, "alarm"), (True, "alarm_cleared")])
def test_operators_are_told_in_the_municipalitys_language(
    municipality: None, settings: Any, cleared: bool, kind: str
) -> None:
    settings.BASE_URL = "https://post.fjordvik.example"
    Municipality.objects.update(default_language="nn")
    letter = notify_operators(
        key=f"alarm:7:{cleared}",
        alarm="Brev som ikkje går ut",
        count=3,
        cleared=cleared,
        to=["drift@fjordvik.example", "vakt@fjordvik.example"],
        by=BY,
        at=NOW,
    )
    assert (letter.kind, letter.language, letter.automatic) == (kind, "nn", True)
    assert "Brev som ikkje går ut" in letter.text
    assert read(letter)["Auto-Submitted"] == "auto-generated"
    assert letter.recipients.count() == 2


@pytest.mark.parametrize("again", [False, True])
def test_queueing_takes_few_statements(municipality: None, again: bool) -> None:
    if again:
        queue()
    with CaptureQueriesContext(connection) as captured:
        queue()
    # Municipality, wording, insert, recipients, ledger; the second time the insert does nothing
    # and the letter is read. The first two may be remembered.
    assert len(captured) <= (4 if again else 5), [each["sql"][:80] for each in captured]
