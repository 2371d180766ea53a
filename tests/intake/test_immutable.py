"""What the database itself refuses, whoever asks: tried with plain SQL as the tables' owner."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.state import ProjectState

from intake.models import Message, Proposal
from tests.world import World, mail, mail_with_file

REFUSED = "what came stays as it came"


def refused(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=REFUSED),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["message", "delivery", "deliveryrecipient", "attachment"])
def test_nothing_that_came_is_deleted(world: World, table: str) -> None:
    world.arrive(mail_with_file())
    refused(f"DELETE FROM intake_{table}")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("received_at", "received_at - interval '1 second'"),
        ("fingerprint", "'0'"),
        ("raw_sha256", "'0'"),
        ("size", "size + 1"),
        ("mailbox_id", "{other}"),
    ],
)
def test_the_facts_of_an_arrival_never_change(world: World, column: str, value: str) -> None:
    world.arrive(mail())
    refused(f"UPDATE intake_message SET {column} = {value.format(other=world.health.pk)}")


@pytest.mark.parametrize(
    "change", ["received_at = now()", "envelope_from = 'x@example.net'", "message_id = message_id"]
)
def test_a_delivery_is_written_once(world: World, change: str) -> None:
    world.arrive(mail())
    refused(f"UPDATE intake_delivery SET {change}")


def test_a_recipient_of_a_delivery_is_written_once(world: World) -> None:
    world.arrive(mail())
    refused(f"UPDATE intake_deliveryrecipient SET mailbox_id = {world.health.pk}")


def test_what_is_found_and_decided_about_a_message_may_change(world: World) -> None:
    message = world.arrive(mail())
    message.state_at += timedelta(seconds=1)
    message.save()
    Message.objects.update(opened_at=message.received_at)


def test_a_proposal_may_go(world: World) -> None:
    case = world.register(world.arrive(mail())).case_id
    second = world.arrive(mail(subject="Mer", message_id="<a2@example.net>"))
    Proposal.objects.get_or_create(message=second, case_id=case)
    Proposal.objects.all().delete()
    assert not Proposal.objects.exists()


@pytest.mark.django_db
def test_the_tables_refuse_to_be_emptied() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname LIKE 'intake%no_truncate' ORDER BY 1"
        )
        tables = [row[0] for row in cursor.fetchall()]
    assert tables == [
        "intake_attachment",
        "intake_delivery",
        "intake_deliveryrecipient",
        "intake_message",
    ]


@pytest.mark.django_db
def test_the_guards_can_be_taken_down_and_put_up_again() -> None:
    def triggers() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'intake_%'")
            return int(cursor.fetchone()[0])

    # Of this migration only: later ones build indexes outside any transaction.
    steps = import_module("intake.migrations.0002_immutable").Migration.operations
    before, state = triggers(), ProjectState()
    with connection.schema_editor() as editor:
        for step in reversed(steps):
            step.database_backwards("intake", editor, state, state)
        assert triggers() == 0
        for step in steps:
            step.database_forwards("intake", editor, state, state)
    assert triggers() == before == 9
