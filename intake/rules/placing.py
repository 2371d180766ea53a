"""Which unit a message seems to be for, and what kind of document it is, each with the reason.

A guess saves a key and decides nothing: the registrar sees it, with its reason, before it counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from intake.rules.kind import MessageKind

_TEXT = 1_500
_WORD = re.compile(r"[^\W\d_]+")
_STOP = frozenset(
    "og och eller i på om for av til till fra från med den det en et ett som mot ved vid".split()
)
# What follows one of these in a name says what it is about, not what it is ("Klage på vedtak").
_ABOUT = re.compile(r"\s(?:på|om|for|mot|til|av|till|för)\s", re.IGNORECASE)
# How people ask to see documents (offentleglova § 28; TF 2 kap.), in beginnings of words.
_ACCESS_REQUEST = re.compile(
    r"(?<!\w)(?:innsynskrav|innsynsbegjær|dokumentinnsyn|krav om innsyn|krever innsyn|"
    r"(?:ber|ønsker|ynskjer|begjærer|bed) om innsyn|innsyn i (?:sak|dokument|journal)|"
    r"allmän(?:na)? handling|begär(?:an)?(?: om)? (?:att få )?(?:ta del|ut)|"
    r"offentlighetsprincip|offentleglov)",
    re.IGNORECASE,
)


class UnitReason(StrEnum):
    """What speaks for a unit."""

    CASE = "case"  # has the proposed case
    EARLIER = "earlier"  # has the cases of mail with like titles
    MAILBOX = "mailbox"  # the mailbox is its own
    ASSIGNED = "assigned"  # a person said so


class TypeReason(StrEnum):
    """What speaks for a kind of document."""

    ACCESS_REQUEST = "access_request"  # the words by which documents are asked for
    WORDS = "words"  # the subject has a word of its name
    FILES = "files"  # a file's name has a word of its name
    BULK = "bulk"  # sent in bulk, and of a kind that is not registered
    EARLIER = "earlier"  # mail with like titles was of this kind
    NONE = "none"  # nothing tells; the first one


@dataclass(frozen=True, slots=True)
class Earlier:
    """Something registered lately whose title is like the subject; the most alike come first."""

    case_id: int
    case_is_open: bool
    unit_id: int
    document_type_id: int


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document, as the guess needs it."""

    id: int
    name: str
    is_access_request: bool
    is_registered: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """The id of what is proposed, and why."""

    id: int
    reason: str


def propose_unit(
    *,
    case_unit: int | None,
    earlier: Sequence[Earlier],
    mailbox_unit: int,
    mailbox_is_central: bool,
) -> Placed:
    """The unit that a message seems to be for.

    A mailbox of a unit's own says more than likeness of titles; the central mailbox says nothing.
    """
    if case_unit is not None:
        return Placed(case_unit, UnitReason.CASE)
    most = _most([each.unit_id for each in earlier])
    if mailbox_is_central and most is not None:
        return Placed(most, UnitReason.EARLIER)
    return Placed(mailbox_unit, UnitReason.MAILBOX)


def propose_document_type(
    *,
    kinds: Sequence[DocumentKind],
    subject: str,
    text: str,
    file_names: Sequence[str],
    kind: MessageKind,
    earlier: Sequence[Earlier],
) -> Placed | None:
    """The kind of document that a message seems to be; None when there are no kinds."""
    if not kinds:
        return None
    if _ACCESS_REQUEST.search(f"{subject}\n{text[:_TEXT]}"):
        asked = next((each for each in kinds if each.is_access_request), None)
        if asked is not None:
            return Placed(asked.id, TypeReason.ACCESS_REQUEST)
    named = _named(kinds, subject)
    if named is not None:
        return Placed(named, TypeReason.WORDS)
    named = _named(kinds, " ".join(file_names))
    if named is not None:
        return Placed(named, TypeReason.FILES)
    if kind == MessageKind.LIST:
        unregistered = [each.id for each in kinds if not each.is_registered]
        if len(unregistered) == 1:
            return Placed(unregistered[0], TypeReason.BULK)
    in_use = {each.id for each in kinds}
    most = _most([e.document_type_id for e in earlier if e.document_type_id in in_use])
    return Placed(most, TypeReason.EARLIER) if most else Placed(kinds[0].id, TypeReason.NONE)


def _most(ids: Sequence[int]) -> int | None:
    """The id that more than half of them are."""
    if not ids:
        return None
    found, times = Counter(ids).most_common(1)[0]
    return found if 2 * times > len(ids) else None


def _named(kinds: Sequence[DocumentKind], text: str) -> int | None:
    """The kind whose name shares the longest word with the text, when it is the only one."""
    words = {word.lower() for word in _WORD.findall(text)}
    scores = {each.id: _score(each.name, words) for each in kinds}
    best = max(scores.values())
    first = [kind_id for kind_id, score in scores.items() if score == best]
    return first[0] if best and len(first) == 1 else None


def _score(name: str, words: set[str]) -> int:
    """Letters of the longest word of the name that one of the words begins with, inflected or not.

    Words are joined in these languages ("skoleskyss", "barnehageplass"), so eight letters of a
    long word are enough; a short one must stand alone but for its ending ("vei", "veien").
    """
    longest = 0
    for stem, length in _stems(name):
        for word in words:
            if word.startswith(stem) and (len(stem) >= 6 or len(word) - length <= 3):
                longest = max(longest, len(stem))
    return longest


@lru_cache
def _stems(name: str) -> tuple[tuple[str, int], ...]:
    """The words by which a kind is known: how each begins, and its whole length."""
    words = (word.lower() for word in _WORD.findall(_ABOUT.split(name, maxsplit=1)[0]))
    return tuple((word[:8], len(word)) for word in words if word not in _STOP and len(word) >= 3)
