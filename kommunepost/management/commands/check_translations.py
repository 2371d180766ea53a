"""Check that every text is translated and that no translation is stale."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

LANGUAGES = ("nb", "nn", "sv")  # the texts in the code are English
_IGNORE = [".venv/*", ".run/*", "static/*", "staticfiles/*", "tests/*", "benchmarks/*", "docs/*"]


class Command(BaseCommand):
    help = "Fail when makemessages would change a .po file, or a text is not translated."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if shutil.which("xgettext") is None:
            raise CommandError("GNU gettext is needed: ./dev tools installs it")
        problems: list[str] = []
        for language in LANGUAGES:
            path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
            kept = path.read_bytes()
            try:
                call_command(
                    "makemessages",
                    locale=[language],
                    ignore_patterns=_IGNORE,
                    no_location=True,
                    no_wrap=True,
                    verbosity=0,
                )
                fresh = _texts(path)
            finally:
                path.write_bytes(kept)
            problems += _compare(language, _texts(path), fresh)
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write("every text is translated")


def _texts(path: Path) -> Catalog:
    with path.open("rb") as text:
        return read_po(text)


def _compare(language: str, kept: Catalog, fresh: Catalog) -> list[str]:
    have = {message.id: message for message in kept if message.id}
    want = {message.id for message in fresh if message.id}
    problems = [f"{language}: not in the .po file: {text!r}" for text in want - set(have)]
    problems += [f"{language}: no longer used: {text!r}" for text in set(have) - want]
    for text, message in have.items():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy or not all(strings):
            problems.append(f"{language}: not translated: {text!r}")
    return problems
