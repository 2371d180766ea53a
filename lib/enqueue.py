"""Wake a worker after commit. The row holds the truth; the message is only a hint."""

from __future__ import annotations

import logging
from functools import partial

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def enqueue(task: str, **ids: int | str) -> None:
    """Ask for `task` ("intake.tasks.screen_message") to run with `ids` once we have committed.

    Only ids travel, never content. A broker that cannot be reached is logged and otherwise
    ignored: every state that waits for a worker is a row which a sweeper finds.
    """
    transaction.on_commit(partial(_send, task, ids))


def _send(task: str, ids: dict[str, int | str]) -> None:
    try:
        current_app.send_task(task, kwargs=ids)
    except Exception as error:  # the broker's client raises many kinds; none may undo the commit
        log.warning(
            "broker unreachable, the sweeper will find it: task=%s error=%s",
            task,
            type(error).__name__,
        )
