"""What the SMTP and LMTP door and the application behind it say to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

DoorProtocol = Literal["smtp", "lmtp"]


@dataclass(frozen=True)
class Answer:
    """One reply: SMTP code, enhanced code (RFC 3463) and one line of ASCII text."""

    code: int
    enhanced: str
    text: str

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 300

    def line(self) -> str:
        """The reply as sent; whatever could break the line or leave ASCII becomes `?`."""
        return f"{self.code} {self.enhanced} {re.sub(r'[^ -~]', '?', self.text)}"


@dataclass(frozen=True)
class Peer:
    """Who is connected. `ip` is None on a Unix socket; `tls` names version and cipher."""

    ip: str | None
    helo: str
    tls: str | None
    protocol: DoorProtocol
    envelope_from: str


@dataclass(frozen=True)
class IncomingMail:
    """One message as it came: the exact octets, beside them the facts of its envelope.

    `envelope_from` is empty for the null reverse-path. `received_at` is the UTC instant at which
    the final dot arrived; `keep_before` is the time.monotonic() after which the sender will have
    been told to try again, so that nothing may be committed any more.
    """

    raw: bytes = field(repr=False)
    envelope_from: str
    recipients: list[str]
    peer_ip: str | None
    helo: str
    tls: str | None
    esmtp_params: dict[str, str]
    protocol: DoorProtocol
    received_at: datetime
    keep_before: float


class Application(Protocol):
    """What the door needs behind it. Both may raise: the sender is then told to try again."""

    async def check_recipient(self, address: str, peer: Peer) -> Answer:
        """May this recipient be written to? `postmaster` without a domain must be accepted
        (RFC 5321 4.5.1)."""

    async def deliver(self, mail: IncomingMail) -> list[Answer]:
        """Keep the mail durably and say so: one answer for SMTP, one per recipient for LMTP.

        Only an answer of 250 makes the sender forget its copy. Must not commit after
        `mail.keep_before`.
        """


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in octets, everything else counts; per process where not said."""

    message_size: int = 50 * 1024 * 1024
    memory: int = 512 * 1024 * 1024
    recipients: int = 100
    messages_per_connection: int = 500
    errors_per_connection: int = 50
    connections: int = 500
    connections_per_ip: int = 64
    idle: float = 300
    data_total: float = 1800
    check: float = 30
    deliver: float = 240
    stop_grace: float = 30


TRY_AGAIN = Answer(451, "4.3.0", "Not stored, please try again later")
TOO_LARGE = Answer(552, "5.3.4", "Message is larger than this server accepts")
GOING_DOWN = Answer(421, "4.3.2", "Going down, please come back")
BUSY = Answer(452, "4.3.1", "Busy with other large mail, please try again later")
