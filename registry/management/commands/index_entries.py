"""Make what is registered searchable: once after an upgrade, or when the index is in doubt."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from registry.actions.index import index_entries
from registry.actions.read_text import add_names
from registry.queries.search import entries_not_indexed, last_entry


class Command(BaseCommand):
    help = (
        "Make entries searchable that are not yet, the newest first. It may be stopped and begun "
        "again; the worker reads their texts afterwards."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="those that are searchable too")
        parser.add_argument("--batch", type=int, default=500, help="entries at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Index in batches, each its own transaction, from the newest entry to the first."""
        below = last_entry() + 1
        done = 0
        with tqdm(total=below - 1, unit="entry", disable=options["verbosity"] == 0) as progress:
            while below > 1:
                lowest = max(1, below - options["batch"])
                found = entries_not_indexed(lowest, below, indexed_too=options["all"])
                if found:
                    index_entries(found)
                    add_names(found)
                done += len(found)
                progress.update(below - lowest)
                below = lowest
        self.stdout.write(f"{done} entries were made searchable.")
