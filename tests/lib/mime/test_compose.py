"""A letter leaves as it was written, and no value can add a header to it."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from typing import Any

import pytest

from lib.mime.compose import AttachedFile, compose, new_message_id
from lib.mime.model import Address
from lib.mime.parse import parse

LETTER: dict[str, Any] = {
    "from_": Address("Nærøy kommune", "postmottak@nn.example"),
    "to": [Address("Åse, Øst", "ase@bücher.example")],
    "reply_to": [Address("", "postmottak@nn.example")],
    "subject": "Vi har mottatt henvendelsen din, " + "ærøyå " * 40,
    "text": "Hei Åse\n\nSaksnummer 2026/123\n" + "x" * 2_000 + "\n",
    "html": "<p>Hei Åse</p>",
    "message_id": "<1@nn.example>",
    "date": datetime(2026, 11, 22, 7, 0, tzinfo=UTC),
    "headers": {"Auto-Submitted": "auto-replied"},
}


def test_a_letter_is_read_back_as_it_was_written() -> None:
    raw = compose(**LETTER)
    mail = parse(raw)
    assert mail.defects == ()
    assert mail.subject == LETTER["subject"].strip()
    assert mail.sender == LETTER["from_"]
    assert mail.to == (Address("Åse, Øst", "ase@xn--bcher-kva.example"),)
    assert mail.reply_to == tuple(LETTER["reply_to"])
    assert mail.text.rstrip("\n") == LETTER["text"].rstrip("\n")
    assert mail.html is not None
    assert mail.html.strip() == "<p>Hei Åse</p>"
    assert mail.date_claimed == LETTER["date"]
    assert mail.headers["auto-submitted"] == ["auto-replied"]


def test_a_letter_passes_any_server() -> None:
    raw = compose(**LETTER)
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("bad", ["\r\nBcc: x@y.no", "\n", "\r", "\0", "\u2028", "\x85", "\ud800"])
@pytest.mark.parametrize("field", ["subject", "message_id", "name", "address", "header"])
def test_a_control_character_in_any_header_is_refused(field: str, bad: str) -> None:
    changed = {
        "subject": {"subject": f"a{bad}b"},
        "message_id": {"message_id": f"<1{bad}@x.no>"},
        "name": {"from_": Address(f"a{bad}", "a@b.no")},
        "address": {"to": [Address("", f"a@b.no{bad}")]},
        "header": {"headers": {"X-Loop": f"a{bad}"}},
    }[field]
    with pytest.raises(ValueError):  # noqa: PT011 (which check speaks first is of no interest)
        compose(**{**LETTER, **changed})


def test_headers_given_beside_their_argument_are_refused() -> None:
    for name in ("From", "bad name", "", "X:Y"):
        with pytest.raises(ValueError, match="not a header"):
            compose(**{**LETTER, "headers": {name: "x"}})


def test_nothing_is_added_to_a_letter() -> None:
    names = set(parse(compose(**{**LETTER, "headers": {}, "html": None})).headers)
    assert names <= {
        "from", "to", "reply-to", "subject", "date", "message-id", "mime-version",
        "content-type", "content-transfer-encoding",
    }  # fmt: skip


def test_message_ids_differ_and_carry_the_domain() -> None:
    first, second = new_message_id("nn.example"), new_message_id("nn.example")
    assert first != second
    assert first.endswith("@nn.example>")
    with pytest.raises(ValueError, match="not an address"):
        new_message_id("x.no>\r\n")


PLAIN = b"Subject: Hei\r\n\r\nHei.\r\n.\r\n"


def test_files_go_with_the_letter_byte_for_byte_and_an_attached_mail_is_not_encoded() -> None:
    odd = b"\xe6\x00" * 500
    files = [
        AttachedFile("M17.eml", "message/rfc822", PLAIN),
        AttachedFile("søknad 1.pdf", "application/pdf", odd),
        # RFC 2046, section 5.2.1: an attached mail may not be encoded, so this one is no mail
        AttachedFile("M18.eml", "message/rfc822", "Subject: Hæ\r\n\r\nHæ\r\n".encode("latin-1")),
    ]
    raw = compose(**LETTER, files=files)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = email.message_from_bytes(raw, policy=policy.SMTP)
    letter, first, second, third = mail.iter_parts()
    assert letter.get_content_type() == "multipart/alternative"
    assert first.get_content_type() == "message/rfc822"
    assert first["Content-Transfer-Encoding"] == "7bit"
    assert PLAIN in raw
    assert (second.get_filename(), second.get_content()) == ("søknad 1.pdf", odd)
    assert third.get_content_type() == "application/octet-stream"
    assert third.get_content() == files[2].content
    assert {each.get_content_disposition() for each in (first, second, third)} == {"attachment"}


@pytest.mark.parametrize(
    ("name", "media_type"), [("a\r\nBcc: x.pdf", "application/pdf"), ("a.pdf", "text/x\r\nBcc: y")]
)
def test_neither_name_nor_type_of_a_file_adds_a_header(name: str, media_type: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (as above)
        compose(**LETTER, files=[AttachedFile(name, media_type, b"x")])
