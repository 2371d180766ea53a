"""One SMTP or LMTP connection: its commands, its limits and the reading of a message."""

from __future__ import annotations

import asyncio
import collections
import logging
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

from intake.clients.smtp_contract import (
    BUSY,
    GOING_DOWN,
    TOO_LARGE,
    TRY_AGAIN,
    Answer,
    DoorProtocol,
    IncomingMail,
    Peer,
)
from intake.clients.smtp_data import DataReader

if TYPE_CHECKING:
    from intake.clients.smtp_door import Door

log = logging.getLogger("intake.door")

# A reverse-path or forward-path (RFC 5321 4.1.2): an obsolete source route is dropped, a local
# part may be quoted. Nothing that could end a line or a path is let in.
_PATH = re.compile(
    r"""\s*(?:
        <\s*(?:@[^:<>\s]+:)?
            (?P<address>(?:"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"|[^\s<>"\x00-\x1f\x7f])*)\s*>
        |(?P<bare>[^\s<>"\x00-\x1f\x7f]+)
    )(?P<rest>(?:\s.*)?)\Z""",
    re.VERBOSE,
)
_PARAMETER = re.compile(r"(?P<key>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[!-<>-~]+))?\Z")

# Enhanced codes for the replies that the base class makes without one (RFC 2034 wants one each).
_ENHANCED = {
    214: "2.0.0", 220: "2.0.0", 221: "2.0.0", 250: "2.0.0", 252: "2.5.0", 421: "4.3.2",
    454: "4.7.0", 500: "5.5.2", 501: "5.5.4", 502: "5.5.1", 503: "5.5.1", 554: "5.0.0",
}  # fmt: skip
_HAS_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3} ")


