from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.office import Office, open_office


@pytest.fixture
def office(db: None, settings: Any, tmp_path: Path) -> Office:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.PREVIEW_DIR = tmp_path / "previews"
    return open_office()


@pytest.fixture
def registrar(office: Office) -> Client:
    """A browser in which the registrar is signed in."""
    client = Client()
    client.force_login(office.registrar)
    return client
