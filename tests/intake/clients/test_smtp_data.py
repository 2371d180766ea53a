"""The end of DATA is found, and nothing but the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.clients.smtp_data import DataReader, stuffed

# Bytes that matter to the reader come up often, everything else now and then.
pieces = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"\r\n.", b"\n.", b"a", b"\x00", b"\xff"]),
    max_size=40,
)
LIMIT = 1_000_000


def read(wire: bytes, size: int) -> DataReader:
    reader = DataReader(LIMIT)
    for start in range(0, len(wire), size):
        reader.feed(wire[start : start + size])
        if reader.complete:
            reader.rest += wire[start + size :]
            break
    return reader


@given(pieces, st.integers(1, 12))
def test_any_message_cut_anywhere_arrives_as_it_was_sent(parts: list[bytes], size: int) -> None:
    raw = b"".join(parts)
    reader = read(stuffed(raw) + b"QUIT\r\n", size)
    expected = raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n"
    assert reader.complete
    assert reader.content == expected
    assert reader.rest == b"QUIT\r\n"


@given(st.binary(max_size=300), st.integers(1, 12))
def test_any_bytes_cut_anywhere_arrive_as_they_were_sent(raw: bytes, size: int) -> None:
    reader = read(stuffed(raw), size)
    assert reader.content == (raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n")


@pytest.mark.parametrize(
    "almost",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\r\n.\n",
        b"\r\r\n.\r\r\n",
        b"\r\n\x00.\r\n",
        b"\r\n.\x00\r\n",
        b"\r\n. \r\n",
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_only_crlf_dot_crlf_ends_a_message(almost: bytes, size: int) -> None:
    smuggled = b"Subject: a\r\n\r\none" + almost + b"MAIL FROM:<x@evil.test>\r\n"
    reader = read(smuggled, size)
    assert not reader.complete
    reader.feed(b".\r\n")
    assert reader.complete
    assert b"MAIL FROM:<x@evil.test>" in reader.content
    assert reader.rest == b""


def test_bare_line_feeds_and_carriage_returns_are_kept_unchanged() -> None:
    assert read(b"a\nb\rc\r\r\nd\n.\n\r\n.\r\n", 4).content == b"a\nb\rc\r\r\nd\n.\n\r\n"


def test_first_dot_of_a_line_is_removed_whatever_follows_it() -> None:
    # RFC 5321 4.5.2: a line that begins with a period and has more characters loses the period.
    wire = b"..a\r\n.b\r\n...\r\n..\r\n.\r\n"
    assert read(wire, 3).content == b".a\r\nb\r\n..\r\n.\r\n"


def test_an_empty_message_ends_at_once() -> None:
    reader = read(b".\r\nRSET\r\n", 1)
    assert reader.content == b""
    assert reader.rest == b"RSET\r\n"


def test_a_message_of_exactly_the_limit_is_kept_whatever_its_dots() -> None:
    reader = DataReader(1000)
    raw = b".\r\n" * 332 + b"ab\r\n"
    assert len(raw) == 1000
    reader.feed(stuffed(raw))
    assert reader.content == raw
    assert not reader.too_large


def test_one_octet_over_the_limit_is_too_large() -> None:
    reader = DataReader(1000)
    reader.feed(stuffed(b"a" * 999 + b"\r\n"))
    assert reader.too_large


def test_a_message_far_over_the_limit_holds_no_memory_and_still_ends() -> None:
    reader = DataReader(1000)
    for _ in range(100):
        reader.feed(b"x" * 1000)
    assert reader.too_large
    assert reader.held < 10
    reader.feed(b"\r\n.\r")
    assert reader.feed(b"\nQUIT\r\n")
    assert reader.rest == b"QUIT\r\n"
    assert reader.seen == 100_005


def test_a_message_that_is_thrown_away_half_way_still_ends_at_its_own_dot() -> None:
    reader = DataReader(1000)
    reader.feed(b"one\r\n.")
    reader.drop()
    assert reader.feed(b"\r\nRSET\r\n")
    assert reader.rest == b"RSET\r\n"
    assert reader.content == b""
