"""Deadlines are counted anew while people work on the same entries."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from registry.actions.recompute import recount_deadlines, request_recount
from registry.models import ClosedDay, Deadline, Recount
from tests.concurrency.crowd import at_once
from tests.registry.cast import MORNING, build_town

BY = "user:7"


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.usefixtures("transactional_db")
def test_whoever_ends_deadlines_in_another_order_does_not_meet_the_recount_in_a_circle() -> None:
    """Ending a wait takes the request's deadline, and then the older one of the answer."""
    entry = build_town().register()
    first, second = Deadline.objects.filter(entry=entry).order_by("pk")
    # Both end on Wednesday 1 April, which is closed now.
    ClosedDay.objects.create(on=date(2026, 4, 1), name="Påskestengt")
    request_recount(reason="closed_day", on=date(2026, 4, 1), by=BY, at=MORNING)
    holds_second = Signal()

    def work() -> int:
        with transaction.atomic():
            Deadline.objects.select_for_update(of=("self",)).get(pk=second.pk)
            holds_second.set()
            wait_until(somebody_waits_for_a_lock)
            Deadline.objects.select_for_update(of=("self",)).get(pk=first.pk)
        return 0

    def recount() -> int:
        assert holds_second.wait(10)
        return recount_deadlines(at=MORNING + timedelta(minutes=1))

    assert at_once([work, recount]) == [0, 2]
    assert set(Deadline.objects.values_list("due_on", flat=True)) == {date(2026, 3, 31)}
    job = Recount.objects.get()
    assert (job.looked_at, job.changed) == (2, 2)
    assert job.finished_at is not None
