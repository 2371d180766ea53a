"""Rules about the repository itself that no other tool checks."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ["accounts", "decisions", "intake", "kommunepost", "ledger", "lib", "outbox", "registry"]


@cache
def tracked() -> list[Path]:
    """All files of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def sources(*patterns: str) -> list[Path]:
    """Tracked files whose path in the repository matches one of the patterns."""
    return [
        path for path in tracked() if any(path.relative_to(ROOT).match(each) for each in patterns)
    ]


def in_apps(*suffixes: str) -> list[Path]:
    """Tracked files of the product's own packages and templates."""
    folders = {*APPS, "templates"}
    return [
        path
        for path in tracked()
        if path.relative_to(ROOT).parts[0] in folders and path.suffix in suffixes
    ]


def found(paths: list[Path], pattern: str) -> list[str]:
    """`path:line` of each place where the pattern matches; files that are not text are passed."""
    places = []
    for path in paths:
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        places += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(lines, 1)
            if re.search(pattern, line)
        ]
    return places


def any_of(*words: str) -> str:
    """A pattern for the words. They are given with a `~` inside, so this file has none of them."""
    return "|".join(re.escape(word.replace("~", "")) for word in words)


def test_no_file_names_a_host_of_a_package_registry() -> None:
    hosts = any_of("python~hosted.org", "py~pi.org", "npm~js.org", "npm~js.com", "deb.deb~ian.org")
    assert found(tracked(), hosts) == []


def test_no_file_names_a_folder_of_a_developers_machine() -> None:
    folders = any_of("/wo~rk/", "/ro~ot/", "/ho~me/", "/Us~ers/")
    # A path begins a word; "network/" and addresses such as https://host/home/ do not count.
    assert found(tracked(), rf"(?<![\w.:/}}-])(?:{folders})") == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements.runtime.lock"])
def test_every_locked_package_has_a_version_and_hashes(name: str) -> None:
    packages = re.split(r"\n(?=\w)", (ROOT / name).read_text().strip())
    assert len(packages) > 20
    for package in packages:
        assert re.match(r"[\w.-]+==\S+", package), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package), package


def test_the_image_gets_the_versions_that_were_tested() -> None:
    locks = [
        set(re.findall(r"^[\w.-]+==\S+", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.runtime.lock", "requirements.lock")
    ]
    assert locks[0] < locks[1]


def test_the_readme_has_the_two_commands() -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / "README.md").read_text().splitlines()]
    assert "./dev demo" in lines
    assert "./dev test" in lines


@pytest.mark.parametrize("app", APPS)
def test_no_module_of_an_app_is_longer_than_400_lines(app: str) -> None:
    paths = [path for path in in_apps(".py") if path.relative_to(ROOT).parts[0] == app]
    written = [path for path in paths if "migrations" not in path.parts]
    long = [path for path in written if len(path.read_text().splitlines()) > 400]
    assert [str(path.relative_to(ROOT)) for path in long] == []


def test_nothing_is_left_for_later() -> None:
    words = any_of("NotImple~mentedError", "TO~DO", "FIX~ME", "XX~X:")
    assert found(sources("*.py", "*.html", "*.css", "dev"), rf"\b(?:{words})") == []


def test_nothing_shuts_off_what_protects_pages_and_processes() -> None:
    paths = in_apps(".py", ".html", ".txt")
    words = any_of(
        "|sa~fe",
        "mark_~safe",
        "autoescape o~ff",
        "csrf_~exempt",
        "shell=T~rue",
        "import pi~ckle",
        "pickle.lo~ads",
        "verify=F~alse",
        "CERT_N~ONE",
    )
    # The one place where a letter's cleaned HTML is shown: in a sandboxed frame of its own, under
    # a policy that loads and runs nothing (tests/intake/views and tests/browser hold it to that).
    letter = ROOT / "templates" / "intake" / "message_body.html"
    assert len(found([letter], words)) == 1
    assert found([path for path in paths if path != letter], words) == []


def test_views_leave_the_database_to_queries_access_and_actions() -> None:
    views = [path for path in in_apps(".py") if "views" in path.parts or path.name == "views.py"]
    assert views
    writes = r"\.objects\b|\.(?:save|delete|bulk_create|bulk_update|update_or_create)\("
    # A form's save() with commit=False only fills an object in; the action stores it.
    assert [place for place in found(views, writes) if "commit=False" not in place] == []


def test_views_forms_and_tags_open_no_transaction() -> None:
    paths = [
        path
        for path in in_apps(".py")
        if {"views", "templatetags"} & set(path.parts) or path.name in ("views.py", "forms.py")
    ]
    assert found(paths, r"\batomic\b|\bselect_for_update\b|\bcursor\(") == []


def test_pages_carry_no_script_or_style_of_their_own() -> None:
    pages = [path for path in in_apps(".html") if "mail" not in path.parts]
    inline = r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son\w+=\"|javascript:"
    assert found(pages, inline) == []


def test_a_program_is_executable_and_others_are_not() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, text=True, capture_output=True, check=True
    )
    modes = {line.split("\t")[1]: line[:6] for line in listed.stdout.splitlines()}
    programs = {name for name, mode in modes.items() if mode == "100755"}
    assert {"dev", ".ci/run"} <= programs
    for name in programs:
        assert (ROOT / name).read_bytes().startswith(b"#!"), name
