"""The database refuses to change the ledger: by trigger to all, by grants to the processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from pytest_django import Settings

from ledger.actions.grant_app_role import _create, _join, app_role
from ledger.actions.seal import seal_events
from ledger.actions.verify import verify_ledger
from ledger.queries import last_seal, unsealed_for

from .conftest import NOON, TABLES, sql, tell, without_triggers

CHANGES = [
    "UPDATE ledger_event SET reason = 'other'",
    "DELETE FROM ledger_event",
    "UPDATE ledger_seal SET count = 0",
    "DELETE FROM ledger_seal",
    "UPDATE ledger_leaf SET position = 0",
    "DELETE FROM ledger_leaf",
]


@contextmanager
def as_the_app() -> Iterator[None]:
    call_command("grant_app_role", verbosity=0)
    sql(f'SET ROLE "{app_role()}"')
    try:
        yield
    finally:
        sql("RESET ROLE")


@pytest.mark.parametrize("change", CHANGES)
def test_the_trigger_refuses_a_change_even_to_the_owner(sealed: list[int], change: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        sql(change)
    assert verify_ledger().problems == []


@pytest.mark.parametrize("table", TABLES)
def test_the_trigger_refuses_to_empty_a_table(sealed: list[int], table: str) -> None:
    # The trigger is off for transactional tests, see tests/conftest.py. Both statements are one
    # transaction: the refusal undoes the switching on as well.
    with pytest.raises(IntegrityError, match="append-only"):
        sql(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate;TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("change", [*CHANGES, *(f"TRUNCATE {table} CASCADE" for table in TABLES)])
def test_the_processes_role_is_refused_by_its_grants_alone(sealed: list[int], change: str) -> None:
    with (
        without_triggers(),
        as_the_app(),
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        sql(change)
    assert verify_ledger().problems == []


def test_the_processes_role_records_seals_and_verifies(transactional_db: None) -> None:
    with as_the_app():
        tell(1)
        assert unsealed_for() > timedelta()
        assert seal_events(at=NOON) == 1
        assert unsealed_for() is None
        assert verify_ledger().problems == []
    seal = last_seal()
    assert seal is not None
    assert seal.count == 1


@pytest.mark.parametrize("column", ["recorded_at", "xact", "id"])
def test_the_processes_role_cannot_say_when_it_wrote(db: None, column: str) -> None:
    value = "now()" if column == "recorded_at" else "1"
    with (
        as_the_app(),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        sql(
            "INSERT INTO ledger_event (at, actor, verb, subject, reason, data, hash, "
            f"{column}) VALUES (now(), 'user:1', 'a.b', 'c:1', '', '{{}}', '', {value})"
        )


def test_granting_again_changes_nothing(db: None) -> None:
    rights = (
        "SELECT relname, relacl::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = 'public' AND relkind IN ('r', 'S') ORDER BY 1"
    )
    call_command("grant_app_role", verbosity=0)
    first = sql(rights)
    call_command("grant_app_role", verbosity=0)
    assert sql(rights) == first


def test_a_user_who_may_not_create_roles_is_told_what_to_run(
    db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DATABASE_ROLE_NAME = "kommunepost_absent"
    sql("CREATE ROLE kommunepost_plain NOLOGIN")
    sql("SET LOCAL ROLE kommunepost_plain")
    call_command("grant_app_role")
    sql("RESET ROLE")
    assert 'CREATE ROLE "kommunepost_absent" NOLOGIN' in capsys.readouterr().err


def test_a_user_who_may_create_roles_makes_the_role_and_becomes_it(db: None) -> None:
    sql("CREATE ROLE kommunepost_owner CREATEROLE")
    sql("SET LOCAL SESSION AUTHORIZATION kommunepost_owner")
    assert _create("kommunepost_made")
    assert _join("kommunepost_made")
    sql("SET LOCAL ROLE kommunepost_made")
    assert sql("SELECT current_user, session_user") == [("kommunepost_made", "kommunepost_owner")]


def test_the_role_may_change_other_tables(db: None) -> None:
    with as_the_app(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
