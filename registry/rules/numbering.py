"""How case and document numbers are written, and found again in a line of text.

A pattern is text with placeholders. For a case: `{prefix}`, `{year}` (2026) or `{yy}` (26), and
`{number}`, or `{number:04}` for at least four digits. For a document: a suffix with `{document}`.
Examples: `{year}/{number}` + `-{document}` gives 2026/123-4; `{prefix}-{yy}/{number:04}` gives
KS-26/0110; `{prefix} {year}/{number}` gives KS 2026/123.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

# A subject line is short. What stands further on is no reference that anyone meant.
_MAX_TEXT = 1_000
_MAX_FOUND = 10
_MAX_PATTERN = 60
_MAX_DIGITS = 9

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"number(?::0([1-9]))?\Z")
_DOCUMENT = re.compile(r"document(?::0([1-9]))?\Z")
_LITERAL = re.compile(r"[A-Za-zÆØÅÄÖæøåäö0-9 ./_:#-]*\Z")
_PREFIX = re.compile(r"[A-Za-zÆØÅÄÖæøåäö]{1,10}\Z")
# Word processors and phones turn a typed hyphen into one of these.
_HYPHENS = "[-\u2010\u2011\u2012\u2013]"


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """How one diary series writes its numbers. Check it with `validate_pattern` before use."""

    case: str
    document: str = "-{document}"
    prefix: str = ""


class PatternProblem(StrEnum):
    """Why a pattern cannot be used."""

    TOO_LONG = "too_long"  # more than 60 characters
    UNKNOWN_PLACEHOLDER = "unknown_placeholder"  # also a brace without its partner
    STRANGE_CHARACTER = "strange_character"  # other than letters, digits, space and ./_:#-
    NO_YEAR = "no_year"  # numbers begin again each year, so the year must show
    YEAR_TWICE = "year_twice"
    NO_NUMBER = "no_number"
    NUMBER_TWICE = "number_twice"
    DIGITS_TOUCH = "digits_touch"  # two figures without a character between: 2026123
    PREFIX_MISSING = "prefix_missing"  # the pattern uses a prefix and the series has none
    PREFIX_UNUSED = "prefix_unused"  # two series with their own prefixes would look the same
    PREFIX_STRANGE = "prefix_strange"  # 1 to 10 letters and nothing else
    EDGE_SPACE = "edge_space"  # begins or ends with a space, which mail programs drop
    NO_DOCUMENT = "no_document"  # the suffix lacks {document}, or has it twice
    SUFFIX_LIKE_CASE = "suffix_like_case"  # the suffix begins with a figure or a letter


def number_year(registered_at: datetime, timezone: str) -> int:
    """Return the year that a number belongs to: the local year of *registration*.

    Mail that came in the old year and is registered in the new gets a number of the new one. Raises
    ValueError for a naive moment.
    """
    if registered_at.tzinfo is None:
        raise ValueError("a moment without a time zone has no local year")
    return registered_at.astimezone(ZoneInfo(timezone)).year


def validate_pattern(pattern: NumberPattern) -> PatternProblem | None:
    """Return the first reason why the pattern cannot be used, or None."""
    case_parts, suffix_parts = _parts(pattern.case), _parts(pattern.document)
    problem = _problem_in_text(pattern, [*case_parts, *suffix_parts])
    if problem is not None:
        return problem
    fields = [text for is_field, text in case_parts if is_field]
    return (
        _problem_in_fields(fields)
        or _problem_in_prefix(pattern, fields)
        or _problem_in_suffix(suffix_parts)
        or (PatternProblem.DIGITS_TOUCH if _digits_touch(case_parts + suffix_parts) else None)
    )


def render_case(pattern: NumberPattern, *, year: int, number: int) -> str:
    """Write a case number, such as 2026/123. The pattern must be valid."""
    out = []
    for is_field, text in _parts(pattern.case):
        if not is_field:
            out.append(text)
        elif text == "prefix":
            out.append(pattern.prefix)
        elif text == "year":
            out.append(f"{year:04d}")
        elif text == "yy":
            out.append(f"{year % 100:02d}")
        else:
            out.append(str(number).zfill(_width(_NUMBER, text)))
    return "".join(out)


def render_document(pattern: NumberPattern, *, year: int, number: int, document: int) -> str:
    """Write a document's number in its case, such as 2026/123-4. The pattern must be valid."""
    suffix = "".join(
        str(document).zfill(_width(_DOCUMENT, text)) if is_field else text
        for is_field, text in _parts(pattern.document)
    )
    return render_case(pattern, year=year, number=number) + suffix


