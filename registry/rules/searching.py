"""What somebody looks for: the terms of a text, a number, and the marks that narrow a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MAX_TEXT = 200
_MAX_TERMS = 8
# "2026/17-3", "KS 2026/17", "KS-26/0017-3": perhaps letters, then figures in groups.
_NUMBER = re.compile(r"[^\W\d_]{0,12}[ -]?\d{1,4}([/:-]\d+)+", re.IGNORECASE)
# The same without punctuation, if it is long enough to be no year and no house number.
_BARE_NUMBER = re.compile(r"[^\W\d_]{0,12} ?\d{5,20}", re.IGNORECASE)
_MESSAGE = re.compile(r"M\d{1,12}", re.IGNORECASE)
_TERM = re.compile(r'"([^"]+)"|([^\s"]+)')
_LETTERS = re.compile(r"\w")


class Order(StrEnum):
    BEST = "best"
    NEWEST = "newest"


class Kind(StrEnum):
    """How a term is compared: stemmed, as words in a row, or by how it begins."""

    WORD = "word"
    PHRASE = "phrase"
    PREFIX = "prefix"


@dataclass(frozen=True)
class Term:
    text: str
    kind: Kind


@dataclass(frozen=True)
class Criteria:
    """A search with its filters; what is empty does not narrow. Days are local, both included."""

    text: str = ""
    start: date | None = None
    end: date | None = None
    direction: str = ""
    unit: int | None = None
    document_type: int | None = None
    access: str = ""
    status: str = ""
    series: int | None = None
    authority: int | None = None
    attachment: bool = False
    mine: bool = False
    # Names that are spelt nearly as the words are found too.
    near: bool = False
    order: Order = Order.BEST


def terms(text: str) -> list[Term]:
    """The terms of a text, each of which must be found: words, "words in a row", and begin*.

    There is no "not": what is left out of a list would tell what stands where one may not read.
    """
    found = []
    for phrase, word in _TERM.findall(text[:MAX_TEXT]):
        if phrase and _LETTERS.search(phrase):
            found.append(Term(phrase.strip(), Kind.PHRASE))
        elif word.endswith("*") and _LETTERS.search(word):
            found.append(Term(re.sub(r"[^\w-]", "", word), Kind.PREFIX))
        elif _LETTERS.search(word):
            found.append(Term(word, Kind.WORD))
    return found[:_MAX_TERMS]


def number_key(text: str) -> str:
    """The letters and figures of what looks like a number of a case or entry, or ""."""
    text = text.strip()
    if _NUMBER.fullmatch(text) or _BARE_NUMBER.fullmatch(text):
        return "".join(char for char in text.lower() if char.isalnum())
    return ""


def message_number(text: str) -> str:
    """The number of a message at the front door ("M17"), or ""."""
    text = text.strip()
    return text.upper() if _MESSAGE.fullmatch(text) else ""


def marks(criteria: Criteria, user_id: int) -> list[str]:
    """The marks that an entry must have to fit, as the index writes them."""
    wanted = [
        ("direction", criteria.direction),
        ("unit", criteria.unit),
        ("type", criteria.document_type),
        ("access", criteria.access),
        ("status", criteria.status),
        ("series", criteria.series),
        ("authority", criteria.authority),
        ("attachment", "yes" if criteria.attachment else ""),
        ("caseworker", user_id if criteria.mine else None),
    ]
    return [f"{name}:{value}" for name, value in wanted if value not in ("", None)]


def month_of(at: datetime) -> int:
    """The month of an instant in UTC, counted from year 0."""
    return at.year * 12 + at.month


def steps(first: int, last: int) -> list[tuple[int, int]]:
    """Spans of months from the last one back to the first, each twice as long as the one before.

    So many hits are found in the newest months at once, and few ones in a handful of looks.
    """
    spans, length = [], 1
    while last >= first:
        begin = max(first, last - length + 1)
        spans.append((begin, last))
        last, length = begin - 1, length * 2
    return spans
