"""What a bounce says of each recipient (RFC 3464, RFC 6522)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.mime import addresses, charsets, words
from lib.mime.limits import Limits
from lib.mime.parse import open_mail

_DEFAULT = Limits()
_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_ORIGINAL_TYPES = {
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
}
_MAX_REPORT = 262_144  # bytes of the report that are read
_MAX_RECIPIENTS = 200
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_FOLD = re.compile(r"\n(?=[ \t])")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_MESSAGE_ID = re.compile(r"(?im)^message-id:\s*(<[^<>\s]{1,990}>)")


@dataclass(frozen=True)
class DeliveryReport:
    """The fate of one recipient, as a mail server claims it; nothing here is verified."""

    recipient: str  # address as the report has it, "" where there is none
    action: str  # failed, delayed, delivered, relayed, expanded (RFC 3464, 2.3.3), or ""
    status: str  # "5.1.1" (RFC 3463), or ""
    diagnostic: str  # what the server said, one line
    original_envelope_id: str | None  # ENVID of our own sending (RFC 3461, section 4.4)
    original_message_id: str | None  # of the mail that was returned, with angle brackets


def delivery_reports(raw: bytes, limits: Limits = _DEFAULT) -> tuple[DeliveryReport, ...]:
    """One report per recipient named in the mail `raw`; none when it is no delivery report.

    Raises `Unreadable` as `parse` does. A status part that is itself broken gives what it has.
    """
    status: list[str] = []
    message_id: str | None = None
    for leaf in open_mail(raw, limits).leaves():
        if leaf.in_mail:
            continue
        if leaf.content.value in _STATUS_TYPES:
            status.append(_text(leaf.data))
        elif leaf.content.value in _ORIGINAL_TYPES and message_id is None:
            found = _MESSAGE_ID.search(_BLANK_LINES.split(_text(leaf.data).lstrip(), 1)[0])
            message_id = found[1] if found else None
    reports: list[DeliveryReport] = []
    for text in status:
        reports.extend(_read(text, message_id))
    return tuple(reports[:_MAX_RECIPIENTS])


def _text(data: bytes | memoryview) -> str:
    text, _ = charsets.decode(data[:_MAX_REPORT], None)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read(text: str, message_id: str | None) -> list[DeliveryReport]:
    envelope_id: str | None = None
    found: list[DeliveryReport] = []
    for block in _BLANK_LINES.split(text):
        fields = _fields(block)
        envelope_id = fields.get("original-envelope-id", envelope_id)
        recipient = fields.get("final-recipient") or fields.get("original-recipient")
        if recipient is None and "action" not in fields:
            continue
        code = _STATUS.search(fields.get("status", ""))
        found.append(
            DeliveryReport(
                recipient=_address(recipient or ""),
                action=fields.get("action", "").partition(" ")[0].lower()[:40],
                status=code[0] if code else "",
                diagnostic=_value(fields.get("diagnostic-code", ""))[:1_000],
                original_envelope_id=envelope_id,
                original_message_id=message_id,
            )
        )
    return found


def _fields(block: str) -> dict[str, str]:
    """Lower-case field name to value; the first of each name counts."""
    fields: dict[str, str] = {}
    for line in _FOLD.sub("", block).split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            text, _ = charsets.one_line(words.decode_words(value[:4_000])[0])
            fields.setdefault(name.strip().lower(), text)
    return fields


def _value(typed: str) -> str:
    """ "smtp; 550 No such user" without its type (RFC 3464, section 2.1.2)."""
    kind, semicolon, value = typed.partition(";")
    return value.strip() if semicolon and " " not in kind.strip() else typed.strip()


def _address(typed: str) -> str:
    found = addresses.parse_addresses(_value(typed), 2)
    return found[0].address if len(found) == 1 else ""
