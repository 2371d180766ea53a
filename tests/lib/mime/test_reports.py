"""A bounce names each recipient's fate."""

from __future__ import annotations

from lib.mime.reports import DeliveryReport, delivery_reports

# Written after the example of RFC 3464, appendix E.
BOUNCE = b"""From: Mail Delivery Subsystem <MAILER-DAEMON@cs.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; cs.example
Original-Envelope-Id: letter-17

Final-Recipient: rfc822; louisl@larry.example
Action: failed
Status: 4.0.0
Diagnostic-Code: smtp; 426 connection
 timed out

Original-Recipient: rfc822;kari@example.no
Action: delayed
Status: 5.1.1 (bad)
--b
Content-Type: message/rfc822

Message-ID: <letter-17@nn.example>
Subject: svar

x
--b--
"""


def test_each_recipient_of_a_bounce_has_a_report() -> None:
    assert delivery_reports(BOUNCE) == (
        DeliveryReport(
            recipient="louisl@larry.example",
            action="failed",
            status="4.0.0",
            diagnostic="426 connection timed out",
            original_envelope_id="letter-17",
            original_message_id="<letter-17@nn.example>",
        ),
        DeliveryReport(
            recipient="kari@example.no",
            action="delayed",
            status="5.1.1",
            diagnostic="",
            original_envelope_id="letter-17",
            original_message_id="<letter-17@nn.example>",
        ),
    )


def test_crlf_line_ends_change_nothing() -> None:
    assert delivery_reports(BOUNCE.replace(b"\n", b"\r\n")) == delivery_reports(BOUNCE)


def test_an_ordinary_mail_is_no_bounce() -> None:
    assert delivery_reports(b"From: a@b.no\r\n\r\nAction: failed\r\n") == ()


def test_an_attached_bounce_is_not_our_bounce() -> None:
    outer = b"From: a@b.no\nContent-Type: message/rfc822\n\n" + BOUNCE
    assert delivery_reports(outer) == ()
