"""Grant the running processes' database role its rights."""

from typing import Any

from django.core.management.base import BaseCommand

from ledger.actions.grant_app_role import app_role, grant_app_role


class Command(BaseCommand):
    help = "Create the database role of the running processes and grant it its rights."

    def handle(self, *args: Any, **options: Any) -> None:
        notice = grant_app_role()
        if notice:
            self.stderr.write(self.style.WARNING(notice))
        else:
            self.stdout.write(f"The role {app_role()} has its rights.")
