"""A letter as the bytes that leave (RFC 5322): what is given, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from lib.mime import addresses
from lib.mime.model import Address

_OWN = {
    "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding",
}  # fmt: skip


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
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(from_)
    if not to:
        raise ValueError("a letter needs a recipient")
    message["To"] = [_address(each) for each in to]
    if reply_to:
        message["Reply-To"] = [_address(each) for each in reply_to]
    message["Subject"] = _plain(subject)
    if date.tzinfo is None:
        raise ValueError("the date has no time zone")
    message["Date"] = format_datetime(date)
    message["Message-ID"] = _plain(message_id)
    for name, value in (headers or {}).items():
        if name.lower() in _OWN or not _is_field_name(name):
            raise ValueError("not a header to be set here")
        message[name] = _plain(value)
    message.set_content(_body(text), charset="utf-8")
    if html is not None:
        message.add_alternative(_body(html), subtype="html", charset="utf-8")
    return message.as_bytes()


def new_message_id(domain: str) -> str:
    """An unguessable Message-ID in `domain` (RFC 5322, section 3.6.4), with angle brackets.

    Raises ValueError for what is no domain name.
    """
    return f"<{addresses.normalise(f'{secrets.token_hex(16)}@{domain}')}>"


def _address(address: Address) -> HeaderAddress:
    plain = addresses.normalise(address.address)
    local, _, domain = plain.partition("@")
    if not plain.isascii():
        raise ValueError("the address needs SMTPUTF8, which not every server takes")
    return HeaderAddress(_plain(address.name), local, domain)


def _plain(value: str) -> str:
    """`value`, unless it could end its header line or be unsendable."""
    if any(ord(each) < 32 or 127 <= ord(each) < 160 or each in "\u2028\u2029" for each in value):
        raise ValueError("a control character in a header")
    value.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError
    return value


def _is_field_name(name: str) -> bool:
    return 0 < len(name) <= 76 and all("!" <= each <= "~" and each != ":" for each in name)


def _body(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL in the text")
    return text
