from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .builders import set_up
from .relay import Relay


@pytest.fixture
def municipality(db: None) -> None:
    set_up()


@pytest.fixture
def committed(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A municipality in a database where commits are commits, and no broker."""
    monkeypatch.setattr("lib.enqueue._send", lambda task, ids: None)
    set_up()


@pytest.fixture
def relay() -> Iterator[Callable[..., Relay]]:
    """Makes mail servers and ends them."""
    made: list[Relay] = []

    def make(script: dict[str, list[str]] | None = None, **how: Any) -> Relay:
        made.append(Relay(script, **how))
        return made[-1]

    yield make
    for each in made:
        each.close()
