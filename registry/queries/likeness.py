"""What the proposals for new post ask of the record: what came before it and was like it."""

from __future__ import annotations

from django.db import connection

from registry.models import Case

# What was registered last stands in for what is alive: a search by likeness over everything takes
# seconds at a million entries, and this the same few milliseconds for ever.
_LIKE_LATEST = """
SELECT latest.case_id, registry_case.status = 'open', registry_case.unit_id,
    latest.document_type_id
FROM (
    SELECT id, case_id, document_type_id, title FROM registry_entry
    WHERE direction = 'incoming' AND status = 'registered'
    ORDER BY registered_at DESC LIMIT %s
) latest
JOIN registry_case ON registry_case.id = latest.case_id
JOIN registry_series ON registry_series.id = registry_case.series_id
WHERE registry_series.authority_id = %s AND registry_case.status <> 'void'
    AND NOT registry_case.is_restricted AND similarity(latest.title, %s) >= %s
ORDER BY similarity(latest.title, %s) DESC, latest.id DESC LIMIT %s
"""


def like_latest(
    title: str, authority_id: int, *, among: int = 300, at_least: float = 0.45, limit: int = 5
) -> list[tuple[int, bool, int, int]]:
    """What came in and was registered last under titles like this one, the most alike first.

    Each is the case's id, whether it is open, its unit's id and the id of the kind of document.
    Only the `among` newest entries are compared (by trigrams), and never those of restricted cases.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LIKE_LATEST, [among, authority_id, title, at_least, title, limit])
        return cursor.fetchall()


def unit_of_case(case_id: int) -> int | None:
    """The unit that has a case; None when there is no such case."""
    return Case.objects.filter(pk=case_id).values_list("unit", flat=True).first()
