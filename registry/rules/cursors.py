"""Where a page of hits ends, as it stands in the address of the next one.

"t1764.17" is a place in the order of time (lib/cursors.py). "b900.t….t…" is one in the order of
rank: the last hit's rank and place, and the newest hit when the first page was shown, so that what
is registered meanwhile moves nothing.
"""

from __future__ import annotations

from datetime import datetime

from lib.asked import whole_number
from lib.cursors import place


def top_of(text: str) -> tuple[datetime, int] | None:
    """Of "b900.t1764.17.t1765.20": the newest hit when the first page was shown."""
    return place("t" + text.rpartition(".t")[2]) if text.startswith("b") else None


def seen_of(text: str) -> tuple[int, datetime, int] | None:
    """Of the same: rank and place of the last hit that was shown."""
    first, _, rest = text.removeprefix("b").partition(".")
    rank, at = whole_number(first), place(rest.rpartition(".t")[0])
    return (rank, *at) if at and rank is not None else None
