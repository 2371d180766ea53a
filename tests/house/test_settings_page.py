"""docs/settings.md is generated, and the page in the repository is the newest one."""

from __future__ import annotations

from pathlib import Path

from kommunepost.env import DECLARED
from kommunepost.management.commands.settings_reference import TARGET, reference

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_settings_is_what_the_command_writes() -> None:
    assert (ROOT / TARGET).read_text(encoding="utf-8") == reference(), (
        "run ./dev manage settings_reference"
    )


def test_every_setting_says_what_it_means() -> None:
    assert DECLARED
    assert [name for name, each in DECLARED.items() if not each.help.strip().endswith(".")] == []


def test_no_help_text_breaks_the_table() -> None:
    assert [name for name, each in DECLARED.items() if "|" in each.help or "\n" in each.help] == []
