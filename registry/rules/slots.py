"""Ready-made texts with slots: ((reference)) is filled from the case, ((reason)) is left to write.

Two parentheses, because one is common in letters. A slot that is still there when the letter is to
leave stops it: nobody gets a letter with a hole in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# What the case can fill in by itself. Never its title, nor the citizen's own subject line.
KNOWN = frozenset(
    {
        "reference",
        "party_name",
        "unit",
        "caseworker",
        "received_date",
        "answer_by",
        "today",
        "municipality",
        "phone",
        "central_address",
        "postal_address",
        "portal_address",
    }
)

_SLOT = re.compile(r"\(\(\s*(\w[\w -]{0,40}?)\s*\)\)")
_STRAY = re.compile(r"\(\(|\)\)")


def slots(text: str) -> tuple[str, ...]:
    """The names of the slots in the text, each once, in its order."""
    return tuple(dict.fromkeys(_SLOT.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with what is known filled in; a slot without a value stays as it is."""
    return _SLOT.sub(lambda found: values.get(found.group(1), "") or found.group(), text)


def stray(text: str) -> bool:
    """Whether double parentheses stand there that are no slot, such as one that was not closed."""
    return bool(_STRAY.search(_SLOT.sub("", text)))
