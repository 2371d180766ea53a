"""Every event is sealed exactly once, whoever writes meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from ledger import queries
from ledger.actions.seal import seal_events
from ledger.actions.verify import verify_ledger
from ledger.models import Event, Leaf, Seal
from ledger.tasks import seal

from .conftest import NOON, sql, tell, without_triggers

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE = 30  # seconds a thread may take


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_each_seal_follows_the_one_before(sealed: list[int]) -> None:
    chain = list(Seal.objects.order_by("id"))
    assert [seal.count for seal in chain] == [5, 5, 2]
    assert [seal.previous_hash for seal in chain] == [
        "", chain[0].chain_hash, chain[1].chain_hash,
    ]  # fmt: skip
    assert list(
        Leaf.objects.order_by("seal_id", "position").values_list("event_id", flat=True)
    ) == (sealed)


def test_nothing_new_makes_no_seal(sealed: list[int]) -> None:
    assert seal_events(at=NOON) == 0
    assert Seal.objects.count() == 3
    assert queries.unsealed_for() is None


def test_a_transaction_open_across_two_seals_is_sealed_after_it_committed() -> None:
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            tell(1)
            written.set()
            assert go_on.wait(DEADLINE)
            tell(2)

    thread = in_thread(slow)
    assert written.wait(DEADLINE)
    tell(3)
    assert seal_events(at=NOON) == 1  # an open writer holds nobody up
    tell(4)
    assert seal_events(at=NOON) == 1
    go_on.set()
    thread.join(DEADLINE)
    assert seal_events(at=NOON) == 2
    sealed = Leaf.objects.order_by("seal_id", "position").values_list("event__subject", flat=True)
    assert list(sealed) == ["message:3", "message:4", "message:1", "message:2"]
    assert verify_ledger().problems == []


def test_what_is_rolled_back_leaves_nothing_to_seal() -> None:
    tell(1)
    with transaction.atomic():
        tell(2)
        transaction.set_rollback(True)
    tell(3)
    assert seal_events(at=NOON) == 2
    assert verify_ledger().problems == []


def test_eight_writers_beside_the_sealer_leave_every_event_sealed_once() -> None:
    done = threading.Event()
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(40):
                with transaction.atomic():
                    tell(writer * 1000 + number)
                    if number % 5 == 4:
                        tell(writer * 1000 + number + 500)
                    if number % 7 == 6:
                        transaction.set_rollback(True)
        except BaseException as error:
            failures.append(error)

    def keep_sealing() -> None:
        try:
            while not done.is_set():
                seal_events(at=NOON, batch=7)
        except BaseException as error:
            failures.append(error)

    writers = [in_thread(lambda writer=writer: write(writer)) for writer in range(8)]  # type: ignore[misc]
    sealers = [in_thread(keep_sealing) for _ in range(2)]
    for thread in writers:
        thread.join(DEADLINE)
    done.set()
    for thread in sealers:
        thread.join(DEADLINE)
    assert failures == []
    seal_events(at=NOON, batch=7)
    # Per writer 40 events, 5 rolled back (6, 13, 20, 27, 34), and 8 second ones, one of them
    # rolled back with its transaction (34).
    assert Event.objects.count() == 8 * (40 - 5 + 8 - 1)
    assert set(Leaf.objects.values_list("event_id", flat=True)) == set(
        Event.objects.values_list("id", flat=True)
    )
    report = verify_ledger()
    assert report.problems == []
    assert (report.events, report.unsealed) == (336, 0)
    assert Seal.objects.count() > 10


def test_a_second_sealer_leaves_at_once() -> None:
    tell(1)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            seal_events(at=NOON)
            held.set()
            go_on.wait(DEADLINE)

    thread = in_thread(hold)
    assert held.wait(DEADLINE)
    assert seal_events(at=NOON) == 0
    go_on.set()
    thread.join(DEADLINE)
    assert Seal.objects.count() == 1


def restore_into_a_new_cluster(monkeypatch: pytest.MonkeyPatch, transactions: int) -> None:
    """What a restore from a dump does: rows keep their numbers, the cluster counts its own."""
    here = queries.cluster_id()
    monkeypatch.setattr(queries, "cluster_id", lambda: here + 1)
    with without_triggers():
        sql("UPDATE ledger_event SET xact = xact + %s", transactions)


@pytest.mark.parametrize("transactions", [1_000_000, -200])
def test_events_restored_unsealed_from_a_dump_are_sealed(
    monkeypatch: pytest.MonkeyPatch, transactions: int
) -> None:
    tell(1)
    tell(2)
    restore_into_a_new_cluster(monkeypatch, transactions)
    tell(3)
    assert seal_events(at=NOON) == 3
    tell(4)
    assert seal_events(at=NOON) == 1
    assert queries.unsealed_for() is None
    assert verify_ledger().problems == []


def test_after_a_restore_old_seals_hide_no_new_event(monkeypatch: pytest.MonkeyPatch) -> None:
    here = queries.cluster_id()
    monkeypatch.setattr(queries, "cluster_id", lambda: here + 1)
    ahead = queries.standing()
    # The old cluster had counted a million transactions further.
    monkeypatch.setattr(
        "ledger.actions.seal.standing",
        lambda: queries.Standing(
            ahead.taken_at, ahead.cluster, ahead.xmin + 1_000_000, ahead.xmax + 1_000_000
        ),
    )
    tell(1)
    assert seal_events(at=NOON) == 1
    monkeypatch.undo()
    tell(2)
    assert seal_events(at=NOON) == 1
    tell(3)
    assert seal_events(at=NOON) == 1
    assert verify_ledger().problems == []


def test_the_beats_task_seals() -> None:
    tell(1)
    seal()
    assert Seal.objects.get().count == 1


def test_finding_what_is_unsealed_reads_no_sealed_event(sealed: list[int]) -> None:
    tell(99)
    sql("ANALYZE ledger_event")
    sql("SET enable_seqscan = off")
    try:
        plan = sql(
            "EXPLAIN (ANALYZE, FORMAT TEXT) SELECT e.id, e.hash, e.recorded_at, e.xact"
            + queries._UNSEALED.replace("%(below)s", "%s").replace("%(xmax)s", "%s")
            + "ORDER BY e.id LIMIT 10000",
            queries.sealed_below(queries.cluster_id()),
            queries.sealed_below(queries.cluster_id()),
            queries.standing().xmax,
        )
    finally:
        sql("RESET enable_seqscan")
    text = "\n".join(str(line[0]) for line in plan)
    assert "ledger_event_by_xact" in text
