"""Name a reader of a case that nobody who is still here can open."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.queries import person_by_email
from lib.refusal import Refused
from registry.actions.restrict import name_reader
from registry.queries import case_id_by_reference


class Command(BaseCommand):
    help = "Name a reader of a restricted case whose readers have all left. The ledger tells of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="of the case")
        parser.add_argument("email", help="of the person who shall read it")
        parser.add_argument("--reason", required=True, help="why; it is shown on the case")

    def handle(self, *args: Any, **options: Any) -> None:
        """Name the person, or say in one line why not."""
        case_id = case_id_by_reference(options["number"])
        user = person_by_email(options["email"])
        if case_id is None or user is None:
            raise CommandError("There is no such case." if user else "There is no such person.")
        try:
            name_reader(
                case_id=case_id,
                user_id=user.pk,
                reason=options["reason"],
                by="system:console",
                at=timezone.now(),
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("Named.")
