"""Opens the sockets of the door and keeps the processes alive that share them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import ssl
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from intake.clients.smtp_contract import Application, DoorProtocol, Limits
from intake.clients.smtp_door import Door, Listener

log = logging.getLogger("intake.door")

BACKLOG = 512


def listen(address: tuple[str, int] | str, protocol: DoorProtocol) -> Listener:
    """Open a listening socket on (host, port) or on the path of a Unix socket (mode 0660).

    Raises OSError. A socket file that nobody answers on is replaced.
    """
    if isinstance(address, str):
        _remove_stale(address)
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.bind(address)
        os.chmod(address, 0o660)
        opened.listen(BACKLOG)
    else:
        opened = socket.create_server(address, family=_family(address[0]), backlog=BACKLOG)
    opened.setblocking(False)
    return Listener(opened, protocol)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _remove_stale(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise OSError(f"{path} is not a socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                Path(path).unlink()
            else:
                raise OSError(f"another process listens on {path}")


def server_tls(certificate: str, key: str) -> ssl.SSLContext:
    """TLS for STARTTLS from PEM files: 1.2 or later (RFC 8314), the chain in `certificate`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def run_door(
    make_application: Callable[[], Application],
    *,
    smtp: tuple[str, int] | None = None,
    lmtp: tuple[str, int] | str | None = None,
    processes: int = 1,
    tls_context: ssl.SSLContext | None = None,
    limits: Limits | None = None,
    hostname: str | None = None,
    on_ready: Callable[[list[Any]], None] | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status.

    Forks `processes` children on the same sockets, starts again those that die, and ends them
    with itself, even when killed. `make_application` is called in each child: the caller must
    hold no open database connection and no thread. `on_ready` gets the bound addresses.
    """
    listeners = []
    if smtp is not None:
        listeners.append(listen(smtp, "smtp"))
    if lmtp is not None:
        listeners.append(listen(lmtp, "lmtp"))
    if not listeners:
        raise ValueError("neither SMTP nor LMTP was asked for")

    async def child(alive: int) -> None:
        door = Door(
            make_application(),
            hostname=hostname or socket.getfqdn(),
            limits=limits,
            tls_context=tls_context,
        )
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_reader(alive, stop.set)
        await door.serve(listeners, stop)

    if on_ready is not None:
        on_ready([listener.socket.getsockname() for listener in listeners])
    return _Supervisor(lambda alive: asyncio.run(child(alive)), processes).run()


class _Supervisor:
    """Keeps a number of forked children alive until told to stop."""

    def __init__(self, work: Callable[[int], None], count: int) -> None:
        self.work = work
        self.count = count
        self.children: dict[int, float] = {}
        self.stopping = False
        # Only the parent holds the writing end: when it dies, however that is, the children
        # read end-of-file and stop.
        self.alive, self.parent = os.pipe()

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for _ in range(self.count):
            self._fork()
        while self.children:
            # A signal interrupts nothing here: its handler runs and passes it on.
            pid, status = os.wait()
            started = self.children.pop(pid, None)
            if started is None or self.stopping:
                continue
            log.error("a door process ended with status %s and is started again", status)
            if time.monotonic() - started < 1:
                time.sleep(1)
            if not self.stopping:
                self._fork()
        return 0

    def _stop(self, number: int, frame: object) -> None:
        self.stopping = True
        for pid in list(self.children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def _fork(self) -> None:
        # A stop that comes between fork and the note of the pid would miss the child.
        blocked = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(self.parent)
                for number in blocked:
                    signal.signal(number, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
                self.work(self.alive)
                code = 0
            except BaseException:
                log.exception("a door process failed")
            finally:
                os._exit(code)
        self.children[pid] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
        if self.stopping:
            os.kill(pid, signal.SIGTERM)
