"""Figures of a period, by unit: never by person.

Each is counted by the database within a bounded period.
`units` None is all of them. A period is from `start` until `end`, which is not part of it; a
deadline belongs to it by its last day. `due_at` is the first instant that is too late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

# What has no unit has not been registered.
ALL = 0

# The unit is asked for entry by entry: joined, the planner reads every case there is.
_REGISTRATIONS = """
WITH e AS MATERIALIZED (
    SELECT registered_at, arrived_at,
        (SELECT unit_id FROM registry_case c WHERE c.id = case_id) AS unit_id
    FROM registry_entry
    WHERE direction = 'incoming' AND status = 'registered'
        AND registered_at >= %(start)s AND registered_at < %(end)s
)
SELECT CASE WHEN GROUPING(e.unit_id) = 1 THEN 0 ELSE e.unit_id END, count(*),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
        ORDER BY extract(epoch FROM e.registered_at - e.arrived_at)::float8),
    count(*) FILTER (WHERE (e.registered_at AT TIME ZONE %(zone)s)::date <= following.day)
FROM e
LEFT JOIN unnest(%(days)s::date[], %(following)s::date[]) AS following (arrived, day)
    ON following.arrived = (e.arrived_at AT TIME ZONE %(zone)s)::date
WHERE %(units)s::bigint[] IS NULL OR e.unit_id = ANY(%(units)s::bigint[])
GROUP BY GROUPING SETS ((e.unit_id), ())
HAVING count(*) > 0
"""

# Paused: its last day is not fixed yet, so it is not over.
_ANSWERS = """
SELECT d.unit_id,
    count(*) FILTER (WHERE d.state = 'met' AND d.ended_at < d.due_at),
    count(*) FILTER (WHERE d.state = 'met' AND d.ended_at >= d.due_at),
    count(*) FILTER (WHERE d.state = 'open' AND d.due_at <= %(now)s),
    count(*) FILTER (WHERE d.state = 'paused' OR (d.state = 'open' AND d.due_at > %(now)s))
FROM registry_deadline d
WHERE d.kind = 'answer' AND d.state <> 'cancelled'
    AND d.due_at > %(start)s AND d.due_at <= %(end)s
    AND (%(units)s::bigint[] IS NULL OR d.unit_id = ANY(%(units)s::bigint[]))
GROUP BY d.unit_id
"""

# A letter that was made and has not left is not sent: what counts is the mail server's answer.
_ACKNOWLEDGED = """
FROM registry_deadline d
LEFT JOIN registry_acknowledgement a
    ON a.message_number = d.message_number AND a.undone_at IS NULL AND d.message_number <> ''
LEFT JOIN registry_entry e ON e.id = COALESCE(a.entry_id, d.entry_id)
LEFT JOIN registry_case c ON c.id = e.case_id
LEFT JOIN LATERAL (
    SELECT min(r.sent_at) AS sent_at, min(r.fate) AS fate
    FROM outbox_letterrecipient r WHERE r.letter_id = a.letter_id
) AS letter ON true
WHERE d.kind = 'acknowledgement' AND d.state <> 'cancelled'
    AND d.due_at > %(start)s AND d.due_at <= %(end)s
    AND (%(units)s::bigint[] IS NULL OR c.unit_id = ANY(%(units)s::bigint[]))
"""

_ACKNOWLEDGEMENTS = f"""
SELECT c.unit_id,
    count(*) FILTER (WHERE letter.sent_at < d.due_at),
    count(*) FILTER (WHERE letter.sent_at >= d.due_at),
    count(*) FILTER (WHERE letter.sent_at IS NULL AND d.due_at <= %(now)s),
    count(*) FILTER (WHERE letter.sent_at IS NULL AND d.due_at > %(now)s)
{_ACKNOWLEDGED}
GROUP BY c.unit_id
"""

_BREACHES = f"""
SELECT d.message_number, e.id, e.reference, c.unit_id, d.starts_at, d.due_on, letter.sent_at,
    CASE WHEN letter.sent_at IS NOT NULL THEN 'late' WHEN a.letter_id IS NULL THEN 'none'
        ELSE letter.fate END
{_ACKNOWLEDGED}
    AND ((letter.sent_at IS NULL AND d.due_at <= %(now)s) OR letter.sent_at >= d.due_at)
