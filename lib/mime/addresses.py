"""Addresses as RFC 5322 writes them, read strictly: beyond doubt, or not at all.

One reading for showing, matching and sending. Where two programs could read different addresses
out of the same text, the entry has the address "" and its text as the name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lib.mime import charsets, words
from lib.mime.model import Address

_MAX_CHARS = 65_536
_MAX_COMMENTS = 10  # inside each other
_WORD = words.WORD
_BLANK = re.compile(r"[ \t]+")
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_ATOM = re.compile(r"[^\s()<>@,;:\\\".\[\]\x00-\x1f\x7f]+")
_COMMENT_END = re.compile(r"\\.|[()]")
_UNQUOTE = re.compile(r"\\(.)")
_LOCAL = re.compile(
    r"[^\s()<>@,;:\\\".\[\]\x00-\x20\x7f-\xa0]+(?:\.[^\s()<>@,;:\\\".\[\]\x00-\x20\x7f-\xa0]+)*"
)
_ATOM_SIGNS = frozenset("!#$%&'*+/=?^_`{|}~.-")
_LABEL = re.compile(r"(?![-])[\w-]{1,63}(?<!-)")
# Mapped away by IDNA 2003 and kept by IDNA 2008 (RFC 5894, section 7.2): two different domains.
_DEVIATING = re.compile("[\u00df\u03c2\u200c\u200d_]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPECIALS = frozenset("<>@,;:.[]")
_PHRASE = {"blank", "word", "quoted", "atom", "comment", ".", "[", "]"}

Token = tuple[str, str]  # kind, text


def parse_addresses(header_text: str, limit: int) -> list[Address]:
    """At most `limit` addresses of an address field (RFC 5322, section 3.4), in order.

    `header_text` is the field with its encoded words still encoded: an encoded comma or angle
    bracket is part of a name. Groups give their members; an empty group gives none. An entry
    that is not exactly one address beyond doubt (CVE-2023-27043, text after the bracket, an
    unclosed quote) is `Address(text, "")`. Never raises; linear in the length.
    """
    text = words.unfold(header_text)[:_MAX_CHARS]
    found: list[Address] = []
    entry: list[Token] = []
    group_start: int | None = None
    angle = False
    for kind, token in _tokens(text):
        if kind == "broken":
            return [*found, Address(_name(text), "")][:limit]
        if kind in {",", ";"} and not angle:
            _finish(entry, found)
            entry = []
            if kind == ";":
                group_start = None
            if len(found) >= limit:
                return found[:limit]
        elif kind == ":" and not angle and group_start is None and _is_phrase(entry):
            group_start = len(found)
            entry = []
        else:
            angle = kind == "<" or (angle and kind != ">")
            entry.append((kind, token))
    _finish(entry, found)
    if group_start is not None:
        found[group_start:] = [Address(_name(text), "")]
    return found[:limit]


def is_valid_address(address: str) -> bool:
    """True for `local@domain` that can be written to: nothing quoted, no control characters, no
    blanks, at most 254 characters (RFC 5321, section 4.5.3.1.3), a domain name and no literal."""
    if len(address) > 254 or address.count("@") != 1:
        return False
    local, _, domain = address.partition("@")
    if len(local.encode("utf-8", "replace")) > 64 or not _LOCAL.fullmatch(local):
        return False
    if _SURROGATE.search(address):
        return False
    if charsets.one_line(address)[0] != address or local.startswith("=?"):
        return False
    return _ascii_domain(domain) is not None


def is_public_address(address: str) -> bool:
    """True for a valid address that mail from here may go to, whoever wrote it: of a domain with a
    dot, so that nothing is sent to `root@localhost`, and of letters (RFC 6531), digits and the
    signs of an atom (RFC 5322, section 3.2.3) before the @."""
    local, _, domain = address.partition("@")
    return (
        is_valid_address(address)
        and "." in domain
        and all(character.isalnum() or character in _ATOM_SIGNS for character in local)
    )


def normalise(address: str) -> str:
    """`address` with its domain in lower case and ASCII (IDNA), for matching and sending.

    The part before @ is left alone: only the receiving server knows whether its case matters
    (RFC 5321, section 2.4). Raises ValueError for what `is_valid_address` refuses.
    """
    if not is_valid_address(address):
        raise ValueError("not an address")
    local, _, domain = address.partition("@")
    return f"{local}@{_ascii_domain(domain)}"


@lru_cache(maxsize=1_024)
def _ascii_domain(domain: str) -> str | None:
    labels = domain.lower().split(".")
    if not domain or _DEVIATING.search(domain) or not all(map(_LABEL.fullmatch, labels)):
        return None
    try:
        plain = ".".join(label.encode("idna").decode("ascii") for label in labels).lower()
    except UnicodeError:
        return None
    return plain if all(map(_LABEL.fullmatch, plain.split("."))) else None


def _tokens(text: str) -> list[Token]:
    """Tokens of the field; the last is ("broken", "") where a quote or comment does not end."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character == "(":
            end = _comment(text, at)
            if end is None:
                return [("broken", "")]
            tokens.append(("comment", text[at + 1 : end - 1]))
            at = end
            continue
        if character in _SPECIALS:
            tokens.append((character, character))
            at += 1
            continue
        for kind, pattern in _KINDS:
            match = pattern.match(text, at)
            if match is not None:
                tokens.append((kind, match[0]))
                at = match.end()
                break
        else:
            if character == '"':
                return [("broken", "")]
            tokens.append((character, character))
            at += 1
    return tokens


_KINDS = (("blank", _BLANK), ("word", _WORD), ("atom", _ATOM), ("quoted", _QUOTED))


def _comment(text: str, at: int) -> int | None:
    """Position after the comment that starts at `at`; None if it doesn't end, or is absurd."""
    depth = 0
    for match in _COMMENT_END.finditer(text, at):
        if match[0] == "(":
            depth += 1
            if depth > _MAX_COMMENTS:
                return None
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return match.end()
    return None


def _finish(entry: list[Token], found: list[Address]) -> None:
    if any(kind != "blank" for kind, _ in entry):
        found.append(_mailbox(entry))


def _mailbox(entry: list[Token]) -> Address:
    """The one address of `entry`, or its text with the address ""."""
    kinds = [kind for kind, _ in entry]
    unverifiable = Address(_display(entry), "")
    if "<" not in kinds:
        bare = _strip([token for token in entry if token[0] != "comment"])
        comments = [("atom", text) for kind, text in entry if kind == "comment"]
        if "comment" in [kind for kind, _ in _strip_all(entry)]:
            return unverifiable  # a comment in the middle of an address
        address = _addr_spec(bare)
        return Address(_display(comments), address) if address else unverifiable
    opening = kinds.index("<")
    if ">" not in kinds[opening:]:
        return unverifiable
    closing = kinds.index(">", opening)
    phrase, inside, after = entry[:opening], entry[opening + 1 : closing], entry[closing + 1 :]
    address = _addr_spec(_strip(inside))
    if not address or any(kind not in {"blank", "comment"} for kind, _ in after):
        return unverifiable
    if not _is_phrase(phrase) and _join(phrase).casefold() != address.casefold():
        return unverifiable  # a second address in clear before the bracket
    name = _display([token for token in phrase if token[0] != "comment"])
    return Address(name, address)


def _addr_spec(tokens: list[Token]) -> str:
    """`local@domain` of the tokens, or "". No blanks, comments or encoded words inside."""
    if len(tokens) > 250 or any(kind not in {"atom", "quoted", ".", "@"} for kind, _ in tokens):
        return ""
    if any(kind == "quoted" for kind, _ in tokens[1:]):
        return ""
    address = "".join(
        _UNQUOTE.sub(r"\1", text[1:-1]) if kind == "quoted" else text for kind, text in tokens
    )
    return address if is_valid_address(address) else ""


def _is_phrase(tokens: list[Token]) -> bool:
    return all(kind in _PHRASE for kind, _ in tokens)


def _strip(tokens: list[Token]) -> list[Token]:
    start, end = 0, len(tokens)
    while start < end and tokens[start][0] == "blank":
        start += 1
    while end > start and tokens[end - 1][0] == "blank":
        end -= 1
    return tokens[start:end]


def _strip_all(tokens: list[Token]) -> list[Token]:
    """Without blanks and comments at both ends."""
    start, end = 0, len(tokens)
    while start < end and tokens[start][0] in {"blank", "comment"}:
        start += 1
    while end > start and tokens[end - 1][0] in {"blank", "comment"}:
        end -= 1
    return tokens[start:end]


def _join(tokens: list[Token]) -> str:
    return "".join(text for _, text in tokens).strip()


def _display(tokens: list[Token]) -> str:
    """Text of the tokens for people: quotes gone, encoded words decoded, on one line."""
    return _name(
        "".join(
            _UNQUOTE.sub(r"\1", text[1:-1]) if kind == "quoted" else text for kind, text in tokens
        )
    )


def _name(text: str) -> str:
    return charsets.one_line(words.decode_words(text.strip())[0])[0][:500]
