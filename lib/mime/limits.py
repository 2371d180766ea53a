"""How much of one mail is looked at, and the one way in which a mail is given up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Hard limits of one parse.

    Passing `size`, `parts` or `depth` makes the mail `Unreadable` (it is held for a person);
    passing any other limit cuts that value short and leaves a defect code.
    """

    size: int = 64 * 2**20  # bytes of the mail as received
    parts: int = 1_000  # MIME entities, those of attached mails included
    depth: int = 50  # multiparts and attached mails inside each other
    header_chars: int = 65_536  # of one header field
    header_fields: int = 150  # fields that are decoded; the others are counted
    addresses: int = 500  # of To, and of each other address field
    text_chars: int = 1_000_000  # of one body text, and of the text of the whole mail


class Unreadable(Exception):
    """The mail can't be read by a program; its raw bytes remain the record.

    `code` is one of too_large, too_many_parts, too_deep, no_content, no_header, parser_crashed,
    parser_timeout, parser_memory, no_such_part. `detail` never holds content of the mail.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code
