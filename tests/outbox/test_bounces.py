"""Delivery reports (RFC 3464) find their letter and mark what did not arrive."""

from __future__ import annotations

import pytest

from lib.mime.reports import DeliveryReport, delivery_reports
from outbox.actions.bounce import record_bounce
from outbox.actions.decide import send_again
from outbox.models import Fate, LetterRecipient
from outbox.rules.envelope import token_of

from .builders import BY, NOW, fate, later, personal

pytestmark = pytest.mark.usefixtures("municipality")


def failed(recipient: str, action: str = "failed") -> DeliveryReport:
    return DeliveryReport(recipient, action, "5.1.1", "550 no such user", None, None)


def sent(**changes: object):  # type: ignore[no-untyped-def]
    letter = personal(**changes)
    LetterRecipient.objects.update(fate=Fate.SENT, attempts=1, next_attempt_at=None, sent_at=NOW)
    return letter


REPORT = """\
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; kari@example.net
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

Final-Recipient: rfc822; ola@example.net
Action: delivered
Status: 2.0.0

--b--
"""


def test_a_real_report_marks_the_one_of_two_recipients_that_it_names() -> None:
    letter = sent(to=["kari@example.net", "ola@example.net"])
    mail = REPORT.format(to=letter.envelope_from, action="failed").replace("\n", "\r\n").encode()
    token = token_of(letter.envelope_from)
    assert token is not None
    found = record_bounce(token=token, reports=delivery_reports(mail), by=BY, at=later(hours=1))
    assert found == letter
    assert fate(letter).fate == "bounced"
    assert fate(letter).changed_at == later(hours=1)
    assert fate(letter, "ola@example.net").fate == "sent"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_what_is_no_failure_changes_nothing(action: str) -> None:
    letter = sent()
    record_bounce(
        token=letter.envelope_token, reports=[failed("kari@example.net", action)], by=BY, at=NOW
    )
    assert fate(letter).fate == "sent"


@pytest.mark.parametrize("named", ["", "kari.forwarded@elsewhere.example"])
def test_the_only_recipient_is_meant_even_when_the_report_names_none_or_another(
    named: str,
) -> None:
    letter = sent()
    record_bounce(token=letter.envelope_token, reports=[failed(named)], by=BY, at=NOW)
    assert fate(letter).fate == "bounced"


@pytest.mark.parametrize("named", ["", "someone@elsewhere.example"])
def test_of_several_recipients_none_is_marked_by_a_report_that_names_another(named: str) -> None:
    letter = sent(to=["kari@example.net", "ola@example.net"])
    record_bounce(token=letter.envelope_token, reports=[failed(named)], by=BY, at=NOW)
    assert set(letter.recipients.values_list("fate", flat=True)) == {"sent"}


def test_an_address_is_recognised_in_other_case_and_script() -> None:
    letter = sent(to=["Kari@blåbær.example", "ola@example.net"])
    record_bounce(
        token=letter.envelope_token, reports=[failed("kari@BLÅBÆR.example")], by=BY, at=NOW
    )
    assert fate(letter, "Kari@xn--blbr-roah.example").fate == "bounced"


def test_an_unknown_token_is_ignored() -> None:
    letter = sent()
    assert (
        record_bounce(token="0" * 32, reports=[failed("kari@example.net")], by=BY, at=NOW) is None
    )
    assert fate(letter).fate == "sent"


@pytest.mark.parametrize("standing", [Fate.QUEUED, Fate.CANCELLED, Fate.FAILED])
def test_what_has_not_been_sent_cannot_come_back(standing: Fate) -> None:
    letter = personal()
    LetterRecipient.objects.update(fate=standing)
    record_bounce(token=letter.envelope_token, reports=[failed("kari@example.net")], by=BY, at=NOW)
    assert fate(letter).fate == standing


def test_a_late_report_does_not_stop_a_letter_that_a_person_has_sent_again() -> None:
    letter = sent()
    reports = [failed("kari@example.net")]
    record_bounce(token=letter.envelope_token, reports=reports, by=BY, at=NOW)
    send_again(recipient_id=fate(letter).pk, by="user:1", at=later(hours=1))
    record_bounce(token=letter.envelope_token, reports=reports, by=BY, at=later(hours=2))
    assert fate(letter).fate == "queued"
    assert fate(letter).next_attempt_at == later(hours=1)


@pytest.mark.parametrize(
    "address",
    [
        "post@fjordvik.example",
        "bounce+short@fjordvik.example",
        "bounce+" + "0" * 31 + "g@fjordvik.example",
        "x-bounce+" + "0" * 32 + "@fjordvik.example",
        "",
    ],
)
def test_other_addresses_hold_no_token(address: str) -> None:
    assert token_of(address) is None


def test_the_token_survives_a_server_that_writes_in_capitals() -> None:
    assert token_of("BOUNCE+" + "AB" * 16 + "@fjordvik.example") == "ab" * 16
