"""What an IMAP server says about a message, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_LITERAL = re.compile(rb"BODY\[\] \{(\d+)\}\Z")
_DATE = re.compile(
    rb'\bINTERNALDATE "[ ]?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"'
)


@dataclass(frozen=True)
class Fetched:
    """One message as it lies on the server; `internal_date` in UTC is when the server got it."""

    uid: int
    raw: bytes = field(repr=False)
    internal_date: datetime | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class FetchFailed:
    """A message that the server did not give, and why."""

    uid: int
    error: str


def made(uid: int, answer: tuple[list[bytes], bytes | None] | str) -> Fetched | FetchFailed:
    if isinstance(answer, str):
        return FetchFailed(uid, answer)
    lines, raw = answer
    length = _LITERAL.search(lines[0])
    if raw is None or length is None or int(length[1]) != len(raw):
        return FetchFailed(uid, "the message came in a form that is not understood")
    facts = b" ".join(lines)
    flags = _FLAGS.search(facts)
    names = flags[1].decode("ascii", "replace").split() if flags else []
    return Fetched(uid, raw, internal_date(facts), tuple(names))


def internal_date(facts: bytes) -> datetime | None:
    found = _DATE.search(facts)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        moment = datetime(
            int(year), MONTHS.index(month.decode().title()) + 1, int(day), int(hour),
            int(minute), int(second), tzinfo=timezone(-offset if sign == b"-" else offset),
        )  # fmt: skip
    except ValueError:
        return None
    return moment.astimezone(UTC)
