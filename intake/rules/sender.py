"""What a sender has left out.

A municipality may say in its rules that mail without name and address is left unhandled. Screening
only tells what seems to be missing, so that a person can ask for it with one click; receipt time
stays. An access request is never asked for either: it may be anonymous (offl. § 3; TF 2 kap. 18 §,
unverified numbering).
"""

from __future__ import annotations

import re
from enum import StrEnum

# A closing and a postal address stand near the end, but quoted mail may follow.
_MAX_TEXT = 20_000
_MAX_LINES = 400
_MAX_LINE = 100

_CLOSINGS = (
    "hilsen",
    "hilsning",
    "helsing",
    "mvh",
    "hälsning",
    "vänligen",
    "regards",
    "sincerely",
)
# Norwegian 4-digit and Swedish 3+2-digit postal codes before a place name in letters.
_POSTAL = re.compile(r"(?:^|[\s,])(?:(?:NO|N)-?)?[0-9]{4} {1,3}[A-ZÆØÅÁ][^\W\d_]{1,30}")
_POSTAL_SE = re.compile(r"(?:^|[\s,])(?:(?:SE|S)-?)?[0-9]{3} ?[0-9]{2} {1,3}[A-ZÅÄÖ][^\W\d_]{1,30}")
_YEAR_BEFORE_MONTH = re.compile(
    r"[0-9]{4} {1,3}(?:jan|feb|mar|apr|ma[ijy]|jun|jul|aug|sep|o[ck]t|nov|de[cs])", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*\.?")


class Missing(StrEnum):
    """What a sender has left out."""

    NAME = "name"  # neither as display name nor under a closing
    POSTAL_ADDRESS = "postal_address"  # no line with postal code and place
    EMAIL_ADDRESS = "email_address"  # From holds no address: nobody can be asked


def missing_from_sender(
    name: str, address: str, text: str, *, is_access_request: bool = False
) -> tuple[Missing, ...]:
    """Return what seems to be missing; empty for an access request, whatever it lacks.

    `name` and `address` are the display name and e-mail address of From, `text` the plain text of
    the body. A name is two words or more that begin with a capital.
    """
    if is_access_request:
        return ()
    lines = _own_lines(text)
    missing = []
    if not (_is_name(name) and "@" not in name) and not _name_under_closing(lines):
        missing.append(Missing.NAME)
    if not any(_has_postal_code(line) for line in lines):
        missing.append(Missing.POSTAL_ADDRESS)
    if "@" not in address:
        missing.append(Missing.EMAIL_ADDRESS)
    return tuple(missing)


def _own_lines(text: str) -> list[str]:
    """Lines of the sender's own, without quoted ones."""
    lines = [line.strip()[:_MAX_LINE] for line in text[:_MAX_TEXT].splitlines()[:_MAX_LINES]]
    return [line for line in lines if line and not line.startswith((">", "|"))]


def _is_name(text: str) -> bool:
    words = text.strip().strip("\"'").replace(",", " ").split()
    if not 2 <= len(words) <= 6:
        return False
    capitals = [word for word in words if word[0].isupper()]
    return len(capitals) >= 2 and all(_WORD.fullmatch(word) for word in words)


def _name_under_closing(lines: list[str]) -> bool:
    for i, line in enumerate(lines):
        lowered = line.lower()
        closing = next((word for word in _CLOSINGS if word in lowered), None)
        # A closing is a short line of its own, with the name after it or on one of the next two.
        if closing is None or len(line) > 60:
            continue
        at = lowered.index(closing) + len(closing)
        # "hilsen", "helsingar", "hälsningar": the ending goes with the closing.
        after = line[at:].lstrip("arens").lstrip(" ,.!:/-")
        if _is_name(after) or any(_is_name(following) for following in lines[i + 1 : i + 3]):
            return True
    return False


def _has_postal_code(line: str) -> bool:
    found = _POSTAL.search(line) or _POSTAL_SE.search(line)
    return found is not None and not _YEAR_BEFORE_MONTH.search(line)
