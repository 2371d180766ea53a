"""Import mail from files: .eml, mbox, Maildir and Outlook .msg."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils import timezone
from tqdm import tqdm

from intake.actions.receive import Arrival, receive
from intake.clients.mailfiles import FileMail, count_mails, read_mails
from intake.queries import mailbox_for
from lib.blobs import BlobError
from lib.refusal import Refused


class Command(BaseCommand):
    help = (
        "Import mail from a file or folder into a mailbox. May be stopped and started again: what "
        "has been imported is not imported twice. Imported mail is never acknowledged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help=".eml, mbox or .msg file, Maildir, or folder")
        parser.add_argument("--mailbox", required=True, metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        address = options["mailbox"]
        if mailbox_for(address) is None:
            raise CommandError(f"{address} is not one of our mailboxes")
        try:
            total = count_mails(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        outcome: Counter[str] = Counter()
        with tqdm(total=total, unit=" mails", file=self.stderr, disable=None) as bar:
            for mail in read_mails(path):
                result = _import(mail, address)
                outcome[result] += 1
                if result not in ("imported", "here already"):
                    bar.write(f"{mail.source_key}: {result}", file=self.stdout)
                bar.update()
        self.stdout.write(", ".join(f"{count} {what}" for what, count in sorted(outcome.items())))
        if set(outcome) - {"imported", "here already", "not a mail"}:
            raise CommandError("not everything could be imported; see above")


def _import(mail: FileMail, address: str) -> str:
    if mail.problem == "not_mail":
        return "not a mail"
    # A file that is broken is imported as it is: it is then held for a person, not lost.
    raw = mail.raw or mail.original or b""
    if not raw:
        return f"not imported: {mail.problem}"
    try:
        received = receive(
            arrival=Arrival(
                raw=raw,
                door="import",
                received_at=timezone.now(),
                recipients=[address],
                envelope_from=mail.envelope.sender or "",
                has_envelope=False,
                # By content, not by name: another mail may later lie under the same name.
                source_key=f"import:{hashlib.sha256(raw).hexdigest()}",
                original=mail.original if mail.raw else None,
            ),
            by="system:import",
        )
    except Refused as refusal:
        return f"not imported: {refusal.code}"
    except (BlobError, Error) as error:
        raise CommandError(
            f"stopped: {type(error).__name__}; what came before is stored, start again to go on"
        ) from error
    return "imported" if received.is_new else "here already"
