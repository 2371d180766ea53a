"""What somebody looks for: the terms of a text, a number, and the marks that narrow a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK = timedelta(days=7)
# The weeks of a longer span are not looked up one by one: that is where hits are few.
MOST_WEEKS = 64
_UNIT = "unit:"


class Order(StrEnum):
    BEST = "best"
    NEWEST = "newest"


class Kind(StrEnum):
    """How a term is compared: each word by its stem, or as words in a row."""

    WORD = "word"
    PHRASE = "phrase"


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
    """The terms of a text, each of which must be found: words, and "words in a row".

    There is no "not": what is left out of a list would tell what stands where one may not read.
    """
    found = []
    for phrase, word in _TERM.findall(text[:MAX_TEXT]):
        if phrase and _LETTERS.search(phrase):
            found.append(Term(phrase.strip(), Kind.PHRASE))
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


def week_of(at: datetime) -> int:
    """The week of an instant, in spans of seven days since 1970 (UTC), as the index marks it."""
    return (at - _EPOCH) // _WEEK


def begin_of(week: int) -> datetime:
    """The instant at which such a week begins."""
    return _EPOCH + week * _WEEK


def steps(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Spans of weeks from the last one back to the first, each twice as long as the one before.

    So what is common is found by looking at the newest week or two, and what is rare in a handful
    of looks. A span that is too long for its weeks to be looked up takes all the rest: each such
    look reads what there is of the words, however short it is.
    """
    length = 1
    while last >= first:
        begin = first if length > MOST_WEEKS else max(first, last - length + 1)
        yield begin, last
        last, length = begin - 1, length * 2


def of_the_unit(sees: list[str], wanted: list[str]) -> list[str]:
    """By which of the marks a person may see what is wanted, when that is one unit's.

    What lies in the unit that is looked for is seen by that unit's mark, or by a case's or
    caseworker's; the marks of other units can only cost time.
    """
    units = [mark for mark in wanted if mark.startswith(_UNIT)]
    return [mark for mark in sees if not units or not mark.startswith(_UNIT) or mark in units]


_FILTERS = (
    *("start", "end", "direction", "unit", "document_type", "access", "status", "series"),
    *("authority", "attachment", "mine", "text"),
)


def without(criteria: Criteria) -> Iterator[tuple[str, Criteria]]:
    """The criteria with one filter less each, with that filter's name."""
    nothing = Criteria()
    for name in _FILTERS:
        if getattr(criteria, name) != getattr(nothing, name):
            yield name, replace(criteria, **{name: getattr(nothing, name)})
