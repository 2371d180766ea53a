"""Mail that a mail server delivered into a Maildir, and the envelope it wrote on top."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# What a local delivery writes above the trace of the transfer (RFC 5321 4.4 for Return-Path).
_SENDER = "return-path"
_RECIPIENTS = ("x-original-to", "envelope-to", "delivered-to")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*))\r?\n")
_HEADER_END = re.compile(rb"\n\r?\n")
_RETURN_PATH = re.compile(rb"^Return-Path:[ \t]*<([^<>\s]*)>", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"<?\s*([^<>\s\x00-\x1f\x7f]*)\s*>?\Z")


@dataclass(frozen=True)
class MaildirFile:
    """A delivered message: `key` is its unique name, which stays when flags change it."""

    key: str
    path: Path
    delivered_at: datetime


@dataclass(frozen=True)
class Envelope:
    """What is known of the envelope: `sender` is None when unknown and empty for `<>`."""

    sender: str | None = None
    recipients: tuple[str, ...] = ()


def is_maildir(folder: Path) -> bool:
    return (folder / "new").is_dir() and (folder / "cur").is_dir()


def files(folder: Path) -> Iterator[MaildirFile]:
    """The messages in `new`, then in `cur`, oldest name first.

    What is still being written is in `tmp`, which is not read. A file that another program
    moves or removes meanwhile is left out; a next run meets it under its new name.
    Raises FileNotFoundError when the folder is no Maildir.
    """
    for part in ("new", "cur"):
        with os.scandir(folder / part) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
        for name in names:
            path = folder / part / name
            try:
                facts = path.lstat()
            except FileNotFoundError:
                continue
            if path.is_symlink() or not path.is_file():
                continue
            delivered_at = datetime.fromtimestamp(facts.st_mtime, UTC)
            yield MaildirFile(name.partition(":2,")[0], path, delivered_at)


def read(file: MaildirFile) -> bytes | None:
    """The bytes of a message; None when it has gone meanwhile. Raises OSError."""
    try:
        return file.path.read_bytes()
    except FileNotFoundError:
        return None


def remove(path: Path) -> None:
    """Take a message away, to be called only after it is durably kept elsewhere.

    The loss of power may bring the file back: then it is the same delivery once more.
    """
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def return_path(raw: bytes) -> str | None:
    """The envelope sender that a mailbox server noted, wherever in the header it put it.

    Servers of mailboxes write it above or below their own Received lines (RFC 5321 4.4 asks for
    the top). It is no more to be trusted than MAIL FROM itself, which anybody may choose. "" is
    the null sender; None when there is no such field.
    """
    end = _HEADER_END.search(raw)
    found = _RETURN_PATH.search(raw, 0, end.start() + 1 if end else len(raw))
    return found[1].decode("utf-8", "replace") if found else None


def envelope(raw: bytes) -> Envelope:
    """The envelope as the local mail server noted it at the very top of the message.

    Only the unbroken block of such fields at the top counts: below the first other field (the
    server's own Received) they are the sender's words. The address as it was written to
    (X-Original-To, Envelope-To) goes before the one it ended at (Delivered-To).
    """
    found: dict[str, str] = {}
    position = 0
    while match := _FIELD.match(raw, position):
        name = match[1].decode("ascii").lower()
        if name != _SENDER and name not in _RECIPIENTS:
            break
        value = _ADDRESS.match(match[2].decode("utf-8", "replace").strip())
        if value is not None:
            found.setdefault(name, value[1])
        position = match.end()
    recipient = next((found[name] for name in _RECIPIENTS if found.get(name)), None)
    return Envelope(found.get(_SENDER), (recipient,) if recipient else ())
