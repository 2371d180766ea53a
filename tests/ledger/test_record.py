"""Writing events."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.actions.record import Entry, in_one, record, record_many
from ledger.models import Event
from ledger.queries import history
from ledger.rules.hashes import event_hash

from .conftest import NOON, tell

pytestmark = pytest.mark.django_db


def test_an_event_says_who_what_when_and_why() -> None:
    record(
        verb="registry.case_closed",
        subject="case:4",
        by="user:12",
        at=NOON,
        reason="answered",
        entries=[7, 9],
        late=False,
        sha256="ab" * 32,
        unit=None,
    )
    event = Event.objects.get()
    assert (event.actor, event.verb, event.subject) == ("user:12", "registry.case_closed", "case:4")
    assert (event.at, event.reason) == (NOON, "answered")
    assert event.data == {"entries": [7, 9], "late": False, "sha256": "ab" * 32, "unit": None}
    assert event.hash == event_hash(
        at=NOON,
        actor="user:12",
        verb="registry.case_closed",
        subject="case:4",
        reason="answered",
        data=event.data,
    )


def test_an_event_falls_with_the_transaction_it_tells_of() -> None:
    with transaction.atomic():
        tell(1)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_many_events_are_one_insert() -> None:
    entries = [Entry("intake.message_received", f"message:{n}", data={"n": n}) for n in range(50)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        record_many(entries, by="system:import", at=NOON)
        record_many([], by="system:import", at=NOON)
    assert len(queries) == 1
    assert [event.data["n"] for event in Event.objects.order_by("id")] == list(range(50))


def test_what_an_action_tells_of_in_one_is_one_insert_in_the_order_it_was_told() -> None:
    with CaptureQueriesContext(connection) as queries, in_one():
        tell(3)
        with in_one():
            tell(1)
        tell(2)
        assert not queries.captured_queries
    assert len(queries) == 1
    told = Event.objects.order_by("id").values_list("subject", flat=True)
    assert list(told) == ["message:3", "message:1", "message:2"]


def test_an_action_that_fails_tells_of_nothing_and_the_next_tells_at_once() -> None:
    def fails() -> None:
        tell(1)
        raise RuntimeError

    with pytest.raises(RuntimeError), in_one():
        fails()
    assert not Event.objects.exists()
    tell(2)
    assert Event.objects.count() == 1


def test_the_history_of_a_subject_is_its_own_events_oldest_first() -> None:
    for number in (1, 2, 1):
        tell(number)
    assert [event.subject for event in history("message:1")] == ["message:1", "message:1"]


@pytest.mark.parametrize(
    "data",
    [
        {"sender": "kari@example.no"},
        {"senders": ["kari@example.no"]},
        {"text": "x" * 201},
        {"ratio": 0.5},
        {"nested": {"a": 1}},
        {"nested": [["a"]]},
        {"text": "a\0b"},
        {"text": "\ud800"},
    ],
)
def test_what_may_be_content_is_refused_and_not_repeated(data: dict[str, object]) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        record(verb="a.b", subject="c:1", by="user:1", at=NOON, **data)  # type: ignore[arg-type]
    assert "kari" not in str(refusal.value)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "field",
    [
        {"by": "kari@example.no"},
        {"by": "user:kari@example.no"},
        {"by": ""},
        {"subject": "message 17"},
        {"verb": "closed"},
        {"reason": "she asked for it"},
        {"at": NOON.replace(tzinfo=None)},
    ],
)
def test_actor_verb_subject_and_reason_are_references_and_codes(field: dict[str, object]) -> None:
    right = {"verb": "a.b", "subject": "c:1", "by": "user:1", "at": NOON}
    with pytest.raises(ValueError, match="ledger"):
        record(**(right | field))  # type: ignore[arg-type]
