"""Several at once, each on a database connection of its own, and the mail that they meet at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import TypeVar

from django.db import connection

from intake.actions.receive import Arrival, receive
from tests.registry.cast import MORNING

T = TypeVar("T")


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Begin all jobs at the same moment and return what they return; raises what one raises."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        try:
            barrier.wait(30)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


ADDRESS = "post@nn.example"
RAW = b"From: Ola <ola@example.net>\r\nSubject: Hei\r\nMessage-ID: <%d@example.net>\r\n\r\nHei!\r\n"


def arrive(number: int = 1, at: datetime = MORNING) -> int:
    """A citizen's mail comes in by SMTP; the message's id."""
    arrival = Arrival(
        raw=RAW % number,
        door="smtp",
        received_at=at,
        recipients=[ADDRESS],
        envelope_from="ola@example.net",
    )
    return receive(arrival=arrival, by="system:receiver").message_id