ORDER BY d.due_at, d.id
LIMIT %(limit)s
"""

_UNANSWERED = """
SELECT d.unit_id, width_bucket(extract(epoch FROM %(now)s - d.starts_at) / 86400,
    %(bounds)s::float8[]) AS age, count(*)
FROM registry_deadline d
WHERE d.state IN ('open', 'paused') AND d.kind = 'answer'
    AND (%(units)s::bigint[] IS NULL OR d.unit_id = ANY(%(units)s::bigint[]))
GROUP BY d.unit_id, age
"""


@dataclass(frozen=True)
class Registered:
    """How long registering took in a unit (ALL: everywhere)."""

    unit_id: int
    count: int
    median: timedelta
    ninth: timedelta  # nine of ten took no longer
    next_day: int  # registered no later than the working day after arrival


@dataclass(frozen=True)
class Kept:
    """Deadlines that ended in the period, in a unit (None: not registered yet)."""

    unit_id: int | None
    in_time: int
    late: int
    missing: int
    running: int

    @property
    def ended(self) -> int:
        """Those of which it is known whether they were kept."""
        return self.in_time + self.late + self.missing


@dataclass(frozen=True)
class Breach:
    """An acknowledgement that did not leave in time. `code`: late, none, or the letter's fate."""

    message_number: str
    entry_id: int | None
    reference: str | None
    unit_id: int | None
    received_at: datetime
    due_on: date
    sent_at: datetime | None
    code: str


def registrations(
    *,
    start: datetime,
    end: datetime,
    zone: str,
    following: Mapping[date, date],
    units: Iterable[int] | None,
) -> list[Registered]:
    """Time from arrival to registration of what was registered in the period, ALL included.

    `following` is the next working day of each local day; what came on a day that is not in it
    counts as registered later than that.
    """
    given = {
        "start": start,
        "end": end,
        "zone": zone,
        "days": list(following),
        "following": list(following.values()),
        "units": _ids(units),
    }
    return [
        Registered(unit, count, timedelta(seconds=times[0]), timedelta(seconds=times[1]), next_day)
        for unit, count, times, next_day in _asked(_REGISTRATIONS, given)
    ]


def answers(
    *, start: datetime, end: datetime, now: datetime, units: Iterable[int] | None
) -> list[Kept]:
    """Whether answers whose last day lies in the period were given in time."""
    given = {"start": start, "end": end, "now": now, "units": _ids(units)}
    return [Kept(*row) for row in _asked(_ANSWERS, given)]


def acknowledgements(
    *, start: datetime, end: datetime, now: datetime, units: Iterable[int] | None
) -> list[Kept]:
    """Whether acknowledgements whose last day lies in the period were sent in time."""
    given = {"start": start, "end": end, "now": now, "units": _ids(units)}
    return [Kept(*row) for row in _asked(_ACKNOWLEDGEMENTS, given)]


def breaches(
    *, start: datetime, end: datetime, now: datetime, units: Iterable[int] | None, limit: int
) -> list[Breach]:
    """Each acknowledgement that was sent late or not at all, the earliest last day first."""
    given = {"start": start, "end": end, "now": now, "units": _ids(units), "limit": limit}
    return [Breach(*row) for row in _asked(_BREACHES, given)]


def unanswered(
    *, now: datetime, bounds: list[int], units: Iterable[int] | None
) -> dict[tuple[int | None, int], int]:
    """How many entries wait for an answer now, by unit and age.

    The age is the number of `bounds` (days, ascending) that have been reached.
    """
    given = {"now": now, "bounds": bounds, "units": _ids(units)}
    return {(unit, age): count for unit, age, count in _asked(_UNANSWERED, given)}


def _ids(units: Iterable[int] | None) -> list[int] | None:
    return None if units is None else sorted(units)


def _asked(sql: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
