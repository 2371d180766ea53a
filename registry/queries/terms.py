"""What somebody typed, as the database looks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import connection

from registry.rules import searching
from registry.rules.searching import Kind, Term

_NEAR_NAMES = 6
_SHORTEST_NEAR = 4

_TERMS = "SELECT registry_term(text, kind)::text FROM unnest(%s::text[], %s::text[]) t(text, kind)"
_NEAR = """
WITH term AS MATERIALIZED (
    SELECT text, registry_fold(text) AS folded FROM unnest(%s::text[]) each(text)
)
SELECT term.text, name.word FROM term JOIN LATERAL (
    SELECT word FROM registry_searchname WHERE word %% term.folded
    ORDER BY similarity(word, term.folded) DESC, word LIMIT %s
) name ON TRUE
"""


@dataclass(frozen=True)
class Wanted:
    """`words` must be found, "" when all are too common to tell anything. Where some of them must
    stand in a row, `anywhere` is the same without that, else "": the index knows no order."""

    words: str = ""
    anywhere: str = ""


def wanted(text: str, *, near: bool) -> Wanted:
    """What a text asks for; with `near` also names that are spelt nearly as its words."""
    terms = searching.terms(text)
    if not terms:
        return Wanted()
    names = _near_names([each.text for each in terms if each.kind == Kind.WORD]) if near else {}
    words = _query(terms, names)
    if all(each.kind == Kind.WORD for each in terms):
        return Wanted(words)
    anywhere = _query([replace(each, kind=Kind.WORD) for each in terms], names)
    return Wanted(words, anywhere if anywhere != words else "")


def _query(terms: list[Term], names: dict[str, list[str]]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, [[each.text for each in terms], [each.kind for each in terms]])
        found = [row[0] for row in cursor.fetchall()]
    parts = []
    for term, part in zip(terms, found, strict=True):
        if part is None:
            continue
        # Names count where they stand as names: B is what parties are indexed under.
        alike = [f"'{name}':B" for name in names.get(term.text, ())]
        parts.append(" | ".join([part, *alike]))
    return " & ".join(f"({part})" for part in parts)


def _near_names(words: list[str]) -> dict[str, list[str]]:
    long_enough = [word for word in words if len(word) >= _SHORTEST_NEAR]
    found: dict[str, list[str]] = {}
    if long_enough:
        with connection.cursor() as cursor:
            cursor.execute(_NEAR, [long_enough, _NEAR_NAMES])
            for word, name in cursor.fetchall():
                found.setdefault(word, []).append(name.replace("\\", "\\\\").replace("'", "''"))
    return found
