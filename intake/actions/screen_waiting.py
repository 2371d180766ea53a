"""Screen all that waits to be read: claim a few messages, commit, and read one ahead."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from intake.actions.screen import screen
from lib import rows
from lib.blobs import BlobStoreUnavailable
from lib.reading import ReadAhead

log = logging.getLogger(__name__)

# So many tries that began and did not end hold a message.
MAX_ATTEMPTS = 3

_AT_A_TIME = 4
# A worker that is alive has screened what it claimed before this, whatever the reader's limit.
STALE_AFTER = timedelta(seconds=max(45, _AT_A_TIME * settings.PARSE_SECONDS + 5))
# A worker has other things to do as well; the next run goes on where this one ended.
_RUN = timedelta(seconds=20)

# The try is counted before it begins, for it may end the process. `state_at` says since when.
_CLAIM = """
UPDATE intake_message SET screen_attempts = screen_attempts + 1, state_at = %s
WHERE id IN (
    SELECT id FROM intake_message WHERE state = 'received' AND {waits}
    ORDER BY id LIMIT {limit} FOR UPDATE SKIP LOCKED
)
RETURNING id, raw_sha256
"""
# A try that ended because the store was away says nothing of the mail.
_GIVE_BACK = """
UPDATE intake_message SET screen_attempts = screen_attempts - 1
WHERE id = ANY(%s::bigint[]) AND state = 'received'
"""
_CLAIM_NEW = _CLAIM.format(waits="screen_attempts = 0", limit=_AT_A_TIME)
# By itself: should it end the process again, then none that has done nothing goes with it.
_CLAIM_TRIED = _CLAIM.format(
    waits=f"screen_attempts BETWEEN 1 AND {MAX_ATTEMPTS - 1} AND state_at <= %s", limit=1
)


def screen_waiting(*, read: ReadAhead, by: str, clock: Callable[[], datetime]) -> bool:
    """Screen what waits, the oldest first, for about 20 seconds; whether that was all.

    Workers that do so at the same time share the messages. What happens to one message stops no
    other: it is tried again when it is stale, and held after MAX_ATTEMPTS. While the store of raw
    mail is away nothing counts as tried, and the sweeper comes back to it; a store that gives out
    other mails is not away, and what it does not give out is like any mail that cannot be read.
    """
    until, is_all = clock() + _RUN, False
    not_given: list[int] = []
    gave_any = False
    while clock() < until and not is_all:
        claimed = _claim(_CLAIM_NEW, [clock()])
        gave, missed = _screen(claimed, read=read, by=by, clock=clock)
        tried = _claim(_CLAIM_TRIED, [clock(), clock() - STALE_AFTER])
        gave_again, missed_again = _screen(tried, read=read, by=by, clock=clock)
        gave_any = gave_any or gave or gave_again
        not_given += missed + missed_again
        is_all = not claimed and not tried
    if not_given and not gave_any:
        log.error("the store of raw mail is away")
        rows.run(_GIVE_BACK, [not_given])
        return True
    for pk in not_given:
        log.error("the store did not give out message %s", pk)
    return is_all


@transaction.atomic(durable=True)
def _claim(sql: str, values: list[datetime]) -> list[rows.Row]:
    return sorted(rows.run(sql, values))


def _screen(
    claimed: list[rows.Row], *, read: ReadAhead, by: str, clock: Callable[[], datetime]
) -> tuple[bool, list[int]]:
    """Screen each; whether the store gave out any of them, and those that it did not."""
    gave, not_given = False, []
    for place, (pk, raw_sha256) in enumerate(claimed):
        for _pk, sha256 in claimed[place : place + 2]:
            read.begin(sha256)
        try:
            screen(message_id=pk, read=read, by=by, at=clock())
            gave = True
        except BlobStoreUnavailable:
            not_given.append(pk)
        except Exception as error:
            log.error("message %s could not be screened: %s", pk, type(error).__name__)
        finally:
            read.forget(raw_sha256)
    return gave, not_given
