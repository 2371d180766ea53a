"""How long post has waited to be registered, by the unit of its mailbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

_WAITING = """
SELECT b.unit_id,
    width_bucket(extract(epoch FROM %(now)s - m.received_at) / 86400, %(bounds)s::float8[]) AS age,
    count(*)
FROM intake_message m JOIN intake_mailbox b ON b.id = m.mailbox_id
WHERE m.state IN ('received', 'screened', 'held')
    AND (%(units)s::bigint[] IS NULL OR b.unit_id = ANY(%(units)s::bigint[]))
GROUP BY b.unit_id, age
"""


def waiting_by_age(
    *, now: datetime, bounds: list[int], units: Iterable[int] | None
) -> dict[tuple[int, int], int]:
    """How many messages wait now, by unit and age: the number of `bounds` (days) reached."""
    given: dict[str, Any] = {
        "now": now,
        "bounds": bounds,
        "units": None if units is None else sorted(units),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, given)
        return {(unit, age): count for unit, age, count in cursor.fetchall()}
