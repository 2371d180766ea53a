"""Mail kept in files, for import: .eml, mbox, Maildir, Outlook .msg and folders of them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Literal

from intake.clients import maildir
from intake.clients.maildir import Envelope

# A message above this many octets is named and not read.
MESSAGE_LIMIT = 200 * 1024 * 1024
MSG_TIMEOUT_S = 120

Problem = Literal["empty", "not_mail", "too_large", "unreadable", "msg_unreadable", "msg_timeout"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PIECE = 64 * 1024
_SNIFF = 4096
# The line above each message: a sender and a date, or nothing (some mail programs). An ordinary
# sentence that begins with "From " has no time of day.
_FROM_LINE = re.compile(rb"From (?:\s*\Z|.*\d{1,2}:\d{2})")
# With a date in full the line is believed even where the empty line above it is missing.
_FULL_FROM_LINE = re.compile(
    rb"From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d .*\d{4}\s*\Z"
)
_ESCAPED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_KNOWN_FIELD = re.compile(
    rb"^(?:From|To|Subject|Date|Received|Message-ID|Return-Path|Delivered-To|MIME-Version"
    rb"|Content-Type)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class FileMail:
    """One message found in a file.

    `source_key` names it for a restart: the path below the imported one, in an mbox with the
    offset of the message. `raw` is the RFC 5322 message, empty where `problem` says why it could
    not be had. `original` holds the bytes of an Outlook file, of which `raw` is a rendering.
    """

    source_key: str
    raw: bytes = field(repr=False)
    envelope: Envelope = field(default_factory=Envelope)
    problem: Problem | None = None
    original: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Entry:
    key: str
    path: Path
    kind: Literal["eml", "mbox", "msg", "other", "unreadable"]
    start: int = 0
    end: int = 0


def read_mails(path: Path, *, skip: Container[str] = ()) -> Iterator[FileMail]:
    """Every message below `path`, in the same order each time, without those named in `skip`.

    What cannot be read comes as a FileMail with a `problem` and stops nothing else; hidden files
    are left out. Holds one message in memory. Raises FileNotFoundError for a missing `path`.
    """
    for entry in _entries(path):
        if entry.key not in skip:
            yield _read(entry)


def count_mails(path: Path) -> int:
    """How many messages `read_mails` will give; reads mbox files through, opens no message."""
    return sum(1 for _entry in _entries(path))


def _entries(path: Path) -> Iterator[_Entry]:
    if not path.is_dir():
        path.lstat()  # raises FileNotFoundError
        yield from _file_entries(path, path.name, named=True)
        return
    for folder, folders, names in os.walk(path):
        here = Path(folder)
        folders.sort()
        if maildir.is_maildir(here):
            folders[:] = [name for name in folders if name not in {"new", "cur", "tmp"}]
            for file in maildir.files(here):
                yield _Entry(_key(here.relative_to(path) / file.key), file.path, "eml")
            # What else lies at the top of a Maildir is the mail server's own bookkeeping.
            continue
        folders[:] = [name for name in folders if not name.startswith(".") or _sub(here, name)]
        for name in sorted(names):
            if not name.startswith("."):
                yield from _file_entries(here / name, _key((here / name).relative_to(path)))


def _sub(folder: Path, name: str) -> bool:
    """Folders of a Maildir are hidden folders that are Maildirs themselves."""
    return maildir.is_maildir(folder / name)


def _key(path: Path) -> str:
    # A name that is no UTF-8 must still fit into a database column.
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _file_entries(path: Path, key: str, *, named: bool = False) -> Iterator[_Entry]:
    try:
        if not named and not stat.S_ISREG(path.lstat().st_mode):
            yield _Entry(key, path, "other")
            return
        with path.open("rb") as file:
            kind = _kind(path, file.read(_SNIFF), named=named)
            if kind != "mbox":
                yield _Entry(key, path, kind)
                return
            file.seek(0)
            for start, end in _spans(file):
                yield _Entry(f"{key}@{start}", path, "mbox", start, end)
    except OSError:
        yield _Entry(key, path, "unreadable")


def _kind(path: Path, head: bytes, *, named: bool) -> Literal["eml", "mbox", "msg", "other"]:
    suffix = path.suffix.lower()
    if head.startswith(_OLE):
        return "msg" if suffix in {".msg", ""} or named else "other"
    # Some programs give the ending .msg to ordinary messages.
    if suffix == ".eml":
        return "eml"
    if head.startswith(b"From ") and _FROM_LINE.match(head.splitlines()[0]):
        return "mbox"
    return "eml" if named or not head or suffix == ".msg" or _KNOWN_FIELD.search(head) else "other"


def _spans(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Offsets of the messages of an mbox, each from its "From " line on.

    Content-Length fields are not asked: they often lie. Holds one piece of a line in memory.
    """
    start = offset = 0
    after_blank = at_line_start = True
    while piece := file.readline(_PIECE):
        if at_line_start and offset and piece.startswith(b"From "):
            pattern = _FROM_LINE if after_blank else _FULL_FROM_LINE
            if pattern.match(piece.rstrip(b"\r\n")):
                yield start, offset
                start = offset
        after_blank = at_line_start and piece in {b"\n", b"\r\n"}
        at_line_start = piece.endswith(b"\n")
        offset += len(piece)
    yield start, offset


def _read(entry: _Entry) -> FileMail:
    if entry.kind == "other":
        return FileMail(entry.key, b"", problem="not_mail")
    if entry.kind == "unreadable":
        return FileMail(entry.key, b"", problem="unreadable")
    try:
        data = _data(entry)
    except OSError:
        return FileMail(entry.key, b"", problem="unreadable")
    if data is None:
        return FileMail(entry.key, b"", problem="too_large")
    if entry.kind == "msg":
        return _outlook(entry.key, data)
    if entry.kind == "mbox":
        return _mbox_mail(entry.key, data)
    return _checked(FileMail(entry.key, data, maildir.envelope(data)))


def _data(entry: _Entry) -> bytes | None:
    with entry.path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if entry.kind == "mbox":
            file.seek(entry.start)
            size = entry.end - entry.start
        return file.read(size) if size <= MESSAGE_LIMIT else None


def _checked(mail: FileMail) -> FileMail:
    return mail if mail.raw.strip() else replace(mail, problem="empty")


def _mbox_mail(key: str, data: bytes) -> FileMail:
    """Undo what mboxrd did to the message: the line above, the empty line below, the quoting."""
    from_line, _, raw = data.partition(b"\n")
    if raw.endswith(b"\r\n\r\n"):
        raw = raw[:-2]
    elif raw.endswith(b"\n\n"):
        raw = raw[:-1]
    raw = _ESCAPED_FROM.sub(rb"\1", raw)
    envelope = maildir.envelope(raw)
    words = from_line.decode("utf-8", "replace").split()
    if envelope.sender is None and len(words) > 1 and "@" in words[1]:
        envelope = replace(envelope, sender=words[1])
    return _checked(FileMail(key, raw, envelope))


def _outlook(key: str, data: bytes) -> FileMail:
    child = Path(__file__).with_name("msg_child.py")
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and our own file
            [sys.executable, "-I", str(child)],
            input=data,
            capture_output=True,
            timeout=MSG_TIMEOUT_S,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        return FileMail(key, b"", problem="msg_timeout", original=data)
    if ended.returncode != 0 or not ended.stdout:
        return FileMail(key, b"", problem="msg_unreadable", original=data)
    return FileMail(key, ended.stdout, maildir.envelope(ended.stdout), original=data)
