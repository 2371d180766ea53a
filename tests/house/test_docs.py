"""The documents against the code: what they name exists, and what must be in them is."""

from __future__ import annotations

import ast
import importlib
import re
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps
from django.core.management import get_commands

from kommunepost.celery import app as celery_app
from kommunepost.env import DECLARED
from kommunepost.version import VERSION
from lib.jurisdictions import PROFILES

ROOT = Path(__file__).resolve().parents[2]
OURS = ["accounts", "decisions", "intake", "ledger", "outbox", "registry"]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], key=lambda path: path.relative_to(ROOT)
)

# Models that stand for no term of law or office: the machinery behind the words. A new model goes
# into the glossary or, if that is honest, in here.
MACHINERY = {
    "Alarm",
    "AnswerFile",
    "AnswerStep",
    "CaseMove",
    "DeliveryRecipient",
    "Draft",
    "Event",
    "FetchFailure",
    "FetchMark",
    "Heartbeat",
    "Leaf",
    "LetterRecipient",
    "Presence",
    "RoleGrant",
    "SavedView",
    "Seal",
    "SearchEntry",
    "SearchName",
    "SeriesYear",
    "SourceCount",
    "User",
}
# Enumerations whose values stand for such terms, each by its module.
TERMS = {
    "accounts.rules.roles": ["Role"],
    "intake.models.mailbox": ["MailboxKind"],
    "intake.models.message": ["State", "Kind"],
    "outbox.models": ["LetterKind"],
    "registry.models.case": ["CaseStatus", "Access"],
    "registry.models.deadline": ["DeadlineState"],
    "registry.models.entry": [
        "Direction",
        "DocumentRole",
        "EntryStatus",
        "PartyRole",
        "SignOffWay",
    ],
    "registry.models.series": ["Disposal"],
}
# Fields that are terms themselves.
FIELDS = {"legal_basis", "public_title", "class_code", "retention_years", "is_restricted"}
# What notifies operators and colleagues is a letter, but no word that a citizen or a law uses.
NO_TERM = {
    "LetterKind.ALARM",
    "LetterKind.ALARM_CLEARED",
    "LetterKind.DIGEST",
    "LetterKind.NOTICE_ASSIGNED",
    "LetterKind.NOTICE_ESCALATED",
    "LetterKind.NOTICE_MENTION",
    "LetterKind.NOTICE_THREAT",
}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def glossary() -> dict[str, list[str]]:
    """The first part of the glossary: the other cells of each row by its code word."""
    words = text("docs/glossary.md").split("## Words for what comes next")[0]
    rows: dict[str, list[str]] = {}
    for line in words.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `"):
            code = cells[0].strip("`")
            assert code not in rows, f"{code} stands twice in the glossary"
            rows[code] = cells[1:]
    return rows


def model_names() -> set[str]:
    return {model.__name__ for label in OURS for model in apps.get_app_config(label).get_models()}


def enumerations() -> dict[str, set[str]]:
    """The code word of each value of TERMS, by its enumeration."""
    found = {}
    for module, names in TERMS.items():
        loaded: ModuleType = importlib.import_module(module)
        for name in names:
            members: type[Enum] = getattr(loaded, name)
            found[name] = {f"{name}.{member.name}" for member in members} - NO_TERM
    return found


def rule_keys() -> set[str]:
    return {rule.key for profile in PROFILES.values() for rule in profile.rules}


def test_every_model_is_a_word_of_the_glossary_or_machinery() -> None:
    assert model_names() - MACHINERY - set(glossary()) == set()
    assert MACHINERY - model_names() == set(), "machinery that there is no longer"
    assert MACHINERY & set(glossary()) == set()


@pytest.mark.parametrize("name", [name for names in TERMS.values() for name in names])
def test_every_role_state_and_kind_is_a_word_of_the_glossary(name: str) -> None:
    assert enumerations()[name] - set(glossary()) == set()


def test_every_deadline_rule_is_a_word_of_the_glossary() -> None:
    assert rule_keys() - set(glossary()) == set()


def test_the_glossary_has_no_word_that_the_code_has_not() -> None:
    values = {word for words in enumerations().values() for word in words}
    assert set(glossary()) - model_names() - values - rule_keys() - FIELDS == set()


def test_every_word_of_the_glossary_stands_in_three_languages_with_its_source() -> None:
    assert len(glossary()) > 50
    incomplete = [
        word for word, cells in glossary().items() if len(cells) != 4 or not all(cells[:4])
    ]
    assert incomplete == []
    # A dash says that a country has no such term; it cannot be missing in all of them.
    assert [word for word, cells in glossary().items() if set(cells[:3]) == {"–"}] == []


