"""Content-Type and Content-Disposition: a value and its parameters (RFC 2045, 2183, 2231)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from lib.mime import charsets, words

_MAX_PIECES = 200
_MAX_CHARS = 32_768
_VALUE = re.compile(r"[^\s;]*")
_BETWEEN = re.compile(r"[\s;]*")
_NAME = re.compile(r"([^\s=;\"]+)\s*=\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|$)', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_BARE = re.compile(r"[^;\s]*")
_BARE_NAME = re.compile(r"[^;]*")  # a file name with blanks and no quotes is common
_SKIP = re.compile(r"[^;\s]*")
_PIECE = re.compile(r"([^*]+)(?:\*(\d{1,6}))?(\*)?")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")


@dataclass(frozen=True)
class Field:
    """A structured header: its leading value in lower case, its parameters, its defects."""

    value: str
    params: dict[str, str] = field(default_factory=dict)
    defects: tuple[str, ...] = ()


def content_type(value: str | None, default: str = "text/plain") -> Field:
    """Content-Type; anything that is no type at all is read as `default` (RFC 2045, 5.2)."""
    if value is None:
        return Field(default)
    parsed = parse_field(value)
    if _TYPE.fullmatch(parsed.value):
        return parsed
    kind = "text/plain" if parsed.value == "text" else default
    return Field(kind, parsed.params, (*parsed.defects, "content_type_invalid"))


def parse_field(value: str) -> Field:
    """Read a header of the form `value; name=value …`; never raises, linear in the length.

    A blank or TAB instead of ';' before a parameter is accepted. Pieces (name*0, name*1*) are
    put together before their percent signs and charset are decoded (RFC 2231, section 3 and 4);
    encoded words inside a value, which RFC 2047 forbids and everybody sends, are decoded too.
    """
    text = words.unfold(value)
    defects: list[str] = []
    if len(text) > _MAX_CHARS:
        text = text[:_MAX_CHARS]
        defects.append("parameter_truncated")
    text, raw_defects = charsets.decode_raw_header(text)
    defects.extend(raw_defects)
    text = text.lstrip()
    head = _VALUE.match(text)
    start = head.end() if head else 0
    pieces = _pieces(text, start)
    if len(pieces) > _MAX_PIECES:
        pieces = pieces[:_MAX_PIECES]
        defects.append("parameter_truncated")
    params = _join(pieces, defects)
    return Field(text[:start].lower(), params, tuple(dict.fromkeys(defects)))


def _pieces(text: str, at: int) -> list[tuple[str, str]]:
    """(name as written, value) of up to one more than the allowed number of parameters."""
    found: list[tuple[str, str]] = []
    while at < len(text) and len(found) <= _MAX_PIECES:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        name = _NAME.match(text, at)
        if name is None:
            skipped = _SKIP.match(text, at)
            at = max(skipped.end() if skipped else at, at) + 1
            continue
        at = name.end()
        quoted = _QUOTED.match(text, at)
        if quoted is not None:
            found.append((name[1].lower(), _ESCAPED.sub(r"\1", quoted[1])))
            at = quoted.end()
            continue
        loose = _BARE_NAME if name[1].lower() in {"name", "filename"} else _BARE
        bare = loose.match(text, at)
        found.append((name[1].lower(), bare[0].strip() if bare else ""))
        at = bare.end() if bare else at + 1
    return found


def _join(pieces: list[tuple[str, str]], defects: list[str]) -> dict[str, str]:
    plain: dict[str, str] = {}
    parts: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, value in pieces:
        match = _PIECE.fullmatch(name)
        if match is None or (match[2] is None and match[3] is None):
            if name in plain:
                defects.append("parameter_twice")
            plain.setdefault(name, value)
        else:
            numbered = parts.setdefault(match[1], {})
            numbered.setdefault(int(match[2] or 0), (value, match[3] is not None))
    out: dict[str, str] = {}
    for name, value in plain.items():
        decoded, found = words.decode_words(value)
        defects.extend(found)
        out[name] = decoded
    for name, numbered in parts.items():
        # The extended form wins over the plain one beside it (RFC 6266, section 4.3).
        out[name] = _extended([numbered[number] for number in sorted(numbered)], defects)
    return out


def _extended(pieces: list[tuple[str, bool]], defects: list[str]) -> str:
    charset: str | None = None
    first, encoded = pieces[0]
    if encoded and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
        pieces = [(first, True), *pieces[1:]]
    data = b"".join(
        unquote_to_bytes(value) if is_encoded else value.encode("utf-8", "surrogateescape")
        for value, is_encoded in pieces
    )
    text, found = charsets.decode(data, charset)
    defects.extend(found)
    if charset is None:
        text, found = words.decode_words(text)
        defects.extend(found)
    return text
