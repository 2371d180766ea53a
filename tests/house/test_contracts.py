"""The import contracts hold, and each of them notices when it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = "kommunepost intake decisions registry outbox accounts ledger lib".split()

# Where to put which import (or which new file), and the contract that must say no.
BREAKS = [
    ("registry/queries/__init__.py", "import intake.queries", "Apps point one way"),
    ("lib/recent.py", "import ledger.queries", "Apps point one way"),
    ("intake/queries.py", "import intake.actions.receive", "Inside an app"),
    ("registry/models/case.py", "import registry.queries", "Inside an app"),
    ("outbox/helpers.py", "", "Inside an app"),
    ("kommunepost/health.py", "import intake.models", "intake.models is private to intake"),
    ("intake/queries.py", "import decisions.models", "decisions.models is private to decisions"),
    ("decisions/queries.py", "import registry.models", "registry.models is private to registry"),
    ("registry/queries/__init__.py", "import outbox.models", "outbox.models is private to outbox"),
    ("outbox/queries.py", "import accounts.models", "accounts.models is private to accounts"),
    ("accounts/queries.py", "import ledger.models", "ledger.models is private to ledger"),
    (
        "registry/rules/titles.py",
        "import django.conf",
        "Rules and the plain libraries know nothing of Django",
    ),
    (
        "lib/mime/words.py",
        "import django.utils.text",
        "Rules and the plain libraries know nothing of Django",
    ),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def verdict(folder: Path) -> tuple[int, str]:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_the_tree_keeps_its_contracts(copy: Path) -> None:
    code, said = verdict(copy)
    assert code == 0, said


@pytest.mark.parametrize(("file", "line", "contract"), BREAKS)
def test_a_broken_contract_is_named(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    kept = path.read_text() if path.exists() else None
    path.write_text(f"{kept or ''}\n{line}\n")
    try:
        code, said = verdict(copy)
    finally:
        if kept is None:
            path.unlink()
        else:
            path.write_text(kept)
    assert code == 1
    assert f"{contract} BROKEN" in said
