"""What the subject of a letter may say: it travels in the open and is read over shoulders."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

from lib.sensitive import find_sensitive

MAX_HEADING = 120

# What stands there until the person writes something else: true of every answer, tells nothing.
# The number of the case follows it in the letter.
USUAL = {
    "nb": "Svar på henvendelsen din",
    "nn": "Svar på førespurnaden din",
    "sv": "Svar på ditt ärende",
    "en": "Answer to your inquiry",
}

_COPIED = re.compile(r"\s*(?:re|sv|vs|vb|fw|fwd|ang)\s*:", re.IGNORECASE)


class HeadingProblem(StrEnum):
    """Why a subject cannot stand."""

    MISSING = "heading_missing"
    TOO_LONG = "heading_too_long"
    COPIED = "heading_copied"  # a mail's own subject, or a title that not everyone may read
    NAMES_SOMEBODY = "heading_names_somebody"
    SENSITIVE = "heading_sensitive"


def heading_problem(
    heading: str, *, protected: Collection[str], names: Collection[str]
) -> HeadingProblem | None:
    """Return why the subject cannot be sent, or None.

    `protected` are titles that not everyone may read, `names` those of private persons who are
    parties. Nothing sensitive in a mail's subject, and never the incoming one unseen: it is the
    citizen's, and came without thought of who reads it (fvl. § 13, GDPR art. 32; Norsjö kommuns
    riktlinjer för e-post).
    """
    plain = _plain(heading)
    if not plain:
        return HeadingProblem.MISSING
    if len(heading) > MAX_HEADING:
        return HeadingProblem.TOO_LONG
    titles = [title for title in map(_plain, protected) if len(title) > 3]
    if _COPIED.match(heading) or any(title in plain for title in titles):
        return HeadingProblem.COPIED
    if find_sensitive(heading):
        return HeadingProblem.SENSITIVE
    words = re.findall(r"\w[\w-]+", plain)
    surnames = {parts[-1] for parts in (_plain(name).split() for name in names) if parts}
    if any(len(surname) > 2 and surname in words for surname in surnames):
        return HeadingProblem.NAMES_SOMEBODY
    return None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
