from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.world import World, build_world


@pytest.fixture(autouse=True)
def blob_folder(settings: Any, tmp_path: Path) -> Path:
    """Raw mail of a test lies in a folder of its own."""
    settings.BLOB_DIR = tmp_path / "blobs"
    return tmp_path / "blobs"


@pytest.fixture
def world(db: None) -> World:
    """The Norwegian municipality."""
    return build_world("NO")


@pytest.fixture
def norsjo(db: None) -> World:
    """The Swedish municipality."""
    return build_world("SE")
