"""Which public body a misdirected mail seems to belong to, and the word that says so.

A proposal only: a person chooses, and the sender is told (fvl. § 11; eForvaltningsforskriften § 7;
FL 6 §).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# As many as there are keys for.
PROPOSED = 3
# What a mail is about stands near its beginning.
_MAX_TEXT = 20_000
_IN_SUBJECT = 3  # a word in the subject tells as much as three in the text


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A body, and the beginnings of words that its post is known by."""

    pk: int
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class ProposedBody:
    """A body that is proposed, and the word of the mail that it is proposed for."""

    pk: int
    word: str


def propose_bodies(*, subject: str, text: str, bodies: Iterable[KnownBody]) -> list[ProposedBody]:
    """The bodies that the mail's words point to, the best first; three at most.

    Each known word counts once in the subject and once in the text. What counts the same stands in
    the order given.
    """
    found: list[tuple[int, ProposedBody]] = []
    for body in bodies:
        score, word = 0, ""
        for stem in body.words:
            in_subject = _find(stem, subject)
            in_text = _find(stem, text[:_MAX_TEXT])
            score += _IN_SUBJECT * bool(in_subject) + bool(in_text)
            word = word or in_subject or in_text
        if score:
            found.append((score, ProposedBody(body.pk, word)))
    return [each for _, each in sorted(found, key=lambda pair: -pair[0])[:PROPOSED]]


def _find(stem: str, text: str) -> str:
    """The first word, or words, of the text that begin so; "" when there is none."""
    if not stem.strip():
        return ""
    match = re.search(rf"(?<!\w){re.escape(stem.strip())}\w{{0,40}}", text, re.IGNORECASE)
    return match.group() if match else ""
