"""Other people's files are the ones we think they are, and fetch nothing from elsewhere."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
VENDOR = STATIC / "vendor"
PACKAGES = tomllib.loads((VENDOR / "VERSIONS").read_text())
FILES = [(name, file) for name, package in PACKAGES.items() for file in package["sha256"]]
OUTSIDE = re.compile(r"""(?:[a-z]+:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+""", re.IGNORECASE)
# Names of XML vocabularies look like addresses and are never fetched.
VOCABULARIES = ("http://www.w3.org",)


def addresses_in(text: str) -> set[str]:
    """Addresses with a host that a browser could fetch from `text`."""
    return {found for found in OUTSIDE.findall(text) if not found.startswith(VOCABULARIES)}


@pytest.mark.parametrize(("name", "file"), FILES)
def test_vendored_file_is_byte_for_byte_the_one_written_down(name, file):
    package = PACKAGES[name]
    content = (VENDOR / package["folder"] / file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == package["sha256"][file]


def test_vendor_folder_holds_nothing_that_is_not_written_down():
    written_down = {VENDOR / PACKAGES[name]["folder"] / file for name, file in FILES}
    found = {path for path in VENDOR.rglob("*") if path.is_file()}
    assert found == written_down | {VENDOR / "VERSIONS"}


@pytest.mark.parametrize("name", PACKAGES)
def test_vendored_package_states_version_licence_and_origin(name):
    package = PACKAGES[name]
    assert package["folder"].endswith(package["version"])
    assert package["licence"]
    assert set(package["from"]) == set(package["sha256"])
    assert "LICENSE" in package["sha256"]


@pytest.mark.parametrize(("name", "file"), FILES)
def test_vendored_file_loads_nothing_from_outside(name, file):
    path = VENDOR / PACKAGES[name]["folder"] / file
    if path.suffix not in {".css", ".js"}:
        assert path.suffix == ".woff2" or path.name == "LICENSE"
        return
    text = path.read_text()
    assert addresses_in(text) == set()
    assert "@import" not in text
    assert "sourceMappingURL" not in text
    for target in re.findall(r"""url\(\s*["']?([^"')\s]{1,40})""", text):
        assert target.startswith("data:"), target


@pytest.mark.parametrize(
    "path", sorted({*STATIC.glob("css/*"), *STATIC.glob("js/*"), *STATIC.glob("*.svg")}), ids=str
)
def test_our_own_static_files_name_no_other_host(path):
    assert addresses_in(path.read_text()) == set()


def test_an_address_in_a_stylesheet_would_be_noticed():
    assert addresses_in("a{background:url(//cdn.example.org/x.png)}") == {"//cdn.example.org"}
    assert addresses_in("@import 'https://fonts.example.org/x.css';") == {
        "https://fonts.example.org"
    }
