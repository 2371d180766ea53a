"""Take the next numbers: gapless, because a rollback gives them back, and never used again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lib import rows
from registry.actions.refusals import refusal
from registry.models import Case
from registry.rules.numbering import (
    NumberPattern,
    render_case,
    render_document,
    validate_pattern,
)

# Waits for whoever took the last number until that transaction has ended, one way or the other.
_NEXT = """
WITH counter AS (
    INSERT INTO registry_seriesyear AS row (series_id, year, last_case, last_entry)
    VALUES (%s, %s, %s, 1)
    ON CONFLICT (series_id, year) DO UPDATE
    SET last_case = row.last_case + EXCLUDED.last_case, last_entry = row.last_entry + 1
    RETURNING last_case, last_entry
)
SELECT last_case, last_entry, case_pattern, document_pattern, prefix, is_active
FROM counter, registry_series WHERE registry_series.id = %s
"""

_NEXT_DOCUMENT = """
UPDATE registry_case SET last_document = last_document + 1
WHERE id = %s AND status = 'open'
RETURNING series_id, year, number, reference, last_document
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The place that a new entry gets in its case."""

    case_id: int
    series_id: int
    year: int
    number: int
    reference: str
    document: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The next numbers of a series and year; `case` is the new case's, or the last one taken."""

    case: int
    running: int
    pattern: NumberPattern
    series_in_use: bool


def take_numbers(*, series_id: int, year: int, new_case: bool) -> Numbers:
    """Take the next running number, and the next case number when a case is opened.

    The counter's row stays locked until the transaction ends, so this comes last of all locks.
    Raises Refused ("no_such_series", "bad_pattern").
    """
    found = rows.run(_NEXT, [series_id, year, int(new_case), series_id])
    if not found:
        raise refusal("no_such_series")
    case, running, case_pattern, document_pattern, prefix, in_use = found[0]
    pattern = NumberPattern(case=case_pattern, document=document_pattern, prefix=prefix)
    if not _is_usable(pattern):
        # A wrong number in the record could never be taken back.
        raise refusal("bad_pattern")
    return Numbers(case, running, pattern, in_use)


@lru_cache
def _is_usable(pattern: NumberPattern) -> bool:
    return validate_pattern(pattern) is None


def next_document(case_id: int) -> Place:
    """Lock an open case and take its next document number.

    Raises Refused ("no_such_case", "case_not_open").
    """
    found = rows.run(_NEXT_DOCUMENT, [case_id])
    if not found:
        known = Case.objects.filter(pk=case_id).exists()
        raise refusal("case_not_open" if known else "no_such_case")
    series_id, year, number, reference, document = found[0]
    return Place(case_id, series_id, year, number, reference, document)


def case_reference(numbers: Numbers, *, year: int) -> str:
    """How the number of a case opened now is written."""
    return render_case(numbers.pattern, year=year, number=numbers.case)


def entry_reference(pattern: NumberPattern, place: Place) -> str:
    """How the number of an entry is written: the case's as it once was, and the suffix of today."""
    values = {"year": place.year, "number": place.number}
    whole = render_document(pattern, **values, document=place.document)
    return place.reference + whole[len(render_case(pattern, **values)) :]
