"""What a parsed mail is, as plain values that travel as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Address:
    """A name and an address as claimed; `address` is "" where it can't be told for certain."""

    name: str
    address: str


@dataclass(frozen=True)
class Part:
    """A leaf of the mail, or an attached mail (message/rfc822), whose own leaves follow it."""

    path: str  # "2" or "2.1", numbered as IMAP does (RFC 3501, section 6.4.5)
    content_type: str  # as declared, lower case
    charset: str | None  # as declared
    filename: str | None  # as claimed, one line; may hold slashes: data, never a path on disk
    disposition: str | None
    content_id: str | None  # without angle brackets
    encoding: str  # Content-Transfer-Encoding, lower case
    size: int  # bytes, decoded
    sha256: str  # of the decoded bytes, hex
    sniffed_type: str  # by content
    is_body: bool  # text of the mail itself, not an attachment
    in_mail: str  # path of the attached mail that this part belongs to, or ""
    text: str | None  # decoded text, of body parts only


@dataclass(frozen=True)
class Parsed:
    """A mail, read. Every text is free of NUL and lone surrogates; nothing here is verified."""

    subject: str
    sender: Address | None  # From, when it names exactly one address beyond doubt
    from_text: str  # From as written, decoded, for showing
    from_count: int  # addresses in all From fields
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    date_claimed: datetime | None  # aware, UTC; a claim, never the time of arrival
    date_raw: str
    message_id: str | None  # with angle brackets; no identity, many mails share one
    in_reply_to: str | None
    references: tuple[str, ...]
    headers: dict[str, list[str]]  # lower-case name to decoded values, a bounded number
    header_count: int  # fields in the mail, kept or not
    text: str  # best plain text
    html: str | None  # as received, NOT cleaned
    parts: tuple[Part, ...]
    defects: tuple[str, ...] = field(default=())
    truncated: bool = False  # a text or header was cut at a limit

    def to_json(self) -> dict[str, Any]:
        """Values that `json.dumps` takes; `from_json` gives an equal object back."""
        data = asdict(self)
        data["date_claimed"] = self.date_claimed.isoformat() if self.date_claimed else None
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Parsed:
        """The object that `to_json` was called on. Raises KeyError or TypeError on other data."""
        claimed = data["date_claimed"]
        return cls(
            **{
                **data,
                "sender": Address(**data["sender"]) if data["sender"] else None,
                "reply_to": tuple(Address(**each) for each in data["reply_to"]),
                "to": tuple(Address(**each) for each in data["to"]),
                "cc": tuple(Address(**each) for each in data["cc"]),
                "date_claimed": datetime.fromisoformat(claimed) if claimed else None,
                "references": tuple(data["references"]),
                "parts": tuple(Part(**each) for each in data["parts"]),
                "defects": tuple(data["defects"]),
            }
        )
