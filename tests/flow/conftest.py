from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.world import World, build_world


@pytest.fixture(autouse=True)
def blob_folder(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw mail of a test lies in a folder of its own."""
    settings.BLOB_DIR = tmp_path_factory.mktemp("blobs")
    return settings.BLOB_DIR  # type: ignore[no-any-return]


@pytest.fixture
def world(db: None) -> World:
    """The Norwegian municipality."""
    return build_world("NO")


@pytest.fixture
def norsjo(db: None) -> World:
    """The Swedish municipality."""
    return build_world("SE")
