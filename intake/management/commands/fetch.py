"""Fetch from mailboxes by IMAP, once or for ever."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils import timezone

from intake.actions.fetch import account_of, fetch_mailbox
from intake.clients import imap
from intake.models import Mailbox
from intake.queries import mailboxes_fetched_from

_BY = "system:fetch"
_IDLE_SECONDS = 300.0
_PAUSE_SECONDS = 30.0


class _Stopped(Exception):
    """Told to stop while waiting for mail."""


class Command(BaseCommand):
    help = "Fetch from every mailbox with an IMAP server; with --idle wait for new mail in one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mailbox", metavar="ADDRESS", help="only this one")
        parser.add_argument("--idle", action="store_true", help="stay, and be told of new mail")

    def handle(self, *args: Any, **options: Any) -> None:
        boxes = mailboxes_fetched_from()
        if options["mailbox"]:
            boxes = [box for box in boxes if box.address == options["mailbox"].lower()]
        if not boxes:
            raise CommandError("no such mailbox with an IMAP server")
        if options["idle"]:
            if len(boxes) > 1:
                raise CommandError("--idle watches one mailbox: name it with --mailbox")
            self._stay(boxes[0])
            return
        failed = False
        for box in boxes:
            failed = not self._visit(box) or failed
        if failed:
            raise CommandError("not every mailbox could be fetched from; see above")

    def _visit(self, box: Mailbox) -> bool:
        run = fetch_mailbox(mailbox=box, by=_BY, clock=timezone.now)
        self.stdout.write(f"{box.address}: {run.error or f'{run.fetched} fetched'}")
        if run.failed:
            self.stdout.write(f"{box.address}: {run.failed} could not be fetched")
        return not run.error and not run.failed

    def _stay(self, box: Mailbox) -> None:
        stop = threading.Event()
        idling = False

        def told_to_stop(number: int, frame: object) -> None:
            stop.set()
            if idling:  # nothing is half done then, and it would last for minutes
                raise _Stopped

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, told_to_stop)
        while not stop.is_set():
            close_old_connections()
            if not self._visit(box):
                stop.wait(_PAUSE_SECONDS)
                continue
            try:
                with imap.connect(account_of(box)) as source:
                    source.list_uids(box.imap_folder)
                    idling = not stop.is_set()
                    if idling:
                        source.idle(_IDLE_SECONDS)
                    idling = False
            except _Stopped:
                return
            except imap.ImapError as error:
                idling = False
                self.stderr.write(f"{box.address}: {error}")
                stop.wait(_PAUSE_SECONDS)
