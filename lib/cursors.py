"""A place in the order of time, as it stands in the address of the page that begins after it.

"t1764.17" is microseconds since 1970, and the id of one among those of the same moment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor_at(at: tuple[datetime, int]) -> str:
    """A place in the order of time as text."""
    return f"t{(at[0] - _EPOCH) // timedelta(microseconds=1)}.{at[1]}"


def place(text: str) -> tuple[datetime, int] | None:
    """The place that "t1764.17" names; None for anything else."""
    micros, _, pk = text.removeprefix("t").partition(".")
    try:
        return _EPOCH + timedelta(microseconds=int(micros)), int(pk)
    except (ValueError, OverflowError):
        return None
