"""What a mail server put into a Maildir is read once, as it lies there."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intake.clients import maildir
from intake.clients.maildir import Envelope

MAIL = b"Subject: hei\n\nHei.\n"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(path: Path, raw: bytes = MAIL) -> Path:
    path.write_bytes(raw)
    return path


def test_new_mail_comes_before_mail_that_someone_has_seen(box: Path) -> None:
    put(box / "cur" / "100.a:2,S")
    put(box / "new" / "300.c")
    put(box / "new" / "200.b")
    assert [file.key for file in maildir.files(box)] == ["200.b", "300.c", "100.a"]


def test_flags_are_no_part_of_the_key(box: Path) -> None:
    put(box / "cur" / "100.host,S=12:2,RS")
    assert [file.key for file in maildir.files(box)] == ["100.host,S=12"]


def test_the_time_of_delivery_is_that_of_the_file(box: Path) -> None:
    path = put(box / "new" / "1")
    moment = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    assert next(maildir.files(box)).delivered_at == moment


def test_what_is_still_being_written_is_not_seen(box: Path) -> None:
    put(box / "tmp" / "1")
    put(box / "new" / ".hidden")
    (box / "new" / "folder").mkdir()
    assert list(maildir.files(box)) == []


def test_a_file_that_vanishes_meanwhile_stops_nothing(box: Path) -> None:
    for name in ("1", "2", "3"):
        put(box / "new" / name)
    walk = maildir.files(box)
    first = next(walk)
    (box / "new" / "2").unlink()
    assert [file.key for file in walk] == ["3"]
    first.path.unlink()
    assert maildir.read(first) is None
    maildir.remove(first.path)


def test_a_link_out_of_the_folder_is_not_followed(box: Path, tmp_path: Path) -> None:
    (box / "new" / "1").symlink_to(put(tmp_path / "secret"))
    assert list(maildir.files(box)) == []


def test_removing_takes_the_message_away(box: Path) -> None:
    put(box / "new" / "1")
    (file,) = maildir.files(box)
    assert maildir.read(file) == MAIL
    maildir.remove(file.path)
    assert list(maildir.files(box)) == []


def test_a_missing_maildir_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(maildir.files(tmp_path / "none"))


POSTFIX = (
    b"Return-Path: <kari@example.no>\nX-Original-To: post@kommune.test\n"
    b"Delivered-To: arkiv@kommune.test\nReceived: from a by b\nSubject: x\n\nx\n"
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (POSTFIX, Envelope("kari@example.no", ("post@kommune.test",))),
        (POSTFIX.replace(b"\n", b"\r\n"), Envelope("kari@example.no", ("post@kommune.test",))),
        (b"Return-Path: <>\nReceived: a\n\n", Envelope("", ())),
        (b"Delivered-To: a@b.test\n\n", Envelope(None, ("a@b.test",))),
        # What the sender wrote below the server's trace is not the envelope.
        (b"Received: a\nReturn-Path: <boss@kommune.test>\n\n", Envelope(None, ())),
        (b"Return-Path: <a@b.test>\nReturn-Path: <c@d.test>\n\n", Envelope("a@b.test", ())),
        (b"Return-Path: <a\x00b@c.test>\n\n", Envelope(None, ())),
        (b"", Envelope(None, ())),
        (b"no header at all", Envelope(None, ())),
    ],
)
def test_the_envelope_is_read_from_the_top_block_only(raw: bytes, expected: Envelope) -> None:
    assert maildir.envelope(raw) == expected


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        (b"Return-Path: <a@b.example>\r\nSubject: x\r\n", "a@b.example"),
        (b"Received: by mx\r\nReturn-Path: <a@b.example>\r\n", "a@b.example"),
        (b"Return-Path: <>\r\n", ""),
        (b"Subject: x\r\n", None),
        (b"X-Return-Path: <a@b.example>\r\n", None),
    ],
)
def test_the_sender_that_a_mailbox_server_noted_is_found_in_the_header_only(
    header: bytes, sender: str | None
) -> None:
    body = b"\r\nReturn-Path: <words@sender.example>\r\n"
    assert maildir.return_path(header + body) == sender
