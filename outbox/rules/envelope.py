"""The envelope sender by which a delivery report finds its letter."""

from __future__ import annotations

import re

_BOUNCE = re.compile(r"bounce\+([0-9a-f]{32})@", re.ASCII)


def envelope_sender(*, automatic: bool, token: str, domain: str) -> str:
    """Null for automatic letters (RFC 3834 3.3: nothing may answer them), else one per letter."""
    return "" if automatic else f"bounce+{token}@{domain}"


def token_of(address: str) -> str | None:
    """The letter's token in an envelope recipient, or None when it is not one of our own."""
    match = _BOUNCE.match(address.lower())
    return match.group(1) if match else None
