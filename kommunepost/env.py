"""Settings come from the environment only; every one is declared here with its help text.

`docs/settings.md` is generated from `DECLARED`, so a setting that is read is a setting that is
documented. A variable `NAME` may also be given as `NAME_FILE`, the path of a file with the value
(container secrets).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import environ
from django.core.exceptions import ImproperlyConfigured

REQUIRED: Final = object()


@dataclass(frozen=True)
class Declared:
    """One environment variable: what it means, and what holds when it is not given."""

    name: str
    kind: str
    default: object
    help: str
    section: str


DECLARED: dict[str, Declared] = {}

_env = environ.Env()
_section = ""


def section(title: str) -> None:
    """Declarations that follow belong under `title` in docs/settings.md."""
    global _section
    _section = title


def _declare(name: str, kind: str, default: object, help: str) -> str | None:
    DECLARED[name] = Declared(name, kind, default, help, _section)
    if name in os.environ:
        return os.environ[name]
    if f"{name}_FILE" in os.environ:
        return Path(os.environ[f"{name}_FILE"]).read_text().strip()
    if default is REQUIRED:
        raise ImproperlyConfigured(f"{name} (or {name}_FILE) must be set: {help}")
    return None


def text(name: str, default: object, help: str) -> str:
    """A string. Raises ImproperlyConfigured when it is required and missing."""
    value = _declare(name, "text", default, help)
    return str(default) if value is None else value


def flag(name: str, default: bool, help: str) -> bool:
    """`on` or `off`, nothing else: a typing error must not switch a protection off."""
    value = _declare(name, "on or off", "on" if default else "off", help)
    if value is None:
        return default
    if value.lower() not in ("on", "off"):
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}")
    return value.lower() == "on"


def number(name: str, default: int, help: str, *, minimum: int = 0) -> int:
    """A whole number, at least `minimum`."""
    value = _declare(name, "number", default, help)
    try:
        result = default if value is None else int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None
    if result < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {result}")
    return result


def words(name: str, default: str, help: str) -> list[str]:
    """A comma-separated list."""
    value = _declare(name, "list", default, help)
    return [
        word.strip() for word in (default if value is None else value).split(",") if word.strip()
    ]


def database(name: str, help: str) -> dict[str, object]:
    """A database address as Django wants it (django-environ's URL form)."""
    value = _declare(name, "address", REQUIRED, help)
    return dict(_env.db_url_config(str(value)))
