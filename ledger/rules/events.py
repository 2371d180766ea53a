"""What an event may hold: ids, hashes and codes, never personal content."""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_TEXT = 200  # characters in any one value

_VERB = re.compile(r"[a-z_]+\.[a-z_]+", re.ASCII)
# "message:17", "mailbox:3", "system:receiver": a kind and the id within it.
_REFERENCE = re.compile(r"[a-z_]+:[^\s@]+")
_CODE = re.compile(r"[\w.:/-]*", re.ASCII)


def check_event(
    *, verb: str, subject: str, by: str, reason: str, data: Mapping[str, object]
) -> None:
    """Raise ValueError for what must not enter the ledger, naming the field but not its value.

    The ledger outlives the post it speaks of and can't be corrected, so an address or a sentence
    that slipped in would stay for ever. This is a cheap net, not a proof: callers pass ids.
    """
    _check_text("verb", verb, _VERB)
    _check_text("subject", subject, _REFERENCE)
    _check_text("by", by, _REFERENCE)
    _check_text("reason", reason, _CODE)
    for key, value in data.items():
        for item in value if isinstance(value, list) else [value]:
            _check_value(key, item)


def _check_text(field: str, text: str, shape: re.Pattern[str]) -> None:
    if len(text) > MAX_TEXT or not shape.fullmatch(text):
        raise ValueError(f"ledger: {field} is no reference or code")


def _check_value(key: str, value: object) -> None:
    if value is None or isinstance(value, bool | int):
        return
    if not isinstance(value, str):
        raise ValueError(f"ledger: {key} is a {type(value).__name__}")
    if len(value) > MAX_TEXT:
        raise ValueError(f"ledger: {key} is longer than {MAX_TEXT} characters")
    if "@" in value:
        raise ValueError(f"ledger: {key} looks like an address")
    if "\0" in value:
        raise ValueError(f"ledger: {key} holds NUL, which the database can't keep")
