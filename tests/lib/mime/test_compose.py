"""A letter leaves as it was written, and no value can add a header to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lib.mime.compose import compose, new_message_id
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