@cache
def anchors(page: Path) -> set[str]:
    """The places within a page that a link can name."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    words = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", words):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, place = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (place and place not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*\.(?:py|md|yml|txt|css|js|html))`", page.read_text())
    # Capitals stand for a name to be put in, and what lies below .run is made by running.
    real = [name for name in named if not re.search(r"[A-Z]{3,}", name) and name[0] != "."]
    assert [name for name in real if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    words = page.read_text(encoding="utf-8")
    dev = set(re.findall(r"^    \"(\w+)\": command_\w+,$", text("dev"), re.MULTILINE))
    assert {"demo", "test"} <= dev
    assert set(re.findall(r"\./dev (?!COMMAND)([a-z]+)", words)) - dev == set()
    ours = re.findall(r"(?:manage\.py|\./dev manage) ([a-z][a-z_]+)", words)
    assert set(ours) - set(get_commands()) == set()


def test_the_readme_has_the_two_commands_alone_in_one_block() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", text("README.md"), re.S | re.M)
    assert [block for block in blocks if "./dev" in block] == ["./dev demo\n./dev test\n"]


def test_the_newest_version_stands_first_in_the_changes() -> None:
    assert re.findall(r"^## (\S+)", text("CHANGELOG.md"), re.MULTILINE)[0] == VERSION


# What these actions do is a step of others, or setting up, and leaves no state of its own.
NO_STEP = {
    "acknowledging",
    "composing",
    "deadlines",
    "entries",
    "post",
    "prefer",
    "record",
    "refusals",
    "set_up",
}


def actions() -> list[Path]:
    return sorted(
        path
        for app in OURS
        for path in ROOT.glob(f"{app}/actions/*.py")
        if path.stem not in {"__init__", "grant_app_role"}
    )


def test_every_action_stands_in_the_way_of_a_message() -> None:
    flow = text("docs/flow.md")
    assert len(actions()) > 25
    wanted = [path.relative_to(ROOT).as_posix() for path in actions() if path.stem not in NO_STEP]
    assert [name for name in wanted if f"`{name}`" not in flow] == []


def literals(path: Path) -> set[str]:
    """The texts of a module that stand in it whole; those made of parts are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
             for part in ast.walk(node)}  # fmt: skip
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
    }


def test_every_event_of_the_ledger_stands_in_the_way_of_a_message() -> None:
    flow = text("docs/flow.md")
    verb = re.compile(rf"(?:{'|'.join(OURS)})\.[a-z]+(?:_[a-z]+)*")
    verbs = {each for path in actions() for each in literals(path) if verb.fullmatch(each)}
    assert len(verbs) > 25
    assert [each for each in sorted(verbs) if f"`{each}`" not in flow] == []


def test_every_state_of_messages_and_letters_stands_in_the_way_of_a_message() -> None:
    flow = text("docs/flow.md")
    for module, name in [("intake.models.message", "State"), ("outbox.models", "Fate")]:
        states = getattr(importlib.import_module(module), name)
        assert [state.value for state in states if f"| `{state.value}` |" not in flow] == []


def test_every_task_stands_in_the_way_of_a_message_and_the_other_way_round() -> None:
    celery_app.loader.import_default_modules()
    known = {name for name in celery_app.tasks if name.split(".")[0] in OURS}
    named = set(re.findall(r"`(\w+\.tasks\.\w+)`", text("docs/flow.md")))
    assert named == known


@pytest.mark.parametrize("page", ["docs/flow.md", "docs/operations.md"])
def test_every_alarm_is_explained(page: str) -> None:
    codes = importlib.import_module("intake.models.watch").AlarmCode
    assert [code.value for code in codes if f"`{code.value}`" not in text(page)] == []


# CONTRIBUTING names constants of the code too.
@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CONTRIBUTING.md"],
                         ids=lambda page: str(page.relative_to(ROOT)))  # fmt: skip
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"`([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", page.read_text()))
    # Beside the settings: what docker-compose.yml asks for, and names made up for an example.
    others = {"POSTGRES_PASSWORD", "POSTMOTTAK_PASSWORD", "POSTMOTTAK_TOKEN", "NAME_FILE"}
    assert named - set(DECLARED) - others == set()


def test_every_decision_has_its_three_parts_and_stands_in_the_list() -> None:
    folder = ROOT / "docs" / "adr"
    decisions = sorted(folder.glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for path in decisions:
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path.name
        assert f"]({path.name})" in listed
