"""Bytes to text when the label may be missing, unknown or wrong."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Labels that stand for a larger set in practice (WHATWG Encoding Standard, section 4.2, and
# RFC 1557 for the Korean ones): the larger set reads everything the smaller one does.
_SUPERSETS = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "iso2022_jp": "iso2022_jp_2",
}
_ALIASES = {
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ks_c_5601": "cp949",
    "x-sjis": "cp932",
    "x-windows-949": "cp949",
    "x-gbk": "gb18030",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-8-i": "iso8859-8",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
}
# Only character sets: Python also calls zip, rot13, idna and unicode_escape "codecs", and some
# of those are quadratic or run on attacker's terms.
_CHARACTER_SET = re.compile(
    r"ascii|utf-(?:7|8|8-sig|16|32)(?:-[bl]e)?|iso8859-\d+|cp\d+|koi8-[rtu]|mac[-_]\w+|big5\w*"
    r"|gb\w+|hz|euc_\w+|iso2022_\w+|shift_jis\w*|johab|tis-620|ptcp154|kz1048"
)
_MULTIBYTE = re.compile(r"utf-8|cp9\d\d|gb18030|big5\w*|euc_\w+|shift_jis\w*|johab|iso2022_\w+")
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_JIS_RUN = re.compile(rb"\x1b\$[@B]([\x21-\x7e]*)(?:\x1b\([BJ])?")
_NOT_PLAIN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@lru_cache(maxsize=512)
def codec_for(label: str | None) -> str | None:
    """Name of the Python codec that a charset label means, or None when no codec is known."""
    if not label:
        return None
    label = label.strip(" \t\"'").lower()
    label = _ALIASES.get(label, label)
    if not label or len(label) > 40 or not label.isascii():
        return None
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if not _CHARACTER_SET.fullmatch(name):
        return None
    return _SUPERSETS.get(name, name)


def decode(data: bytes | memoryview, label: str | None) -> tuple[str, tuple[str, ...]]:
    """Text of `data`, and defect codes; never raises.

    Tried in turn: the declared charset, UTF-8 strictly, windows-1252, latin-1 (which reads
    anything). A multibyte text with a stray byte keeps its declared charset: one broken
    character must not turn a whole letter into mojibake.
    """
    raw = bytes(data)
    defects: list[str] = []
    codec = codec_for(label)
    if label and codec is None:
        defects.append("charset_unknown")
    if codec == "utf-7":
        defects.append("charset_utf7")
    if codec is not None:
        try:
            return scrub(raw.decode(codec)), tuple(defects)
        except (UnicodeError, ValueError):
            defects.append("charset_wrong")
        if codec == "iso2022_jp_2" and b"\x1b$" in raw:
            return scrub(_vendor_japanese(raw)), (*defects, "charset_replaced")
    try:
        return scrub(raw.decode("utf-8")), tuple(defects)
    except UnicodeDecodeError:
        pass
    for mostly in (codec, "utf-8"):
        if mostly is not None and _MULTIBYTE.fullmatch(mostly):
            text = raw.decode(mostly, "replace")
            if _mostly_right(text):
                return scrub(text), (*defects, "charset_replaced")
    if not label:
        defects.append("charset_guessed")
    try:
        return scrub(raw.decode("cp1252")), tuple(defects)
    except UnicodeDecodeError:
        return scrub(raw.decode("latin-1")), tuple(defects)


def _vendor_japanese(raw: bytes) -> str:
    """ISO-2022-JP with the characters that Windows adds to it (a circled one, for example).

    Each run of JIS X 0208 byte pairs is moved to Shift JIS, whose Windows codec knows them.
    """
    out: list[str] = []
    for position, run in enumerate(_JIS_RUN.split(raw)):
        if position % 2 == 0:
            out.append(run.decode("ascii", "replace"))
            continue
        moved = bytearray()
        for first, second in zip(run[::2], run[1::2], strict=False):
            lead = ((first - 0x21) >> 1) + 0x81
            trail = second + (0x7E if first % 2 == 0 else 0x20 if second >= 0x60 else 0x1F)
            moved += bytes([lead + (0x40 if lead > 0x9F else 0), trail])
        out.append(moved.decode("cp932", "replace"))
    return "".join(out)


def _mostly_right(text: str) -> bool:
    """True when at least three multibyte characters were read for every one that wasn't."""
    wrong = text.count("\ufffd")
    beyond_ascii = len(text.encode("utf-8", "surrogatepass")) - len(text)
    # A character beyond ASCII is at least one byte longer in UTF-8; U+FFFD itself is two longer.
    return (beyond_ascii - 2 * wrong) >= 6 * wrong


def decode_raw_header(text: str) -> tuple[str, tuple[str, ...]]:
    """A header as the standard library keeps it (bytes as surrogates) to text.

    Raw 8-bit headers are UTF-8 (RFC 6532) or, from old programs, windows-1252; a raw
    escape sequence means ISO-2022-JP.
    """
    if text.isascii() and "\x1b$" not in text:
        return text, ()
    raw = text.encode("utf-8", "surrogateescape")
    decoded, _ = decode(raw, "iso-2022-jp" if "\x1b$" in text else None)
    return decoded, ("raw_8bit_header",)


def scrub(text: str) -> str:
    """`text` without NUL and lone surrogates, which PostgreSQL refuses in a text column."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _LONE_SURROGATES.sub("\ufffd", text)
    return text


def one_line(text: str) -> tuple[str, tuple[str, ...]]:
    """`text` as a single line without control characters, and defect codes.

    A CR or LF that was encoded inside a header must not start a new header, or a new line of a
    log, in anything made from it. Marks that turn the direction of writing hide file types.
    """
    defects = []
    cleaned = scrub(text)
    if _BIDI.search(cleaned):
        cleaned = _BIDI.sub("", cleaned)
        defects.append("direction_mark_removed")
    if _NOT_PLAIN.search(cleaned.replace("\t", " ")):
        defects.append("control_in_header")
    cleaned = _NOT_PLAIN.sub(" ", cleaned).strip()
    return cleaned, tuple(defects)
