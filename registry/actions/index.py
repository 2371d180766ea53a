"""Keep what is searched in step with the record: one statement, whatever has changed."""

from __future__ import annotations

from collections.abc import Sequence

from lib import rows

# Marks are made here only; rules/searching.py and access look for them by the same names.
# What stands under D is the content, which is read later by a worker: it stays as it is.
_INDEX = """
INSERT INTO registry_searchentry AS known (
    entry_id, registered_at, number_key, marks, public_words, words,
    text_state, text_attempts, text_problems
)
SELECT entry.id, entry.registered_at,
    lower(regexp_replace(entry.reference, '[^[:alnum:]]', '', 'g')),
    ARRAY[
        'week:' || floor(extract(epoch FROM entry.registered_at) / 604800)::int,
        'unit:' || matter.unit_id, 'case:' || matter.id, 'series:' || entry.series_id,
        'authority:' || series.authority_id, 'type:' || entry.document_type_id,
        'direction:' || entry.direction, 'access:' || entry.access, 'status:' || CASE
            WHEN entry.status = 'registered' AND EXISTS (
                SELECT FROM registry_qualitycheck waits
                WHERE waits.entry_id = entry.id AND waits.passed_at IS NULL
            ) THEN 'unchecked' ELSE entry.status END
    ] || CASE WHEN matter.caseworker_id IS NULL THEN '{}'
        ELSE ARRAY['caseworker:' || matter.caseworker_id] END
      || CASE WHEN files.attachments > 0 THEN ARRAY['attachment:yes'] ELSE '{}' END,
    setweight(registry_words(entry.public_title), 'A'),
    setweight(registry_words(entry.title || ' ' || entry.public_title), 'A')
        || setweight(registry_names(coalesce(party.words, '')), 'B')
        || setweight(registry_words(coalesce(files.names, '')), 'C'),
    CASE WHEN files.number IS NULL THEN 'done' ELSE 'waiting' END, 0, '{}'
FROM registry_entry entry
JOIN registry_case matter ON matter.id = entry.case_id
JOIN registry_series series ON series.id = entry.series_id
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws(' ', name, email, postal_address), ' ') AS words
    FROM registry_party WHERE entry_id = entry.id AND until_version IS NULL
) party ON TRUE
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE role = 'attachment') AS attachments, max(number) AS number,
        string_agg(translate(filename, '._-', '   '), ' ') AS names
    FROM registry_document WHERE entry_id = entry.id
) files ON TRUE
WHERE entry.id {which}
ON CONFLICT (entry_id) DO UPDATE SET
    marks = EXCLUDED.marks,
    public_words = EXCLUDED.public_words,
    words = EXCLUDED.words || ts_filter(known.words, '{d}')
"""

_INDEX_ONE = _INDEX.replace("{which}", "= %s")
_INDEX_MANY = _INDEX.replace("{which}", "= ANY(%s::bigint[])")

_OF_CASE = "SELECT id FROM registry_entry WHERE case_id = %s"


def index_entries(entries: Sequence[int]) -> None:
    """Make what is searched of these entries anew, but for their content.

    Belongs into the transaction of whatever changed an entry, its parties or its documents.
    """
    if len(entries) == 1:
        # The server plans this once for all; how many a list holds it wants to see each time.
        rows.run(_INDEX_ONE, [entries[0]])
    else:
        rows.run(_INDEX_MANY, [list(entries)])


def index_case(case_id: int) -> None:
    """As `index_entries` for all of a case: for who changes its unit, caseworker or readers."""
    entries = [pk for (pk,) in rows.run(_OF_CASE, [case_id])]
    if entries:
        index_entries(entries)
