"""Write events: the only way into the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from ledger.rules.events import check_event
from ledger.rules.hashes import event_hash
from lib import rows

Value = int | str | bool | list[int] | list[str] | None


Row = tuple[Any, ...]

# What has been told of inside `in_one` and waits to be written; None outside.
_waiting: ContextVar[list[Row] | None] = ContextVar("waiting", default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of `record_many`; `at` where it happened at another time than the others."""

    verb: str
    subject: str
    reason: str = ""
    data: Mapping[str, Value] = field(default_factory=dict)
    at: datetime | None = None


def record(
    *, verb: str, subject: str, by: str, at: datetime, reason: str = "", **data: Value
) -> None:
    """Write one event in the caller's transaction: it stands or falls with what it tells of.

    `verb` is dotted past tense ("registry.case_closed"); `subject` and `by` are kind and id
    ("message:17", "user:12", "system:receiver"); `reason` is a code; `data` holds ids, hashes
    and codes of at most 200 characters. ValueError for anything else, and for a naive `at`.
    """
    record_many([Entry(verb, subject, reason, data)], by=by, at=at)


def record_many(entries: Iterable[Entry], *, by: str, at: datetime) -> None:
    """Write many events with one INSERT in the caller's transaction; errors as for `record`."""
    events = [_row(entry, by, entry.at or at) for entry in entries]
    waiting = _waiting.get()
    if waiting is None:
        _write(events)
    else:
        waiting.extend(events)


@contextmanager
def in_one() -> Iterator[None]:
    """Write what is recorded inside with one INSERT at the end, in the order it was told.

    For an action of many steps, inside its transaction. An error writes nothing, as the
    transaction ends with it: so nobody inside may catch one of a step that has recorded.
    """
    if _waiting.get() is not None:
        yield
        return
    waiting: list[Row] = []
    before = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(before)
    _write(waiting)


def _write(events: list[Row]) -> None:
    if not events:
        return
    # By hand, naming only what a writer says: the processes' role may insert these columns and
    # no other, so that the time and the transaction are the database's word.
    places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(events))
    rows.run(
        "INSERT INTO ledger_event (at, actor, verb, subject, reason, data, hash)"  # noqa: S608
        f" VALUES {places}",
        [value for event in events for value in event],
    )


def _row(entry: Entry, by: str, at: datetime) -> Row:
    data = dict(entry.data)
    check_event(verb=entry.verb, subject=entry.subject, by=by, reason=entry.reason, data=data)
    digest = event_hash(
        at=at, actor=by, verb=entry.verb, subject=entry.subject, reason=entry.reason, data=data
    )
    return (at, by, entry.verb, entry.subject, entry.reason, Jsonb(data), digest)
