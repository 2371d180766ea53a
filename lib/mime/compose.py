"""A letter as the bytes that leave (RFC 5322): what is given, and nothing else."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime

from lib.mime import addresses
from lib.mime.model import Address

_OWN = {
    "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding",
}  # fmt: skip
_LINE = 66  # characters of a line, beside the name of the field
_WORD_BYTES = 45  # before base64, so that a word has at most 75 characters
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,900}>")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,60}")


def compose(
    *,
    from_: Address,
    to: Sequence[Address],
    reply_to: Sequence[Address] = (),
    subject: str,
    text: str,
    html: str | None = None,
    message_id: str,
    date: datetime,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A mail with CRLF line ends that passes any server: ASCII, lines of at most 998 characters.

    `text` and `html` become alternatives of each other (RFC 2046, section 5.1.4). `date` is an
    aware instant. Raises ValueError for a control character in any header value, for an address
    that is not valid or not ASCII before its @, and for a header that is an argument here.
    """
    if not to:
        raise ValueError("a letter needs a recipient")
    if date.tzinfo is None:
        raise ValueError("the date has no time zone")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("not a message id")
    fields = {"From": _mailboxes([from_]), "To": _mailboxes(to)}
    if reply_to:
        fields["Reply-To"] = _mailboxes(reply_to)
    fields["Subject"] = _text(subject)
    fields["Date"] = format_datetime(date)
    fields["Message-ID"] = message_id
    for name, value in (headers or {}).items():
        if name.lower() in _OWN or not _FIELD_NAME.fullmatch(name):
            raise ValueError("not a header to be set here")
        fields[name] = _text(value)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return head.encode("ascii") + _content(text, html)


def new_message_id(domain: str) -> str:
    """An unguessable Message-ID in `domain` (RFC 5322, section 3.6.4), with angle brackets.

    Raises ValueError for what is no domain name.
    """
    return f"<{addresses.normalise(f'{secrets.token_hex(16)}@{domain}')}>"


def _content(text: str, html: str | None) -> bytes:
    """MIME headers and body."""
    if html is None:
        return b"MIME-Version: 1.0\r\n" + _part("plain", text)
    # "=_" stands in no quoted-printable line (RFC 2045, section 6.7): no need to look for it.
    boundary = f"=_{secrets.token_hex(16)}"
    line = b"\r\n--" + boundary.encode("ascii")
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
    return b"".join(
        [
            b"MIME-Version: 1.0\r\n" + kind.encode("ascii"),
            line + b"\r\n" + _part("plain", text),
            line + b"\r\n" + _part("html", html),
            line + b"--\r\n",
        ]
    )


def _part(subtype: str, text: str) -> bytes:
    """Headers and body of a text: quoted-printable, in lines of at most 76 characters.

    The standard library's EmailMessage does the same at a hundred times the cost.
    """
    if "\0" in text:
        raise ValueError("a NUL in the text")
    lines = text.encode("utf-8").splitlines()
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode("ascii") + b2a_qp(b"\r\n".join([*lines, b""]))


def _mailboxes(given: Sequence[Address]) -> str:
    return ",\r\n ".join(_mailbox(each) for each in given)


def _mailbox(address: Address) -> str:
    plain = addresses.normalise(address.address)
    if not plain.isascii():
        raise ValueError("the address needs SMTPUTF8, which not every server takes")
    name = _checked(address.name)
    if not name:
        return plain
    if name.isascii() and "=?" not in name and len(name) < _LINE:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{plain}>'
    return f"{_words(name)}\r\n <{plain}>"


def _text(value: str) -> str:
    """An unstructured header value (RFC 5322, section 2.2.1), folded."""
    longest = max(map(len, value.split(" ")))
    if not _checked(value).isascii() or "=?" in value or longest > 900:
        return _words(value)
    lines = [""]
    for number, word in enumerate(value.split(" ")):
        blank = " " if number else ""
        if word and lines[-1].strip() and len(lines[-1]) + len(word) > _LINE:
            lines.append(blank + word)
        else:
            lines[-1] += blank + word
    return "\r\n".join(lines)


def _words(value: str) -> str:
    """`value` as encoded words of whole characters (RFC 2047, sections 2 and 5).

    The standard library's own folding loses blanks between two words.
    """
    words: list[str] = []
    piece = b""
    for character in value:
        data = character.encode("utf-8")
        if len(piece) + len(data) > _WORD_BYTES:
            words.append(_word(piece))
            piece = b""
        piece += data
    return "\r\n ".join([*words, _word(piece)])


def _word(data: bytes) -> str:
    return f"=?utf-8?B?{b64encode(data).decode('ascii')}?="


def _checked(value: str) -> str:
    """`value`, unless it could end its header line or be unsendable."""
    if any(ord(each) < 32 or 127 <= ord(each) < 160 or each in "\u2028\u2029" for each in value):
        raise ValueError("a control character in a header")
    value.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError
    return value
