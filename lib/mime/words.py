"""Encoded words (RFC 2047) to text."""

from __future__ import annotations

import binascii
import re

from lib.mime import charsets

# Up to five stray question marks are accepted inside a word: bounded, so that matching is linear.
WORD = re.compile(
    r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,5})\?="
)
_FOLDS = re.compile(r"[\r\n]+")
_BASE64_JUNK = re.compile(rb"[^A-Za-z0-9+/]")


def unfold(value: str) -> str:
    """A header value on one line (RFC 5322, section 2.2.3): the line breaks go, the blanks stay."""
    return _FOLDS.sub("", value) if "\n" in value or "\r" in value else value


def decode_words(text: str) -> tuple[str, tuple[str, ...]]:
    """`text` with its encoded words decoded, and defect codes; linear in the length.

    Blanks between two words are no part of the text (RFC 2047, section 6.2). Neighbours of the
    same charset are joined as bytes before decoding, because many programs cut a multibyte
    character in two although section 5 forbids it.
    """
    if "=?" not in text:
        return text, ()
    out: list[str] = []
    defects: list[str] = []
    pending: list[bytes] = []
    charset = ""
    end = 0

    def flush() -> None:
        if pending:
            decoded, found = charsets.decode(b"".join(pending), charset)
            out.append(decoded)
            defects.extend(found)
            pending.clear()

    for match in WORD.finditer(text):
        between = text[end : match.start()]
        neighbour = bool(pending) and not between.strip(" \t")
        if not neighbour:
            flush()
            out.append(between)
        elif match[1].lower() != charset:
            flush()
        charset = match[1].lower()
        pending.append(_word_bytes(match[2], match[3]))
        end = match.end()
    flush()
    out.append(text[end:])
    return "".join(out), tuple(dict.fromkeys(defects))


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    raw = _BASE64_JUNK.sub(b"", raw)
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
