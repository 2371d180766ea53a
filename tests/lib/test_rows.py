"""Rows written with ready-made SQL are as the ORM would have written them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from lib import rows
from outbox.models import Letter, LetterRecipient, LetterText
from registry.models import Deadline

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def deadline(message_number: str) -> Deadline:
    return Deadline(
        kind="answer",
        message_number=message_number,
        starts_at=AT,
        due_on=date(2026, 12, 6),
        due_at=AT,
        paragraph="100 % of § 11",
        rule={"number": 14, "verified": True},
        warn_on=["2026-12-01"],
    )


def text(version: int) -> LetterText:
    return LetterText(
        kind="receipt", language="nn", version=version, text="a", created_at=AT, created_by="x"
    )


def test_inserted_rows_read_back_as_they_were_given() -> None:
    given = [deadline("M1"), deadline("M2"), deadline("M3")]
    rows.insert(given)
    for row in given:
        assert not row._state.adding
        found = Deadline.objects.get(message_number=row.message_number)
        assert found == row
        assert {**found.__dict__, "_state": None} == {**row.__dict__, "_state": None}


def test_a_row_is_read_as_the_orm_reads_it(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    rows.insert([deadline("M1"), deadline("M2")])
    by_orm = Deadline.objects.get(message_number="M2")
    with django_assert_num_queries(1):
        found = rows.read(Deadline, by_orm.pk, lock=True)
    assert {**found.__dict__, "_state": None} == {**by_orm.__dict__, "_state": None}
    assert not found._state.adding


def test_a_field_that_was_left_out_is_fetched_when_it_is_asked_for(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    row = text(1)
    rows.insert([row])
    with django_assert_num_queries(1):
        found = rows.read(LetterText, row.pk, without=("text", "kind"))
        assert found.language == "nn"
    with django_assert_num_queries(1):
        assert found.text == "a"


def test_a_row_that_is_not_there_cannot_be_read() -> None:
    with pytest.raises(LetterText.DoesNotExist):
        rows.read(LetterText, 4711)


def test_many_rows_are_one_statement_and_no_rows_are_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        rows.insert([text(1), text(2), text(3)])
    with django_assert_num_queries(0):
        rows.insert([])


def test_a_row_and_those_that_point_to_it_are_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    letter = Letter(key="a", created_at=AT, not_before=AT, raw=b"a", language="nn")
    to = [
        LetterRecipient(letter=letter, address=address, due_at=AT, changed_at=AT)
        for address in ("kari@example.net", "100%@example.net")
    ]
    with django_assert_num_queries(1):
        rows.insert_with(letter, to)
    found = Letter.objects.get()
    assert {**found.__dict__, "_state": None} == {**letter.__dict__, "_state": None}
    assert list(found.recipients.order_by("pk").values_list("address", "due_at", "sent_at")) == [
        ("kari@example.net", AT, None),
        ("100%@example.net", AT, None),
    ]
    again = Letter(key="a", created_at=AT, not_before=AT, raw=b"b", language="nn")
    another = LetterRecipient(letter=again, address="ola@example.net", due_at=AT, changed_at=AT)
    assert not rows.insert_with(again, [another], unless_there=True)
    assert LetterRecipient.objects.count() == 2


def test_a_row_that_is_there_already_raises_the_databases_error() -> None:
    rows.insert([text(1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert([text(2), text(1)])
    assert LetterText.objects.count() == 1


def test_a_row_is_written_unless_it_is_there() -> None:
    first, second = text(1), text(1)
    assert rows.insert_unless_there(first)
    assert not rows.insert_unless_there(second)
    assert second.pk is None
    assert LetterText.objects.get() == first


def test_an_update_writes_the_named_fields_and_no_other() -> None:
    row = deadline("M1")
    rows.insert([row])
    row.ended_at, row.steps, row.kind = AT, [{"code": "start"}], "changed"
    rows.update(row, ["ended_at", "steps"])
    found = Deadline.objects.get(pk=row.pk)
    assert (found.ended_at, found.steps, found.kind) == (AT, [{"code": "start"}], "answer")


def test_an_update_of_a_row_that_is_not_there_is_an_error() -> None:
    row = text(1)
    row.pk = 4711
    with pytest.raises(DatabaseError, match="no such row"):
        rows.update(row, ["text"])
