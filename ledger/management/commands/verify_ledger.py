"""Verify the ledger from its first event to its last."""

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from ledger.actions.verify import verify_ledger
from ledger.queries import event_count

SHOWN = 20  # problems printed; the first is the one to look at


class Command(BaseCommand):
    help = "Compute every hash of the ledger again; exit 1 and name the first row that is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            type=Path,
            metavar="FILE",
            help="text with chain hashes that were kept elsewhere (the lines of seal_ledger)",
        )

    def handle(self, *args: Any, anchor: Path | None, **options: Any) -> None:
        anchors = re.findall(r"\b[0-9a-f]{64}\b", anchor.read_text()) if anchor else []
        if anchor and not anchors:
            raise CommandError(f"{anchor} holds no chain hash.")
        with tqdm(total=event_count(), unit=" events", disable=None) as bar:
            report = verify_ledger(progress=bar.update, anchors=anchors)
        self.stdout.write(
            f"{report.events} events, {report.seals} seals, {report.unsealed} events not yet sealed"
        )
        for problem in report.problems[:SHOWN]:
            self.stderr.write(problem.sentence)
        if report.problems:
            first = report.problems[0]
            raise CommandError(f"{len(report.problems)} problems. The first: {first.sentence}")
        self.stdout.write(self.style.SUCCESS("The ledger verifies."))
