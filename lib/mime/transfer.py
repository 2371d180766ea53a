"""Content-Transfer-Encoding undone (RFC 2045, section 6), keeping what can be kept."""

from __future__ import annotations

import binascii
import re

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
        return _unpadded(data, ())
    # Padding in the middle: base64 pieces put one after the other, or a footer that a mailing
    # list added in clear. Pieces are decoded; a footer is no base64 and is reported.
    out: list[bytes] = []
    defects: tuple[str, ...] = ("base64_in_pieces",)
    for piece in re.findall(rb"[^=]+=*", data):
        if out and _NOT_BASE64.search(piece):
            defects = (*defects, "base64_followed_by_text")
            break
        decoded, defects = _unpadded(piece, defects)
        out.append(decoded)
    return b"".join(out), tuple(dict.fromkeys(defects))


def _unpadded(data: bytes, defects: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
    """One piece of base64; a missing or wrong end is mended. Characters outside are skipped."""
    try:
        return binascii.a2b_base64(data), defects
    except binascii.Error:
        pass
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4)), (*defects, "base64_bad_end")
