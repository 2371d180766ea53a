"""Print the reconciliation of a day; a difference makes the command fail, for a timer to notice."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from intake.actions.reconcile import count_day, day_of
from intake.queries import DayCount
from lib.refusal import Refused

_COLUMNS = (
    "arrived",
    "registered",
    "minor",
    "spam",
    "held",
    "waiting",
    "accounted",
    "again",
    "at_source",
    "difference",
)


class Command(BaseCommand):
    help = "Reconcile a day: what arrived against what became of it. Exit code 1 on a difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DATE", help="the day; today when left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or day_of(timezone.now())
        try:
            rows = count_day(on)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        width = max((len(row.mailbox.address) for row in rows), default=0)
        self.stdout.write(f"{on!s:<{width}} {' '.join(_COLUMNS)}")
        for row in rows:
            self.stdout.write(f"{row.mailbox.address:<{width}} {_figures(row)}")
        if any(row.difference for row in rows):
            self.stderr.write("the day does not add up")
            sys.exit(1)


def _figures(row: DayCount) -> str:
    values = (getattr(row, column) for column in _COLUMNS)
    return " ".join(
        f"{'-' if value is None else value:>{len(column)}}"
        for column, value in zip(_COLUMNS, values, strict=True)
    )
