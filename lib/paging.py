"""Pages that begin after a row, and not after so many rows: as quick at any depth."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from lib.cursors import cursor_at, place

M = TypeVar("M", bound=Model)


def page_by_time(
    rows: QuerySet[M], *, by: str, after: str, size: int, newest_first: bool = False
) -> tuple[list[M], str]:
    """`size` rows in the order of a time after a cursor, and the cursor of what follows.

    A cursor that makes no sense is the beginning; the one returned is "" where nothing follows.
    An index on `by` is entered at the place itself.
    """
    sign, beyond = ("-", "lt") if newest_first else ("", "gt")
    if (at := place(after)) is not None:
        rows = rows.filter(
            Q(**{f"{by}__{beyond}e": at[0]}),
            Q(**{f"{by}__{beyond}": at[0]}) | Q(**{by: at[0], f"pk__{beyond}": at[1]}),
        )
    found = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return found[:size], cursor_at((getattr(last, by), last.pk)) if last is not None else ""
