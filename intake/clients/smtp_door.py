"""The SMTP and LMTP door of one process: all its connections and what they may take together."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass

from intake.clients.smtp_contract import (
    GOING_DOWN,
    TRY_AGAIN,
    Answer,
    Application,
    DoorProtocol,
    IncomingMail,
    Limits,
)
from intake.clients.smtp_data import DataReader
from intake.clients.smtp_session import LmtpSession, SmtpSession

log = logging.getLogger("intake.door")

# A connection that has been silent for less than this is not closed to make room for another.
EVICT_AFTER_S = 5.0


@dataclass(frozen=True)
class Listener:
    """A listening socket and what is spoken on it."""

    socket: socket.socket
    protocol: DoorProtocol


class Door:
    """All connections of one process."""

    def __init__(
        self,
        application: Application,
        *,
        hostname: str,
        limits: Limits | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self.application = application
        self.hostname = hostname
        self.limits = limits or Limits()
        self.tls_context = tls_context
        self.stopping = False
        self.reading: dict[SmtpSession, DataReader] = {}
        self._open: set[SmtpSession] = set()
        self._per_ip: collections.Counter[str] = collections.Counter()
        self._delivering: dict[asyncio.Task[list[Answer]], int] = {}

    async def serve(self, listeners: Sequence[Listener], stop: asyncio.Event) -> None:
        """Serve until `stop` is set; then refuse the idle and let messages in flight finish.

        Returns after at most `limits.stop_grace` seconds more.
        """
        accepting = [asyncio.create_task(self._accept(listener)) for listener in listeners]
        try:
            await stop.wait()
        finally:
            self.stopping = True
            for task in accepting:
                task.cancel()
            await asyncio.gather(*accepting, return_exceptions=True)
            for listener in listeners:
                listener.socket.close()
            await self._finish()

    async def _finish(self) -> None:
        for session in list(self._open):
            if not session.busy:
                session.close(GOING_DOWN)
        deadline = time.monotonic() + self.limits.stop_grace
        while (self._open or self._delivering) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        for session in list(self._open):
            if session.transport is not None:
                session.transport.close()

    async def _accept(self, listener: Listener) -> None:
        """Take connections one at a time, so that processes on one socket share a burst."""
        loop = asyncio.get_running_loop()
        make = LmtpSession if listener.protocol == "lmtp" else SmtpSession
        while True:
            try:
                connection, address = await loop.sock_accept(listener.socket)
            except OSError:
                # Out of file descriptors, most likely: those who wait stay in the backlog.
                log.exception("a connection could not be accepted")
                await asyncio.sleep(0.5)
                continue
            ip = address[0] if isinstance(address, tuple) and address else None
            refusal = self._refuse(listener.protocol, ip)
            if refusal is not None:
                with contextlib.suppress(OSError):
                    connection.send(refusal.line().encode() + b"\r\n")
                connection.close()
                # A flood of refused connections must not keep the others waiting.
                await asyncio.sleep(0)
                continue
            try:
                await loop.connect_accepted_socket(lambda: make(self), connection)
            except OSError:
                connection.close()

    def _refuse(self, protocol: DoorProtocol, ip: str | None) -> Answer | None:
        from_there = self._per_ip[_network(ip)] if protocol == "smtp" and ip else 0
        if from_there >= self.limits.connections_per_ip:
            return Answer(421, "4.7.0", "Too many connections from your address")
        same = [session for session in self._open if session.protocol == protocol]
        if len(same) < self.limits.connections:
            return None
        # Full: the one that has been silent longest gives way, so that idle connections held
        # open on purpose cannot keep mail out.
        idle = [session for session in same if not session.busy]
        oldest = min(idle, key=lambda session: session.active_at, default=None)
        if oldest is None or time.monotonic() - oldest.active_at < EVICT_AFTER_S:
            return Answer(421, "4.3.2", "Too many connections, please try again later")
        oldest.close(Answer(421, "4.4.2", "Idle while others wait, closing"))
        return None

    def connected(self, session: SmtpSession) -> None:
        if session in self._open:
            return  # the same connection again, now over TLS
        self._open.add(session)
        if session.ip is not None and session.protocol == "smtp":
            self._per_ip[_network(session.ip)] += 1

    def disconnected(self, session: SmtpSession) -> None:
        if session not in self._open:
            return
        self._open.discard(session)
        if session.ip is not None and session.protocol == "smtp":
            network = _network(session.ip)
            self._per_ip[network] -= 1
            if not self._per_ip[network]:
                del self._per_ip[network]

    def has_room(self, size: int) -> bool:
        """Would a message of `size` octets fit beside what is being read and delivered?"""
        reading = sum(reader.held for reader in self.reading.values())
        return reading + sum(self._delivering.values()) + size <= self.limits.memory

    def overfull(self, reader: DataReader) -> bool:
        """Is it this message, the largest of those being read, that memory lacks for?"""
        if self.has_room(0):
            return False
        return reader.held == max(other.held for other in self.reading.values())

    async def deliver(self, mail: IncomingMail) -> list[Answer]:
        """Ask the application to keep the mail; 451 when it fails or takes too long.

        Runs apart from the connection: when the peer goes away the application still finishes,
        and recognises the copy that the peer sends again.
        """
        task = asyncio.create_task(_call(self.application, mail))
        self._delivering[task] = len(mail.raw)
        task.add_done_callback(self._delivering.pop)
        done, _waiting = await asyncio.wait({task}, timeout=self.limits.deliver)
        if not done:
            log.error("a message was not stored within %s s", self.limits.deliver)
            task.cancel()
            return [TRY_AGAIN] * _wanted(mail)
        return task.result()


async def _call(application: Application, mail: IncomingMail) -> list[Answer]:
    try:
        answers = await application.deliver(mail)
    except Exception:
        log.exception("a message could not be stored")
        return [TRY_AGAIN] * _wanted(mail)
    if len(answers) != _wanted(mail):
        log.error("the application gave %d answers, %d are due", len(answers), _wanted(mail))
        return [TRY_AGAIN] * _wanted(mail)
    return list(answers)


def _wanted(mail: IncomingMail) -> int:
    return len(mail.recipients) if mail.protocol == "lmtp" else 1


def _network(ip: str) -> str:
    """What counts as one peer: the address, for IPv6 its /64."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return ip
