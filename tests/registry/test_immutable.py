"""What the database itself refuses, whoever asks: tried with plain SQL as the tables' owner."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from registry.actions.correct import CaseDescription, correct_case
from registry.actions.hold import place_hold
from registry.actions.sign_off import sign_off
from registry.actions.void import void_entry
from registry.models import Entry
from tests.registry.cast import MORNING, REGISTRAR, Town

TABLES = [
    "acknowledgement",
    "case",
    "deadline",
    "document",
    "entry",
    "hold",
    "party",
    "seriesyear",
    "signoff",
    "version",
]


def refused(statement: str, match: str) -> None:
    with (
        pytest.raises(DatabaseError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.fixture
def entry(town: Town) -> Entry:
    """An entry with a row in every table of the record."""
    entry = town.register()
    town.acknowledge(entry)
    place_hold(case_id=entry.case_id, reason="Klage", by=REGISTRAR, at=MORNING)
    sign_off(entry_id=entry.pk, way="TE", reason="Avklart", by=REGISTRAR, at=MORNING)
    return entry


@pytest.mark.parametrize("table", TABLES)
def test_no_row_of_the_record_is_deleted(entry: Entry, table: str) -> None:
    refused(f"DELETE FROM registry_{table}", "nothing is removed from the record: DELETE")


@pytest.mark.parametrize("table", TABLES)
def test_no_table_of_the_record_is_emptied(entry: Entry, table: str) -> None:
    with connection.cursor() as cursor:
        # Django's test runner may empty tables; production may not.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE registry_{table} ENABLE TRIGGER registry_{table}_no_truncate")
    refused(f"TRUNCATE registry_{table} CASCADE", "nothing is removed from the record: TRUNCATE")


@pytest.mark.parametrize(
    ("table", "assignment"),
    [
        ("entry", "reference = '2026/9-9'"),
        ("entry", "document = 9"),
        ("entry", "running_number = 9"),
        ("entry", "running_year = 2025"),
        ("entry", "direction = 'internal'"),
        ("entry", "arrived_at = now()"),
        ("entry", "registered_at = now()"),
        ("entry", "registered_by = 'user:9'"),
        ("entry", "message_number = 'M9'"),
        ("case", "reference = '2026/9'"),
        ("case", "number = 9"),
        ("case", "year = 2025"),
        ("case", "opened_at = now()"),
        ("case", "opened_by = 'user:9'"),
        ("document", "sha256 = repeat('0', 64)"),
        ("document", "filename = 'x'"),
        ("party", "name = 'x'"),
        ("version", "reason = 'x'"),
        ("signoff", "way = 'BU'"),
        ("acknowledgement", "message_number = 'M9'"),
        ("hold", "reason = 'x'"),
    ],
)
def test_what_is_registered_never_changes(entry: Entry, table: str, assignment: str) -> None:
    column = assignment.split()[0]
    refused(f"UPDATE registry_{table} SET {assignment}", f"{column} may not be changed")


@pytest.mark.parametrize(
    ("table", "column"), [("entry", "title"), ("entry", "access"), ("case", "public_title")]
)
def test_a_description_changes_only_with_a_new_version(
    entry: Entry, table: str, column: str
) -> None:
    change = f"UPDATE registry_{table} SET {column} = 'open'"
    refused(change, f"{column} changed without a new version")
    refused(f"{change}, version = version + 1", "version 2 is not written down")
    refused(f"UPDATE registry_{table} SET version = version + 2", "without a new version")


def test_a_counter_never_goes_back(entry: Entry) -> None:
    refused("UPDATE registry_seriesyear SET last_entry = 0", "never used again")


def test_what_is_set_once_stays(entry: Entry) -> None:
    refused("UPDATE registry_acknowledgement SET letter_entry_id = NULL", "has been set and stays")


def test_void_is_final(town: Town) -> None:
    entry = town.register()
    void_entry(entry_id=entry.pk, reason="Feil", by=REGISTRAR, at=MORNING)
    refused(
        f"UPDATE registry_entry SET status = 'registered' WHERE id = {entry.pk}", "void is final"
    )


def test_a_correction_passes_the_same_guards(entry: Entry) -> None:
    correct_case(
        case_id=entry.case_id,
        expected_version=1,
        description=CaseDescription("Ny tittel", "Støttekontakt", "open", ""),
        reason="Skrivefeil",
        by=REGISTRAR,
        at=MORNING,
    )
    entry.case.refresh_from_db()
    assert (entry.case.title, entry.case.version) == ("Ny tittel", 2)
