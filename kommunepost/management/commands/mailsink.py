"""A mail server that keeps every letter in a folder and passes none on."""

from __future__ import annotations

import ipaddress
import mailbox
import os
import signal
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Keep:
    """Writes what it is given into a Maildir, which any mail program can open."""

    def __init__(self, folder: Path) -> None:
        self.maildir = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answer 250 once the letter is in the folder, with its envelope in two header lines."""
        # aiosmtpd gives the null sender with its brackets and others without.
        sender, recipients = (envelope.mail_from or "").strip("<>"), ", ".join(envelope.rcpt_tos)
        lines = f"Return-Path: <{sender}>\r\nX-Envelope-To: {recipients}\r\n".encode(
            "utf-8", "replace"
        )
        content = envelope.content or b""
        key = self.maildir.add(lines + (content.encode() if isinstance(content, str) else content))
        return f"250 2.0.0 kept as {key}"


def loopback(address: str) -> tuple[str, int]:
    """`127.0.0.1:2526` or `[::1]:2526` as host and port; CommandError for any other machine's.

    A sink answers 250 to everything, so a stranger who could reach it would lose mail in it.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        if ipaddress.ip_address(host).is_loopback and port.isdigit():
            return host, int(port)
    except ValueError:
        pass
    raise CommandError(f"--listen must be a loopback address and a port, not {address}")


class Command(BaseCommand):
    help = "Receive outgoing letters on this machine and keep them in a Maildir, sending none."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", required=True, help="loopback address and port")
        parser.add_argument("--maildir", required=True, type=Path, help="made if it is missing")

    def handle(self, *args: Any, listen: str, maildir: Path, **options: Any) -> None:
        host, port = loopback(listen)
        maildir.parent.mkdir(parents=True, exist_ok=True)
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        # Nothing is refused for its size: what leaves has been composed by us.
        controller = Controller(Keep(maildir), hostname=host, port=port, data_size_limit=None)
        controller.start()
        self.stdout.write(f"listening on {listen}, keeping letters in {os.fspath(maildir)}")
        ended.wait()
        controller.stop()
