"""Whether a mail may be sent on to another body by e-mail.

S2: sensitive mail is neither forwarded nor answered by e-mail. What is sensitive in a text or would
be so in a title is found by `find_sensitive`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from lib.sensitive import MAX_TEXT, Finding, Sensitive, find_sensitive

__all__ = [
    "SETTLED_BY_READING",
    "Finding",
    "NotForwarded",
    "Sensitive",
    "find_sensitive",
    "why_not_forwarded",
]


class NotForwarded(StrEnum):
    """Why a mail is not sent on by e-mail."""

    HELD = "held"  # nobody could read it
    ENCRYPTED = "encrypted"
    SENSITIVE = "sensitive"  # S2: sensitive mail is never forwarded
    TOO_LONG = "too_long"  # more text than is looked through
    TOO_LARGE = "too_large"  # more than mail systems take
    UNREAD_ATTACHMENTS = "unread_attachments"  # a person must have read them
    NO_ADDRESS = "no_address"  # the right body has no address for e-mail


# What a person can settle by having looked; the rest stands whatever anyone says.
SETTLED_BY_READING = frozenset({NotForwarded.UNREAD_ATTACHMENTS})

_ENCRYPTED = frozenset(
    {
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "multipart/encrypted",
        "application/pgp-encrypted",
        "application/pgp",
    }
)
_MAX_FORWARDED = 10_000_000  # bytes; with base64 a third more, and many servers stop at 20 MB


def why_not_forwarded(
    *,
    is_held: bool,
    texts: Sequence[str],
    attachment_types: Sequence[str],
    size: int,
    has_address: bool,
) -> NotForwarded | None:
    """Ask whether a mail may be sent on to another body: None means yes.

    Norway: a written inquiry to the wrong authority should as a rule be sent on
    (forvaltningslovforskriften § 4); Sweden: as service (FL 6 §). Neither overrides secrecy
    (fvl. § 13; OSL) nor S2. What cannot be looked through is not sent: no by default.
    `texts` are subject, text, names and file names; `attachment_types` their types, by content and
    as declared; `has_address` says that the body takes e-mail.
    """
    if is_held:
        return NotForwarded.HELD
    if _ENCRYPTED & {each.lower() for each in attachment_types} or any(
        "-----BEGIN PGP MESSAGE-----" in text for text in texts
    ):
        return NotForwarded.ENCRYPTED
    if any(find_sensitive(text) for text in texts):
        return NotForwarded.SENSITIVE
    if any(len(text) > MAX_TEXT for text in texts):
        return NotForwarded.TOO_LONG
    if size > _MAX_FORWARDED:
        return NotForwarded.TOO_LARGE
    if not has_address:
        return NotForwarded.NO_ADDRESS
    return NotForwarded.UNREAD_ATTACHMENTS if attachment_types else None
