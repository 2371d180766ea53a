from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from intake.actions.set_up import set_up_mailbox
from intake.models import Mailbox
from tests.concurrency.crowd import ADDRESS
from tests.registry.cast import build_town


@pytest.fixture
def open_town(transactional_db: None, settings: Any, tmp_path: Path) -> Mailbox:
    """A municipality that receives post; its mailbox."""
    settings.BLOB_DIR = tmp_path
    town = build_town()
    return set_up_mailbox(
        address=ADDRESS,
        name="Post",
        kind="central",
        authority_id=town.series.authority_id,
        unit_id=town.health.pk,
        language="nb",
    )