def parse_reference(text: str, patterns: Iterable[NumberPattern]) -> list[str]:
    """Return the case numbers that the text seems to name, as `render_case` would write them.

    They are candidates: whether such a case exists is the caller's question. A document's number
    gives its case. Case of letters, spaces and typed dashes may differ. Each is named once, in the
    order of the text, ten at most, from the first 1,000 characters. Linear in the text's length.
    """
    text = text[:_MAX_TEXT]
    found: list[tuple[int, int, str]] = []
    for pattern in patterns:
        regex, yy = _compiled(pattern)
        for match in regex.finditer(text):
            # The century of a two-figure year is not written back, so any will do.
            year = int(match["yy"]) if yy else int(match["year"])
            reference = render_case(pattern, year=year, number=int(match["number"]))
            # The longest of those that begin at the same place sorts first.
            found.append((match.start(), -match.end(), reference))
    references: dict[str, None] = {}
    covered = 0
    for _, minus_end, reference in sorted(found):
        # `2026/123` inside `KS 2026/123` is no reference of its own.
        if -minus_end > covered:
            covered = -minus_end
            references[reference] = None
    return list(references)[:_MAX_FOUND]


def _parts(template: str) -> list[tuple[bool, str]]:
    """Split into (is placeholder, text)."""
    pieces = _PLACEHOLDER.split(template)
    return [(i % 2 == 1, piece) for i, piece in enumerate(pieces) if i % 2 == 1 or piece]


def _width(kind: re.Pattern[str], field: str) -> int:
    match = kind.match(field)
    return int(match[1] or 1) if match else 1


def _problem_in_text(
    pattern: NumberPattern, parts: list[tuple[bool, str]]
) -> PatternProblem | None:
    if len(pattern.case) + len(pattern.document) > _MAX_PATTERN:
        return PatternProblem.TOO_LONG
    for is_field, text in parts:
        known = text in ("prefix", "year", "yy") or _NUMBER.match(text) or _DOCUMENT.match(text)
        if is_field and not known:
            return PatternProblem.UNKNOWN_PLACEHOLDER
        if not is_field and ("{" in text or "}" in text):
            return PatternProblem.UNKNOWN_PLACEHOLDER
        if not is_field and not _LITERAL.match(text):
            return PatternProblem.STRANGE_CHARACTER
    if pattern.case != pattern.case.strip() or pattern.document != pattern.document.strip():
        return PatternProblem.EDGE_SPACE
    return None


def _problem_in_fields(fields: list[str]) -> PatternProblem | None:
    years = sum(field in ("year", "yy") for field in fields)
    numbers = sum(_NUMBER.match(field) is not None for field in fields)
    if any(_DOCUMENT.match(field) for field in fields):
        return PatternProblem.UNKNOWN_PLACEHOLDER
    if years != 1:
        return PatternProblem.YEAR_TWICE if years else PatternProblem.NO_YEAR
    if numbers != 1:
        return PatternProblem.NUMBER_TWICE if numbers else PatternProblem.NO_NUMBER
    return None


def _problem_in_prefix(pattern: NumberPattern, fields: list[str]) -> PatternProblem | None:
    if "prefix" not in fields:
        return PatternProblem.PREFIX_UNUSED if pattern.prefix else None
    if not pattern.prefix:
        return PatternProblem.PREFIX_MISSING
    # Letters only: so a prefix never runs into the figures beside it.
    return None if _PREFIX.match(pattern.prefix) else PatternProblem.PREFIX_STRANGE


def _problem_in_suffix(parts: list[tuple[bool, str]]) -> PatternProblem | None:
    fields = [text for is_field, text in parts if is_field]
    if len(fields) != 1 or not _DOCUMENT.match(fields[0]):
        return PatternProblem.NO_DOCUMENT
    first_is_field, first = parts[0]
    if first_is_field or first[0].isalnum():
        return PatternProblem.SUFFIX_LIKE_CASE
    return None


def _digits_touch(parts: list[tuple[bool, str]]) -> bool:
    digits_before = False
    for is_field, text in parts:
        if is_field and text == "prefix":
            digits_before = False
            continue
        if digits_before and (is_field or text[0].isdigit()):
            return True
        digits_before = is_field or text[-1].isdigit()
    return False


@lru_cache(maxsize=256)
def _compiled(pattern: NumberPattern) -> tuple[re.Pattern[str], bool]:
    out = []
    for is_field, text in _parts(pattern.case):
        if not is_field:
            out.append(_loose(text))
        elif text == "prefix":
            out.append(re.escape(pattern.prefix))
        elif text == "year":
            out.append("(?P<year>[0-9]{4})")
        elif text == "yy":
            out.append("(?P<yy>[0-9]{2})")
        else:
            out.append(f"(?P<number>[0-9]{{1,{_MAX_DIGITS}}})")
    # Not inside a longer word or figure, and not the start of a date such as 2026/12/24. Every
    # repetition has a bound, so the search is linear.
    regex = r"(?<![\w/])" + "".join(out) + r"(?![\w]|[/.][0-9])"
    return re.compile(regex, re.IGNORECASE), "{yy}" in pattern.case


def _loose(literal: str) -> str:
    out = []
    for char in literal:
        if char == " ":
            out.append(r"\s{0,3}")
        elif char == "-":
            out.append(_HYPHENS)
        else:
            out.append(re.escape(char))
    return "".join(out)
