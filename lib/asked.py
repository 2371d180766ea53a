"""What an address or a form names, read without trust."""

from __future__ import annotations

from datetime import date

# As many digits as any id can have: what is longer was not made by us.
_DIGITS = 18


def whole_number(text: str) -> int | None:
    """The number that the text is; None for anything else (such as "²", a digit to Python)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def day(text: str, *, first: date, last: date) -> date:
    """The day that the text is ("2026-11-22"), if it is one of these; else the last of them."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return last
    return found if first <= found <= last else last
