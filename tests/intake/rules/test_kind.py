from __future__ import annotations

from typing import Any

import pytest

from intake.rules.kind import Kind, KindReason, MessageKind, kind

OURS = {"our_addresses": ["post@kommune.example"], "our_domains": ["kommune.example"]}


def tell(headers: dict[str, list[str]] | None = None, **change: Any) -> Kind:
    given: dict[str, Any] = {
        "envelope_from": "kari@example.no",
        "sender_address": "kari@example.no",
        "content_type": "text/plain",
        **OURS,
        **change,
    }
    return kind(headers or {}, **given)


def test_a_plain_mail_is_a_persons() -> None:
    assert tell() == Kind(MessageKind.PERSON, KindReason.NO_MARK)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-auto-response-suppress": ["All"]},  # Exchange writes it on people's mail
        {"auto-submitted": ["no"]},
        {"auto-submitted": ["No (sent by hand)"]},
        {"precedence": ["first-class"]},
        {"x-autoreply": ["no"]},
        {"message-id": ["<1@kommune.example>"]},  # a colleague's
        {"return-receipt-to": ["kari@example.no"]},
        {"disposition-notification-to": ["kari@example.no"]},
        {"x-loop": ["something"]},
    ],
)
def test_marks_that_peoples_own_mail_carries_make_no_machine(
    headers: dict[str, list[str]],
) -> None:
    assert tell(headers).kind is MessageKind.PERSON


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"auto-submitted": ["auto-replied"]}, KindReason.AUTO_REPLIED),
        ({"auto-submitted": ["auto-replied; owner-email=x@y"]}, KindReason.AUTO_REPLIED),
        ({"auto-submitted": ["AUTO-REPLIED (vacation)"]}, KindReason.AUTO_REPLIED),
        ({"auto-submitted": ["no", "auto-replied"]}, KindReason.AUTO_REPLIED),
        ({"auto-submitted": ["auto-generated"]}, KindReason.AUTO_GENERATED),
        ({"auto-submitted": ["auto-notified"]}, KindReason.AUTO_GENERATED),
        ({"auto-submitted": ["auto-somethingnew"]}, KindReason.AUTO_GENERATED),
        ({"x-autoreply": ["yes"]}, KindReason.AUTOREPLY_HEADER),
        ({"x-autorespond": ["Fravær"]}, KindReason.AUTOREPLY_HEADER),
        ({"precedence": ["auto_reply"]}, KindReason.AUTOREPLY_HEADER),
        (
            {"auto-submitted": ["auto-replied"], "precedence": ["bulk"]},
            KindReason.AUTO_REPLIED,
        ),
    ],
)
def test_automatic_mail_is_known_by_rfc_3834_and_its_forerunners(
    headers: dict[str, list[str]], reason: KindReason
) -> None:
    found = tell(headers)
    assert (found.kind, found.reason) == (MessageKind.AUTOMATIC_REPLY, reason)
    name, _, value = found.evidence.partition(": ")
    assert value in [" ".join(each.split()) for each in headers[name]]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"list-id": ["News <news.example.no>"]}, KindReason.LIST_HEADER),
        ({"list-unsubscribe": ["<mailto:u@example.no>"]}, KindReason.LIST_HEADER),
        ({"precedence": ["Bulk"]}, KindReason.PRECEDENCE),
        ({"precedence": ["list"]}, KindReason.PRECEDENCE),
        ({"precedence": ["junk"]}, KindReason.PRECEDENCE),
        (
            {"list-id": ["<a.example.no>"], "auto-submitted": ["auto-generated"]},
            KindReason.LIST_HEADER,
        ),
    ],
)
def test_a_list_is_known_by_its_headers(headers: dict[str, list[str]], reason: KindReason) -> None:
    found = tell(headers)
    assert (found.kind, found.reason) == (MessageKind.LIST, reason)


