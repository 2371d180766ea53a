"""Content-Transfer-Encoding undone (RFC 2045, section 6), keeping what can be kept."""

from __future__ import annotations

import binascii
import re

_OUTSIDE = re.compile(rb"[^A-Za-z0-9+/]")
_PIECE = re.compile(rb"[^=]+=*")
_MAX_PIECES = 100_000
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")


def decode(raw: bytes | memoryview, encoding: str) -> tuple[bytes | memoryview, tuple[str, ...]]:
    """Decoded bytes of a body, and defect codes; never raises.

    An unknown encoding (x-uuencode, x-gzip64) is left as it is: unpacking inside the mail layer
    is how bombs get in, and the bytes stay available as received.
    """
    if encoding == "base64":
        return _base64(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw), ()
    if encoding in {"7bit", "8bit", "binary"}:
        return raw, ()
    return raw, ("encoding_unknown",)


def _base64(raw: bytes | memoryview) -> tuple[bytes, tuple[str, ...]]:
    data = bytes(raw)
    pad = data.find(b"=")
    if pad < 0 or not data[pad:].strip(b"=\r\n\t "):
        return _unpadded(data)
    # Padding in the middle: base64 pieces put one after the other, or a footer that a mailing
    # list added in clear. Pieces are decoded; a footer is no base64 and is reported.
    out: list[bytes] = []
    defects = {"base64_in_pieces"}
    for piece in _PIECE.finditer(data):
        if out and _NOT_BASE64.search(piece[0]):
            defects.add("base64_followed_by_text")
            break
        if len(out) == _MAX_PIECES:
            defects.add("base64_truncated")
            break
        decoded, found = _unpadded(piece[0])
        defects.update(found)
        out.append(decoded)
    return b"".join(out), tuple(sorted(defects))


def _unpadded(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """One piece of base64; a missing or wrong end is mended. Characters outside are skipped."""
    try:
        return binascii.a2b_base64(data), ()
    except binascii.Error:
        pass
    kept = _OUTSIDE.sub(b"", data)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4)), ("base64_bad_end",)
