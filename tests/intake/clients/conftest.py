"""A door with an application that only remembers, served from a thread on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from intake.clients.smtp_contract import Answer, IncomingMail, Limits, Peer
from intake.clients.smtp_door import Door
from intake.clients.smtp_processes import listen

OK = Answer(250, "2.6.0", "Kept")
UNKNOWN = Answer(550, "5.1.1", "No such mailbox")


@dataclass
class Remembers:
    """Accepts every recipient but unknown@; what comes is in `mails`."""

    mails: list[IncomingMail] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    deliver_how: Callable[[IncomingMail], Any] | None = None

    async def check_recipient(self, address: str, peer: Peer) -> Answer:
        self.peers.append(peer)
        if address.startswith("broken@"):
            raise OSError("the database is away")
        return UNKNOWN if address.startswith("unknown@") else Answer(250, "2.1.5", "Ok")

    async def deliver(self, mail: IncomingMail) -> list[Answer]:
        if self.deliver_how is not None:
            answers = self.deliver_how(mail)
            if asyncio.iscoroutine(answers):
                answers = await answers
            if answers is not None:
                return list(answers)
        self.mails.append(mail)
        return [OK] * (len(mail.recipients) if mail.protocol == "lmtp" else 1)


@dataclass
class Served:
    door: Door
    application: Remembers
    port: int
    stop: Callable[[], None]
    thread: threading.Thread

    @property
    def mails(self) -> list[IncomingMail]:
        return self.application.mails

    def talk(self, source: str = "127.0.0.1") -> Talk:
        return Talk(self.port, source)


class Talk:
    """A conversation by hand, octet by octet."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(
            ("127.0.0.1", port), timeout=20, source_address=(source, 0)
        )
        self._lines = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> str:
        """The next reply, its last line when it has several; empty at the end."""
        line = self._lines.readline()
        while line[3:4] == b"-":
            line = self._lines.readline()
        return line.decode().rstrip("\r\n")

    def say(self, line: str) -> str:
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def hello(self, word: str = "EHLO") -> Talk:
        assert self.reply().startswith("220 ")
        assert self.say(f"{word} client.test").startswith("250 ")
        return self

    def start_data(self, *recipients: str, sender: str = "kari@example.no") -> Talk:
        assert self.say(f"MAIL FROM:<{sender}>").startswith("250 ")
        for recipient in recipients or ("post@kommune.test",):
            assert self.say(f"RCPT TO:<{recipient}>").startswith("250 ")
        assert self.say("DATA").startswith("354 ")
        return self

    def ended(self) -> bool:
        """Has the server closed the connection?"""
        try:
            return self._lines.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self._lines.close()
        self.socket.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Start a door; all of them are stopped at the end of the test."""
    started: list[Served] = []

    def start(
        *,
        protocol: Any = "smtp",
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        application: Remembers | None = None,
    ) -> Served:
        application = application or Remembers()
        listener = listen(("127.0.0.1", 0), protocol)
        port = listener.socket.getsockname()[1]
        ready = threading.Event()
        kept: dict[str, Any] = {}

        async def run() -> None:
            kept["door"] = Door(
                application, hostname="door.test", limits=limits or Limits(), tls_context=tls
            )
            kept["loop"], kept["stop"] = asyncio.get_running_loop(), asyncio.Event()
            ready.set()
            await kept["door"].serve([listener], kept["stop"])

        thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
        thread.start()
        assert ready.wait(5)

        def stop() -> None:
            with contextlib.suppress(RuntimeError):
                kept["loop"].call_soon_threadsafe(kept["stop"].set)

        served = Served(kept["door"], application, port, stop, thread)
        started.append(served)
        return served

    yield start
    for served in started:
        served.stop()
    for served in started:
        served.thread.join(40)
        assert not served.thread.is_alive()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost and its key, made for this run."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key
