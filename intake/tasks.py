"""Entrances for worker and beat: ids in, one action called."""

from __future__ import annotations

import logging
import threading
import time

from celery import shared_task
from celery.signals import beat_init
from django.db import Error, close_old_connections
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
        try:
            watch.beat(name="beat", at=timezone.now())
        except Error as error:
            log.warning("beat could not show that it lives: %s", type(error).__name__)
        time.sleep(_HEARTBEAT_SECONDS)


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
