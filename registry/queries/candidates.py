"""One look into the index of what is searched, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from registry.queries.terms import Wanted

_WALK = """
WITH found AS MATERIALIZED (
    {found} ORDER BY registered_at DESC, entry_id DESC LIMIT %s
)
SELECT found.entry_id, found.registered_at, {ranks} FROM found
JOIN registry_searchentry USING (entry_id) {fitting}
ORDER BY found.registered_at DESC, found.entry_id DESC
"""
_FOUND = "SELECT entry_id, registered_at FROM registry_searchentry WHERE {where}"
_RANKS = """
    CASE WHEN words @@ {query}
        THEN (1e6 * ts_rank('{{0.1, 0.3, 0.7, 1}}', words, {query}))::int END,
    CASE WHEN public_words @@ {query}
        THEN (1e6 * ts_rank('{{0.1, 0.3, 0.7, 1}}', public_words, {query}))::int END
"""
# Of words in a row, beside how many were looked at; the last one always, for where to go on.
_FITTING = """
WHERE words @@ {query} OR public_words @@ {query}
    OR entry_id = (SELECT entry_id FROM found ORDER BY registered_at, entry_id LIMIT 1)
"""
_LOOKED_AT = ", (SELECT count(*) FROM found)"


def walk(
    where: Sequence[str],
    params: Sequence[Any],
    ways: Sequence[tuple[str, Sequence[Any]]],
    wanted: Wanted,
    number: int,
) -> tuple[list[Any], int]:
    """Up to so many candidates, and how many were looked at.

    A row is id, time, and the rank by all words and by those of the public title: None where they
    do not fit. Each of the ways of finding is a look of its own: joined by OR, the planner would
    rather read every text than look into the index twice.
    """
    looks, values = [], []
    for way, its_params in ways:
        looks.append(_FOUND.format(where=" AND ".join([*where, way])))
        values += [*params, *its_params]
    ranks, fitting, queries = "0, NULL", "", 0
    if wanted.words:
        ranks, queries = _RANKS.format(query="%s::tsquery"), 4
    if wanted.anywhere:
        fitting, queries = _FITTING.format(query="%s::tsquery"), 6
        ranks += _LOOKED_AT
    statement = _WALK.format(found=" UNION ".join(looks), ranks=ranks, fitting=fitting)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, number, *([wanted.words] * queries)])
        rows = cursor.fetchall()
    return rows, rows[0][4] if rows and wanted.anywhere else len(rows)