def test_a_list_is_known_by_its_envelope_sender() -> None:
    for address in ("owner-news@example.no", "news-request@example.no", "n-bounces@example.no"):
        assert tell(envelope_from=address).reason is KindReason.LIST_SENDER


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"content_type": "multipart/report", "report_type": "delivery-status"},
            KindReason.DELIVERY_REPORT,
        ),
        (
            {"content_type": "Multipart/Report", "report_type": "Delivery-Status"},
            KindReason.DELIVERY_REPORT,
        ),
        ({"headers": {"x-failed-recipients": ["a@b.no"]}}, KindReason.FAILED_RECIPIENTS),
        ({"sender_address": "MAILER-DAEMON@mx.example.no"}, KindReason.MAILER_DAEMON),
        (
            {"sender_address": "postmaster@example.no", "envelope_from": ""},
            KindReason.MAILER_DAEMON,
        ),
        # A bounce of our own letter, written by our own mail server, is a bounce and no loop.
        (
            {
                "headers": {
                    "message-id": ["<2@kommune.example>"],
                    "auto-submitted": ["auto-replied"],
                },
                "envelope_from": "",
                "content_type": "multipart/report",
                "report_type": "delivery-status",
            },
            KindReason.DELIVERY_REPORT,
        ),
    ],
)
def test_a_bounce_is_known_whoever_wrote_it(change: dict[str, Any], reason: KindReason) -> None:
    found = tell(**change)
    assert (found.kind, found.reason) == (MessageKind.BOUNCE, reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"content_type": "multipart/report", "report_type": "disposition-notification"},
            KindReason.READ_RECEIPT,
        ),
        (
            {"content_type": "multipart/report", "report_type": "feedback-report"},
            KindReason.OTHER_REPORT,
        ),
        ({"envelope_from": ""}, KindReason.NULL_SENDER),
        ({"envelope_from": "<>"}, KindReason.NULL_SENDER),
        (
            {"envelope_from": None, "headers": {"return-path": ["<>"]}},
            KindReason.NULL_SENDER,
        ),
        ({"sender_address": "no-reply@altinn.example"}, KindReason.NO_REPLY_SENDER),
        ({"sender_address": "ikke.svar@nav.example"}, KindReason.NO_REPLY_SENDER),
        ({"sender_address": "svara-inte@example.se"}, KindReason.NO_REPLY_SENDER),
        ({"envelope_from": "forms-noreply@example.no"}, KindReason.NO_REPLY_SENDER),
        ({"sender_address": "postmaster@example.no"}, KindReason.ROLE_SENDER),
    ],
)
def test_other_machines_are_known_too(change: dict[str, Any], reason: KindReason) -> None:
    found = tell(**change)
    assert (found.kind, found.reason) == (MessageKind.AUTOMATIC_REPLY, reason)


def test_imported_mail_without_any_envelope_may_be_a_persons() -> None:
    assert tell(envelope_from=None).kind is MessageKind.PERSON
    with_path = tell({"return-path": ["<kari@example.no>"]}, envelope_from=None)
    assert with_path.kind is MessageKind.PERSON


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sender_address": "Post@Kommune.example"}, KindReason.OWN_ADDRESS),
        ({"envelope_from": "post@kommune.example"}, KindReason.OWN_ADDRESS),
        (
            {
                "headers": {
                    "message-id": ["<9.ack@kommune.example>"],
                    "auto-submitted": ["auto-replied"],
                },
                "sender_address": "someone@forward.example",
            },
            KindReason.OWN_MESSAGE_ID,
        ),
    ],
)
def test_our_own_letter_coming_back_is_ours(change: dict[str, Any], reason: KindReason) -> None:
    found = tell(**change)
    assert (found.kind, found.reason) == (MessageKind.OWN, reason)


def test_evidence_is_one_short_line() -> None:
    found = tell({"list-id": ["a\r\n b" + "x" * 1_000_000]})
    assert len(found.evidence) <= 200
    assert "\n" not in found.evidence


def test_odd_senders_are_no_error() -> None:
    for address in ("", "@", "no at sign", "a@b@c", "\x00@\udcff"):
        assert tell(sender_address=address, envelope_from=address or "x").kind
