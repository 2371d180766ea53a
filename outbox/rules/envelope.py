"""The envelope sender by which a delivery report finds its letter, and the name we greet with."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_BOUNCE = re.compile(r"bounce\+([0-9a-f]{32})@", re.ASCII)


def envelope_sender(*, automatic: bool, token: str, domain: str) -> str:
    """Null for automatic letters (RFC 3834 3.3: nothing may answer them), else one per letter."""
    return "" if automatic else f"bounce+{token}@{domain}"


def token_of(address: str) -> str | None:
    """The letter's token in an envelope recipient, or None when it is not one of our own."""
    match = _BOUNCE.match(address.lower())
    return match.group(1) if match else None


def greeting_name(base_url: str) -> str:
    """What to say in EHLO (RFC 5321 4.1.4): the host of `base_url`, an address in brackets.

    Asking the machine (socket.getfqdn) can wait for a name server and gives odd answers in
    containers.
    """
    host = urlsplit(base_url).hostname or "localhost"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
