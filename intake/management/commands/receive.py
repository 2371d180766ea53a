"""Open the doors: SMTP, LMTP, or a Maildir that a mail server fills."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections, connections
from django.utils import timezone

from intake.actions.pick_up import pick_up
from intake.clients.smtp_contract import Limits
from intake.clients.smtp_processes import run_door, server_tls
from intake.management.application import Intake, keep_watch
from intake.queries import mailbox_for
from lib.enqueue import prepare

_POLL_SECONDS = 2.0


class Command(BaseCommand):
    help = "Receive post by SMTP, by LMTP, or from a Maildir, until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--smtp", metavar="HOST:PORT", type=_address)
        parser.add_argument("--lmtp", metavar="HOST:PORT or PATH", type=_address_or_path)
        parser.add_argument("--processes", type=int, default=2, help="processes that share a door")
        parser.add_argument("--maildir", metavar="FOLDER", type=Path)
        parser.add_argument("--mailbox", metavar="ADDRESS", help="the mailbox that a Maildir is")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["maildir"] is not None:
            if options["smtp"] or options["lmtp"]:
                raise CommandError("--maildir is picked up by a process of its own")
            self._maildir(options["maildir"], options["mailbox"])
            return
        if not options["smtp"] and not options["lmtp"]:
            raise CommandError("say which door to open: --smtp, --lmtp or --maildir")
        tls = None
        if settings.SMTP_TLS_CERTIFICATE:
            tls = server_tls(settings.SMTP_TLS_CERTIFICATE, settings.SMTP_TLS_KEY)
        prepare()
        connections.close_all()
        try:
            run_door(
                _application,
                smtp=options["smtp"],
                lmtp=options["lmtp"],
                processes=options["processes"],
                tls_context=tls,
                limits=Limits(message_size=settings.MAX_MESSAGE_BYTES),
                on_ready=lambda names: self.stdout.write(f"receiving at {names}"),
            )
        except OSError as error:
            raise CommandError(f"the door cannot be opened: {error}") from error

    def _maildir(self, folder: Path, address: str | None) -> None:
        if not (folder / "new").is_dir():
            raise CommandError(f"{folder} is not a Maildir")
        if address is None or mailbox_for(address) is None:
            raise CommandError("--mailbox must name one of our mailboxes")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        keep_watch()
        while not stop.is_set():
            close_old_connections()
            done = pick_up(folder=folder, mailbox=address, by="system:receiver", clock=timezone.now)
            if not done:
                stop.wait(_POLL_SECONDS)


def _application() -> Intake:
    keep_watch()
    return Intake()


def _address(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError
    return host.strip("[]"), int(port)


def _address_or_path(value: str) -> tuple[str, int] | str:
    return value if value.startswith("/") else _address(value)
