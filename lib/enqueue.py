"""Wake a worker after commit. The row holds the truth; the message is only a hint."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from functools import partial

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

Wish = tuple[str, tuple[tuple[str, int | str], ...]]

# What is wished for again within this time is announced once.
_PAUSE_SECONDS = 0.1
# A wish that nobody took for so long says nothing any more: a sweeper has spoken since.
_EXPIRES_SECONDS = 60


def enqueue(task: str, **ids: int | str) -> None:
    """Ask for `task` ("intake.tasks.screen_messages") to run with `ids` once we have committed.

    Only ids travel, never content. The broker is spoken to by a thread of its own, so that nobody
    who commits waits for it; the same wish made many times at once is announced once. A broker
    that cannot be reached is logged and otherwise ignored: every state that waits for a worker is
    a row which a sweeper finds.
    """
    transaction.on_commit(partial(_wish, (task, tuple(sorted(ids.items())))))


def prepare() -> None:
    """Load what speaking to the broker needs, without speaking to it.

    It takes half a second of computing, which is better spent before a process, or the one that
    forks it, takes work than with its first work in hand.
    """
    with current_app.connection_for_write() as unconnected:
        unconnected.transport  # noqa: B018 (loads the broker's client)
    current_app.amqp.router  # noqa: B018 (loads Celery's part)


class _Announcer:
    """The thread of this process that speaks to the broker."""

    def __init__(self) -> None:
        self._wishes: set[Wish] = set()
        self._there_are_some = threading.Event()
        threading.Thread(target=self._for_ever, name="enqueue", daemon=True).start()
        atexit.register(self._announce)

    def wish(self, wish: Wish) -> None:
        self._wishes.add(wish)
        self._there_are_some.set()

    def _for_ever(self) -> None:
        while True:
            self._there_are_some.wait()
            self._there_are_some.clear()
            self._announce()
            time.sleep(_PAUSE_SECONDS)

    def _announce(self) -> None:
        while self._wishes:
            task, ids = self._wishes.pop()
            _send(task, dict(ids))


# By process: a thread does not live on in a fork.
_announcers: dict[int, _Announcer] = {}
_starting = threading.Lock()


def _wish(wish: Wish) -> None:
    pid = os.getpid()
    if pid not in _announcers:
        with _starting:
            if pid not in _announcers:
                _announcers.clear()
                _announcers[pid] = _Announcer()
    _announcers[pid].wish(wish)


def _send(task: str, ids: dict[str, int | str]) -> None:
    try:
        current_app.send_task(task, kwargs=ids, expires=_EXPIRES_SECONDS)
    except Exception as error:  # the broker's client raises many kinds; none may end the thread
        log.warning(
            "broker unreachable, the sweeper will find it: task=%s error=%s",
            task,
            type(error).__name__,
        )
