from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from ledger.actions.record import record
from ledger.actions.seal import seal_events

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TABLES = ("ledger_event", "ledger_seal", "ledger_leaf")


def sql(statement: str, *values: object) -> list[tuple[object, ...]]:
    """Run a statement as the owner of the tables."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def without_triggers() -> Iterator[None]:
    """What whoever owns the database can do: no test may rely on this being impossible."""
    for table in TABLES:
        sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        for table in TABLES:
            sql(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_change")


def tell(number: int) -> None:
    record(
        verb="intake.message_received",
        subject=f"message:{number}",
        by="system:receiver",
        at=NOON + timedelta(seconds=number),
        size=number * 1000,
    )


@pytest.fixture
def sealed(transactional_db: None) -> list[int]:
    """Twelve events under three seals of five, five and two; their ids."""
    for number in range(12):
        tell(number)
    assert seal_events(at=NOON, batch=5) == 12
    return [int(str(row[0])) for row in sql("SELECT id FROM ledger_event ORDER BY id")]


@pytest.fixture
def anchor_file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        file = tmp_path / "anchors.txt"
        file.write_text(text)
        return file

    return write
