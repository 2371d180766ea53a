"""Receive for many senders at once: whose turn it is writes down all mails that are ready.

A transaction costs several round trips to the database and a wait for its log, whether it holds one
mail or ten. Mails that become ready while another transaction runs go into the next one together;
a mail that is alone waits for nobody.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field

from django.db import connection

from intake.actions.receive import Arrival, Kept, Received, keep, write_down


@dataclass(frozen=True, eq=False)
class _Place:
    """A mail in the queue, and what becomes of it."""

    kept: Kept
    outcome: Future[Received] = field(default_factory=Future)


class Together:
    """The queue of one process, for its threads; what it receives is received `by` one actor."""

    def __init__(self, *, by: str) -> None:
        self._by = by
        self._waiting: deque[_Place] = deque()
        self._turn = threading.Lock()

    def receive(self, arrival: Arrival) -> Received:
        """As `intake.actions.receive.receive`, to be called from many threads at once.

        Each has its own answer: what fails for one does not fail for those written down with it.
        """
        mine = _Place(keep(arrival))
        self._waiting.append(mine)
        with self._turn:
            # Whoever had the turn before may have written this one down already.
            if not mine.outcome.done():
                self._write_down([self._waiting.popleft() for _ in range(len(self._waiting))])
        return mine.outcome.result(timeout=0)

    def _write_down(self, places: list[_Place]) -> None:
        try:
            done = write_down(kept=[place.kept for place in places], by=self._by)
        except Exception as error:
            # Without a database each of them would fail alone as well.
            if len(places) > 1 and connection.is_usable():
                for place in places:
                    self._write_down([place])
                return
            for place in places:
                place.outcome.set_exception(error)
        else:
            for place, received in zip(places, done, strict=True):
                place.outcome.set_result(received)
