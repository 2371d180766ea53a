"""Guesses the language of a text by its small words: bokmål, nynorsk, Swedish or English.

For the acknowledgement only, so a plain and explainable count is enough. Only words that tell the
languages apart are listed; what is short or unclear gets the mailbox's language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Language = Literal["nb", "nn", "sv", "en"]

_MAX_TEXT = 4_000
_ENOUGH = 3  # telling words; fewer is a greeting or a name
_WORD = re.compile(r"[^\W\d_]+")


def _table(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What bokmål, nynorsk and Swedish share ("det", "vi", "på", "av") tells nothing and is left out;
# what two of them share stands in both tables.
_WORDS: Mapping[Language, frozenset[str]] = {
    "nb": _table(
        "jeg ikke hva hvor hvordan hvorfor hvem hvis når noe noen fra dere deres være mye også og "
        "å er til hun hadde bare nå et ønsker kommer vennlig hilsen mellom etter uten enn mine "
        "saken før blir gjøre"
    ),
    "nn": _table(
        "eg ikkje kva kvar korleis kvifor kven når noko nokon nokre frå dykk dykkar vere vera "
        "mykje òg og å er til ho hadde berre no ein eit ynskjer ønskjer kjem venleg helsing mellom "
        "etter utan enn mine saka dei me før blir gjere"
    ),
    "sv": _table(
        "jag inte vad hur varför vem när något någon från ni vara mycket också och att är till hon "
        "hade bara nu ett önskar kommer vänlig hälsning hälsningar mellan efter utan än mina "
        "ärendet för innan blir göra"
    ),
    "en": _table(
        "not what where how why who when something from you your much also and to is of it we on "
        "she had only now a an wish with between after without than the my this that please "
        "regards have are can"
    ),
}


class LanguageReason(StrEnum):
    """Why a language was guessed."""

    WORDS = "words"  # clearly more of its words than of any other's
    TOO_SHORT = "too_short"  # too few words that tell: the mailbox's language
    UNCLEAR = "unclear"  # two languages fit about as well: the mailbox's language


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """A language, why, and how many words of each language were seen."""

    language: str
    reason: LanguageReason
    seen: tuple[tuple[Language, int], ...] = ()


def guess_language(text: str, *, default: str) -> LanguageGuess:
    """Guess the language of a text's first 4,000 characters, quoted lines left out.

    `default` is the mailbox's language, and is returned as it is.
    """
    own = "\n".join(
        line for line in text[:_MAX_TEXT].splitlines() if not line.lstrip().startswith(">")
    )
    words = _WORD.findall(own.lower())
    hits = {language: sum(map(table.__contains__, words)) for language, table in _WORDS.items()}
    order = sorted(hits, key=lambda language: hits[language], reverse=True)
    seen = tuple((language, hits[language]) for language in order)
    best, second = order[0], order[1]
    if hits[best] < _ENOUGH:
        return LanguageGuess(default, LanguageReason.TOO_SHORT, seen)
    # Related languages share half of their small words: a lead of a tenth of what was seen, and
    # of two words at the least.
    if hits[best] - hits[second] < max(2, hits[best] // 10):
        return LanguageGuess(default, LanguageReason.UNCLEAR, seen)
    return LanguageGuess(best, LanguageReason.WORDS, seen)
