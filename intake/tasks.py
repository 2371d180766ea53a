"""Entrances for worker and beat: ids in, one action called."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery import shared_task
from celery.signals import beat_init, heartbeat_sent
from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from intake.actions import fetch, watch
from intake.actions.screen_waiting import screen_waiting
from intake.actions.send_receipts import send_receipts
from intake.actions.sweep import sweep_messages as sweep
from lib.enqueue import enqueue
from lib.reading import read_ahead

log = logging.getLogger(__name__)

_BY = "system:worker"
_HEARTBEAT_SECONDS = 20


@shared_task
def screen_messages() -> None:
    """Screen what waits; when that takes long, let other tasks have their turn in between."""
    if not screen_waiting(read=read_ahead(), by=_BY, clock=timezone.now):
        enqueue("intake.tasks.screen_messages")


@shared_task
def sweep_messages() -> None:
    """Find messages that a dead worker left behind; also the worker's sign of life."""
    watch.beat(name="worker", at=timezone.now())
    sweep(by=_BY, at=timezone.now())


@beat_init.connect
def show_that_beat_lives(**kwargs: object) -> None:
    """The timer writes its own sign of life: a task of its schedule would also need a worker."""
    threading.Thread(target=_beat_for_ever, name="heartbeat", daemon=True).start()


def _beat_for_ever() -> None:
    while True:
        close_old_connections()
        _show_life("beat")
        time.sleep(_HEARTBEAT_SECONDS)


class SenderLife:
    """The sign of life of a worker that serves the queue of letters, from its main process.

    A task would wait behind a letter that a mail server takes ten minutes over, and a sender that
    waits is not silent; that letters do not leave is another alarm.
    """

    def __init__(self) -> None:
        self.next = 0.0

    def __call__(self, sender: Any, **kwargs: object) -> None:
        """Celery's own heartbeat, every two seconds while it is in touch with the broker."""
        queue = settings.CELERY_TASK_ROUTES["outbox.tasks.*"]["queue"]
        if queue not in sender.eventer.app.amqp.queues.consume_from:
            return
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + _HEARTBEAT_SECONDS
            _show_life("sender")
            # Its children are forks, and must not inherit a connection.
            connection.close()


show_that_sender_lives = SenderLife()
heartbeat_sent.connect(show_that_sender_lives)


def _show_life(name: str) -> None:
    try:
        watch.beat(name=name, at=timezone.now())
    except Error as error:
        log.warning("%s could not show that it lives: %s", name, type(error).__name__)


@shared_task
def send_due_receipts() -> None:
    """Send the automatic receipts whose limit nears."""
    send_receipts(by=_BY, at=timezone.now())


@shared_task
def fetch_mailboxes() -> None:
    """Fetch from every mailbox that is fetched by IMAP."""
    fetch.fetch_all(by="system:fetch", clock=timezone.now)


@shared_task
def raise_alarms() -> None:
    """Raise and clear alarms."""
    watch.raise_alarms(by=_BY, at=timezone.now())
