"""Write docs/settings.md from the declared settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kommunepost import env

TARGET = Path("docs") / "settings.md"


def reference() -> str:
    """The page: a table for each section, in the order of kommunepost/settings.py."""
    lines = [
        "# Settings",
        "",
        "All settings are environment variables. Each may also be given as `NAME_FILE`, the path",
        "of a file that holds the value. This page is generated:",
        "`./dev manage settings_reference`.",
    ]
    section = None
    for each in env.DECLARED.values():
        if each.section != section:
            section = each.section
            lines += ["", f"## {section}", "", "| name | kind | when not given | meaning |"]
            lines += ["| --- | --- | --- | --- |"]
        lines.append(f"| `{each.name}` | {each.kind} | {_default(each)} | {each.help} |")
    return "\n".join(lines) + "\n"


def _default(each: env.Declared) -> str:
    if each.default is env.REQUIRED:
        return "must be given"
    text = str(each.default).replace(str(settings.BASE_DIR), "(project)")
    return f"`{text}`" if text else "(empty)"


class Command(BaseCommand):
    help = "Write docs/settings.md."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        (Path(settings.BASE_DIR) / TARGET).write_text(reference(), encoding="utf-8")