class SmtpSession(SMTP):
    """One connection. Reads DATA in chunks of any line length where the base reads short lines.

    The base class keeps the command loop, STARTTLS (which drops what was sent ahead in clear
    text, CVE-2011-0411) and the small commands.
    """

    protocol: DoorProtocol = "smtp"
    # The stream stops reading from the socket at twice this; it also bounds a command line
    # before the base class counts it against `command_size_limits`.
    line_length_limit = 128 * 1024

    def __init__(self, door: Door) -> None:
        super().__init__(
            door,
            hostname=door.hostname,
            ident="ESMTP" if self.protocol == "smtp" else "LMTP",
            data_size_limit=door.limits.message_size,
            enable_SMTPUTF8=True,
            tls_context=door.tls_context,
            timeout=door.limits.idle,
            loop=asyncio.get_running_loop(),
        )
        # RFC 5321 4.5.3.1.4 asks for 512 and more for each extension; the base class keeps one
        # table for all connections.
        self.command_size_limits = collections.defaultdict(lambda: 2048)
        self.command_size_limit = 2048
        for unused in ("AUTH", "HELP", "EXPN"):
            self._smtp_methods.pop(unused, None)
        self.door = door
        self.limits = door.limits
        self.ip: str | None = None
        self.active_at = time.monotonic()
        self.busy = False
        self._messages = 0
        self._errors = 0
        self._greeted = False
        self._recipients: list[str] = []
        self._esmtp: dict[str, str] = {}
        self._mail_from: str | None = None

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peername = transport.get_extra_info("peername")
        self.ip = peername[0] if isinstance(peername, tuple) else None
        self.door.connected(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.door.disconnected(self)
        super().connection_lost(error)

    def close(self, answer: Answer) -> None:
        """Say why, then end the connection, by force if the peer reads no more."""
        transport: Any = self.transport
        if transport is None or transport.is_closing():
            return
        transport.write(answer.line().encode() + b"\r\n")
        transport.close()
        # Commands that were sent ahead are not obeyed any more.
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        # close() waits for the peer to read what is buffered, without a limit of its own.
        plain: Any = self._original_transport or transport
        self.loop.call_later(5, plain.abort)

    def _timeout_cb(self) -> None:
        self.close(Answer(421, "4.4.2", "Time-out, closing"))

    def _reset_timeout(self, duration: float | None = None) -> None:
        self.active_at = time.monotonic()
        super()._reset_timeout(duration)

    async def push(self, status: str | bytes) -> None:
        """Send a reply, with an enhanced code where the base class gave none.

        Too many errors end the connection: 421 (RFC 5321 3.8).
        """
        line = status.encode() if isinstance(status, str) else status
        code, separator, text = line[:3], line[3:4], line[4:]
        if self._greeted and separator == b" " and not _HAS_ENHANCED.match(text):
            enhanced = _ENHANCED.get(int(code))
            if enhanced:
                line = b"%b %b %b" % (code, enhanced.encode(), text)
        self._greeted = True
        await super().push(line)
        if code[:1] in b"45" and self.protocol == "smtp":
            self._errors += 1
            if self._errors >= self.limits.errors_per_connection:
                self.close(Answer(421, "4.7.0", "Too many errors, closing"))

    async def handle_exception(self, error: Exception) -> str:
        """An error of our own is never the sender's: 451, and the trace goes to the log."""
        log.error("the door failed on a command", exc_info=error)
        return TRY_AGAIN.line()

    # Commands

    async def _hello(self, name: str | None, *, extended: bool) -> None:
        if not name:
            await self.push("501 5.5.4 A host name is needed")
            return
        self._set_rset_state()
        session: Any = self.session
        session.extended_smtp = extended
        session.host_name = re.sub(r"[^!-~]", "?", name)[:255]
        offers = [self.hostname]
        if extended:
            offers += [f"SIZE {self.limits.message_size}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
            if self.tls_context and not self._tls_protocol:
                offers.append("STARTTLS")
            offers.append("ENHANCEDSTATUSCODES")
        lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
        # Sent in one piece; the reply to a greeting carries no enhanced codes (RFC 2034 3).
        await super().push("\r\n".join(lines))

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._hello(hostname, extended=True)

    async def smtp_HELO(self, hostname: str) -> None:
        await self._hello(hostname, extended=False)

    async def smtp_VRFY(self, arg: str) -> None:
        # Says nothing about who is here (RFC 5321 7.3).
        await self.push("252 2.5.0 Send mail and see")

    async def smtp_STARTTLS(self, arg: str) -> None:
        if self._tls_protocol:
            await self.push("503 5.5.1 TLS is on already")
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        if self.door.stopping:
            self.close(GOING_DOWN)
            return
        if self._mail_from is not None:
            await self.push("503 5.5.1 Nested MAIL command")
            return
        if self._messages >= self.limits.messages_per_connection:
            self.close(Answer(421, "4.7.0", "Enough for this connection, please connect again"))
            return
        path = self._path("FROM:", arg)
        if path is None:
            await self.push("501 5.1.7 Syntax: MAIL FROM:<address>")
            return
        address, rest = path
        params = _parameters(rest)
        refusal = self._refuse_parameters(params)
        if refusal is not None:
            await self.push(refusal.line())
            return
        self._mail_from, self._esmtp = address, params or {}
        await self.push("250 2.1.0 Sender ok")

    def _refuse_parameters(self, params: dict[str, str] | None) -> Answer | None:
        if params is None:
            return Answer(501, "5.5.4", "Parameters are not understood")
        unknown = params.keys() - {"SIZE", "BODY", "SMTPUTF8"}
        if unknown:
            return Answer(555, "5.5.4", "Parameter is not offered here")
        if params.get("BODY", "7BIT").upper() not in {"7BIT", "8BITMIME"}:
            return Answer(501, "5.5.4", "BODY is 7BIT or 8BITMIME")
        if params.get("SMTPUTF8"):
            return Answer(501, "5.5.4", "SMTPUTF8 takes no value")
        size = params.get("SIZE")
        if size is None:
            return None
        # RFC 1870 3: at most 20 digits.
        if not re.fullmatch(r"[0-9]{1,20}", size):
            return Answer(501, "5.5.4", "SIZE is a number")
        if int(size) > self.limits.message_size:
            return TOO_LARGE
        if not self.door.has_room(int(size)):
            return BUSY
        return None

    async def smtp_RCPT(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        if self._mail_from is None:
            await self.push("503 5.5.1 MAIL comes first")
            return
        path = self._path("TO:", arg)
        if path is None or not path[0]:
            await self.push("501 5.1.3 Syntax: RCPT TO:<address>")
            return
        address, rest = path
        if rest.strip():
            await self.push("555 5.5.4 Parameter is not offered here")
            return
        if len(self._recipients) >= self.limits.recipients:
            await self.push("452 4.5.3 Too many recipients, send the rest separately")
            return
        try:
            async with asyncio.timeout(self.limits.check):
                answer = await self.door.application.check_recipient(address, self._peer())
        except Exception:
            log.exception("a recipient could not be checked")
            answer = TRY_AGAIN
        if answer.accepted:
            self._recipients.append(address)
        await self.push(answer.line())

    async def smtp_DATA(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        if self._mail_from is None:
            await self.push("503 5.5.1 MAIL comes first")
            return
        if not self._recipients:
            await self.push("503 5.5.1 No valid recipients")
            return
        if arg:
            await self.push("501 5.5.4 DATA takes no argument")
            return
        if not self.door.has_room(0):
            await self.push(BUSY.line())
            return
        self.busy = True
        try:
            await super().push("354 End with <CR><LF>.<CR><LF>")
            answers = await self._read_and_deliver()
            self._set_rset_state()
            for answer in answers:
                await self.push(answer.line())
        finally:
            self.busy = False
        self._messages += 1
        if self.door.stopping:
            self.close(GOING_DOWN)

    # One message

    async def _read_and_deliver(self) -> list[Answer]:
        reader = DataReader(self.limits.message_size)
        self.door.reading[self] = reader
        try:
            if not await self._read(reader):
                return []
            if reader.too_large:
                return self._for_each(TOO_LARGE)
            if reader.dropped or self.door.overfull(reader):
                return self._for_each(BUSY)
            mail = self._mail(reader)
        finally:
            del self.door.reading[self]
        # The application has its own limit; the connection's starts again with the answer.
        self._reset_timeout(self.limits.deliver + self.limits.idle)
        answers = await self.door.deliver(mail)
        self._reset_timeout()
        return answers

    async def _read(self, reader: DataReader) -> bool:
        """Read up to the final dot; False when the connection was closed instead."""
        stream: Any = self._reader
        ends_at = self.loop.time() + self.limits.data_total
        while True:
            self._reset_timeout(max(0.01, min(self.limits.idle, ends_at - self.loop.time())))
            # Takes all that is buffered, so that `rest` can go back as the stream's only bytes.
            chunk = await stream.read(1 << 30)
            if reader.feed(chunk):
                if reader.rest:
                    stream.feed_data(reader.rest)
                return True
            if reader.seen > 2 * self.limits.message_size:
                self.close(TOO_LARGE)
                return False
            if self.door.overfull(reader):
                reader.drop()

    def _mail(self, reader: DataReader) -> IncomingMail:
        peer = self._peer()
        return IncomingMail(
            raw=reader.content,
            envelope_from=peer.envelope_from,
            recipients=list(self._recipients),
            peer_ip=peer.ip,
            helo=peer.helo,
            tls=peer.tls,
            esmtp_params=dict(self._esmtp),
            protocol=self.protocol,
            received_at=datetime.now(UTC),
            keep_before=time.monotonic() + self.limits.deliver,
        )

    def _for_each(self, answer: Answer) -> list[Answer]:
        return [answer] * (len(self._recipients) if self.protocol == "lmtp" else 1)

    def _peer(self) -> Peer:
        session: Any = self.session
        tls = None
        if session.ssl:
            cipher, version, _bits = session.ssl["cipher"]
            tls = f"{version} {cipher}"
        return Peer(self.ip, session.host_name or "", tls, self.protocol, self._mail_from or "")

    def _path(self, keyword: str, arg: str | None) -> tuple[str, str] | None:
        found = self._strip_command_keyword(keyword, arg or "")
        path = _PATH.match(found) if found is not None else None
        if path is None:
            return None
        address = path["bare"] or path["address"] or ""
        # Bytes that are no UTF-8 reach us as lone surrogates, which no database column takes.
        if any("\ud800" <= letter <= "\udfff" for letter in address):
            return None
        return address, path["rest"] or ""

    def _set_post_data_state(self) -> None:
        super()._set_post_data_state()
        self._recipients, self._esmtp, self._mail_from = [], {}, None


class LmtpSession(SmtpSession):
    """The same for a mail server of our own that hands over (RFC 2033): one answer each."""

    protocol: DoorProtocol = "lmtp"

    async def smtp_LHLO(self, hostname: str) -> None:
        await self._hello(hostname, extended=True)

    async def smtp_EHLO(self, hostname: str) -> None:
        await self.push("500 5.5.1 This is LMTP, say LHLO")

    async def smtp_HELO(self, hostname: str) -> None:
        await self.push("500 5.5.1 This is LMTP, say LHLO")


def _parameters(text: str) -> dict[str, str] | None:
    """The parameters of a MAIL command, keys in capitals; None when one has no valid form."""
    found: dict[str, str] = {}
    for word in text.split():
        parameter = _PARAMETER.match(word)
        if parameter is None or parameter["key"].upper() in found:
            return None
        found[parameter["key"].upper()] = parameter["value"] or ""
    return found
