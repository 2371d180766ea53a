"""What an address or a form names, read without trust."""

from __future__ import annotations

# As many digits as any id can have: what is longer was not made by us.
_DIGITS = 18


def whole_number(text: str) -> int | None:
    """The number that the text is; None for anything else (such as "²", a digit to Python)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
