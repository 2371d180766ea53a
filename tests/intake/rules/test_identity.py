from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.identity import fingerprint

MAIL = (
    b"From: Kari Nordmann <kari@example.no>\n"
    b"Date: Thu, 12 Mar 2026 10:00:00 +0100\n"
    b"Message-ID: <1@example.no>\n"
    b"Subject: Hei\n"
    b"\n"
    b"Received: is a word in this text.\n"
)


def test_the_same_mail_by_lmtp_and_by_imap_is_one() -> None:
    by_lmtp = (
        b"Return-Path: <kari@example.no>\r\n"
        b"Received: from mx.example.no (mx.example.no [192.0.2.1])\r\n"
        b"\tby mx.kommune.example with ESMTPS id 1;\r\n"
        b"\tThu, 12 Mar 2026 10:00:02 +0100\r\n"
    ) + MAIL.replace(b"\n", b"\r\n")
    by_imap = (
        b"Delivered-To: post@kommune.example\n"
        b"X-Original-To: post@kommune.example\n"
        b"ARC-Seal: i=1; a=rsa-sha256;\n b=xx\n"
        b"Authentication-Results: mx.kommune.example;\n dkim=pass\n"
        b"X-Envelope-To: post@kommune.example\n"
    ) + MAIL
    assert fingerprint(by_lmtp) == fingerprint(by_imap) == fingerprint(MAIL)


def test_the_same_message_id_with_other_content_is_another_mail() -> None:
    assert fingerprint(MAIL) != fingerprint(MAIL.replace(b"a word", b"two words"))
    assert fingerprint(MAIL) != fingerprint(MAIL.replace(b"Subject: Hei", b"Subject: Hallo"))


def test_words_of_the_body_that_look_like_trace_lines_count() -> None:
    without = MAIL.replace(b"Received: is a word in this text.\n", b"")
    assert fingerprint(MAIL) != fingerprint(without)


def test_a_bare_carriage_return_in_the_text_counts() -> None:
    crlf = MAIL.replace(b"\n", b"\r\n")
    assert fingerprint(crlf.replace(b"a word", b"a\rword")) != fingerprint(
        crlf.replace(b"a word", b"aword")
    )
    assert fingerprint(MAIL.replace(b"a word", b"a\rword")) == fingerprint(
        crlf.replace(b"a word", b"a\rword")
    )


def test_where_the_headers_break_off_the_body_begins() -> None:
    broken = b"Subject: x\nDate: y\nno header this\nReceived: z\n\nbody"
    assert fingerprint(broken) != fingerprint(broken.replace(b"Received: z\n", b""))


def test_a_mark_moved_from_header_to_body_makes_another_mail() -> None:
    assert fingerprint(b"Date: x\nA: b\n\nC: d") != fingerprint(b"Date: x\n\nA: b\nC: d")


def test_an_mbox_line_and_blank_lines_at_the_end_do_not_count() -> None:
    from_mbox = b"From kari@example.no Thu Mar 12 10:00:00 2026\n" + MAIL + b"\n\n"
    assert fingerprint(from_mbox) == fingerprint(MAIL)
    assert fingerprint(MAIL.rstrip(b"\n")) == fingerprint(MAIL)


def test_two_alarms_of_a_machine_without_date_or_id_are_two_mails() -> None:
    text = b"From: pump3@example.no\nSubject: Alarm\n\nLevel high\n"
    ours = b"Received: from relay by ours; Thu, 12 Mar 2026 10:00:0%d +0100\n"
    origin = b"Received: from pump3 by relay; Thu, 12 Mar 2026 10:00:00 +0100\n"
    next_day = b"Received: from pump3 by relay; Fri, 13 Mar 2026 10:00:00 +0100\n"
    one = fingerprint(ours % 1 + origin + text)
    assert one == fingerprint(ours % 2 + origin + text)
    assert one != fingerprint(ours % 1 + next_day + text)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"\x00" * 10,
        b"no header at all",
        b"Received:",
        b"From ",
        b" folded first\nReceived: x\n\n",
        b"a:b\rReceived: c\r\rbody",
        b"\xff\xfe\x00:",
    ],
)
def test_odd_bytes_have_a_fingerprint_too(raw: bytes) -> None:
    assert len(fingerprint(raw)) == 64


@given(st.binary(max_size=300))
def test_any_bytes_have_one_fingerprint_whatever_line_ends_they_travelled_with(raw: bytes) -> None:
    lf = raw.replace(b"\r", b"")
    assert fingerprint(lf) == fingerprint(lf.replace(b"\n", b"\r\n"))
    assert len(fingerprint(raw)) == 64


@pytest.mark.parametrize(
    "raw",
    [
        b"Received: x\n" * 2_000_000,
        b"a:\n" * 8_000_000,
        b"a: b\n" + b" folded\n" * 3_000_000,
        b"a" * 25_000_000,
        b"Date: x\n\n" + b"line of a body\r\n" * 1_600_000,
    ],
    ids=["trace", "headers", "folded", "one line", "body"],
)
def test_twenty_five_megabytes_of_anything_take_little_time_and_memory(raw: bytes) -> None:
    start = time.perf_counter()
    fingerprint(raw)
    assert time.perf_counter() - start < 5
    tracemalloc.start()
    fingerprint(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * len(raw) + 1_000_000


@pytest.mark.corpora
def test_every_mail_of_the_corpora_is_the_same_after_a_journey() -> None:
    root = Path(os.environ.get("KP_CORPORA", Path(__file__).parents[4] / "shared/corpora"))
    if not root.is_dir():
        pytest.skip("the folder of real mails is absent; set KP_CORPORA")
    seen = 0
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".eml", ".msg", ".txt", ".mbox") or not path.is_file():
            continue
        raw = path.read_bytes()
        if raw.startswith((b"From ", b">From ")) or b":" not in raw.partition(b"\n")[0]:
            continue
        seen += 1
        travelled = b"Return-Path: <a@example.no>\r\nX-Original-To: b@example.no\r\n" + raw
        assert fingerprint(travelled) == fingerprint(raw), path
    assert seen > 100
