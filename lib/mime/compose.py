"""A letter as the bytes that leave (RFC 5322): what is given, and nothing else."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from lib.mime import addresses
from lib.mime.model import Address

_OWN = {
    "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding",
}  # fmt: skip
_LINE = 66  # characters of a line, beside the name of the field
_WORD_BYTES = 45  # before base64, so that a word has at most 75 characters
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,900}>")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,60}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_BARE_CR = re.compile(rb"\r(?!\n)")
_LINE_BYTES = 998  # RFC 5322, section 2.1.1
_NAME_CHARS = 120


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that goes with a letter, under a name of our own choice."""

    filename: str
    media_type: str
    content: bytes


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
    files: Sequence[AttachedFile] = (),
) -> bytes:
    """A mail with CRLF line ends that passes any server: ASCII, lines of at most 998 characters.

    `text` and `html` become alternatives of each other (RFC 2046, section 5.1.4), `files` follow
    them as attachments. `date` is an aware instant. Raises ValueError for a control character in
    any header value or file name, for an address that is not valid or not ASCII before its @, for
    a header that is an argument here, and for what is no media type.
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
    content = _content(text, html)
    if files:
        content = _mixed([content, *map(_attachment, files)])
    return head.encode("ascii") + b"MIME-Version: 1.0\r\n" + content


def new_message_id(domain: str) -> str:
    """An unguessable Message-ID in `domain` (RFC 5322, section 3.6.4), with angle brackets.

    Raises ValueError for what is no domain name.
    """
    return f"<{addresses.normalise(f'{secrets.token_hex(16)}@{domain}')}>"


def _content(text: str, html: str | None) -> bytes:
    """MIME headers and body of the letter itself."""
    if html is None:
        return _part("plain", text)
    return _multipart("alternative", [_part("plain", text), _part("html", html)])


def _mixed(parts: Sequence[bytes]) -> bytes:
    return _multipart("mixed", parts)


def _multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    # "=_" stands in no quoted-printable line (RFC 2045, section 6.7), and 128 bits drawn at random
    # in nothing that was written before: no need to look for it.
    boundary = f"=_{secrets.token_hex(16)}"
    line = b"\r\n--" + boundary.encode("ascii")
    kind = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n'
    inside = b"".join(line + b"\r\n" + part for part in parts)
    return kind.encode("ascii") + inside + line + b"--\r\n"


def _attachment(file: AttachedFile) -> bytes:
    """Headers and content of a file, always as an attachment.

    An attached mail may not be encoded (RFC 2046, section 5.2.1). One that needs it, because it is
    not ASCII in short lines, goes as a file of unnamed type, so that no byte of it is changed.
    """
    if not _MEDIA_TYPE.fullmatch(file.media_type):
        raise ValueError("not a media type")
    media_type, encoding, content = file.media_type, "base64", b""
    if media_type.startswith(("message/", "multipart/")):
        if _is_plain(file.content):
            encoding = "7bit"
            content = b"\r\n".join(file.content.split(b"\r\n" if b"\r" in file.content else b"\n"))
        else:
            media_type = "application/octet-stream"
    if encoding == "base64":
        content = encodebytes(file.content).replace(b"\n", b"\r\n")
    head = (
        f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"Content-Disposition: attachment;\r\n {_filename(file.filename)}\r\n\r\n"
    )
    return head.encode("ascii") + content


def _is_plain(content: bytes) -> bool:
    """Whether a mail can travel as it is: ASCII in lines of one kind, none of them too long."""
    if not content.isascii() or b"\0" in content or _BARE_CR.search(content):
        return False
    if b"\r\n" in content and content.count(b"\n") != content.count(b"\r\n"):
        return False
    return all(len(line) <= _LINE_BYTES for line in content.splitlines())


def _filename(name: str) -> str:
    """The parameter that names a file (RFC 2231, section 4; RFC 6266 for the plain form)."""
    stem, dot, ending = _checked(name).rpartition(".")
    name = f"{stem[:_NAME_CHARS]}{dot}{ending[:20]}"
    if name.isascii() and not set(name) & set('"\\%'):
        return f'filename="{name}"'
    return f"filename*=utf-8''{quote(name, safe='')}"


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
    if _CONTROL.search(value):
        raise ValueError("a control character in a header")
    value.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError
    return value
