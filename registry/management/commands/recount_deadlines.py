"""After an upgrade that changes the calendar of public holidays: count what runs anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from registry.actions.recompute import request_recount


class Command(BaseCommand):
    help = "Have all running deadlines counted anew by the calendar as it is now."

    def handle(self, *args: Any, **options: Any) -> None:
        made = request_recount(reason="calendar", by="system:operator", at=timezone.now())
        self.stdout.write(f"Recount {made.pk} is noted; the worker begins within a minute.")
