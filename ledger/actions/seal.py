"""Seal events: put what was written since the last seal under one hash."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from ledger.models import Seal
from ledger.queries import Standing, last_seal, standing, unsealed
from ledger.rules.hashes import chain_hash, leaf_hash, tree_root

BATCH = 10_000  # events in one tree
_LOCK = 0x6C656467  # "ledg"


def seal_events(*, at: datetime, batch: int = BATCH) -> int:
    """Seal what is committed, `batch` events to a tree; return how many events were sealed.

    A second sealer that finds one at work leaves at once. Each tree is a transaction of its own,
    and nothing is sealed twice whoever dies when. Writers take no lock and wait for nothing; one
    that stays open is sealed after it has committed, however many seals were made meanwhile.
    """
    # The snapshot comes before the events are read: whatever it calls finished is visible then.
    # So once this pass has gone through the ids, nothing below its `xmin` is left out.
    here = standing()
    total = last_id = 0
    complete = False
    while not complete:
        sealed, last_id, complete = _seal_batch(at, here, last_id, batch)
        total += sealed
    return total


@transaction.atomic
def _seal_batch(at: datetime, here: Standing, after: int, batch: int) -> tuple[int, int, bool]:
    """Seal one batch; return its size, its last id, and whether the pass is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0, after, True
    events = unsealed(here, after, batch + 1)
    complete = len(events) <= batch
    events = events[:batch]
    if not events:
        return 0, after, True
    _write(at, here, events, complete=complete)
    return len(events), events[-1][0], complete


def _write(
    at: datetime, here: Standing, events: list[tuple[int, str, datetime, int]], *, complete: bool
) -> None:
    hashes = [
        leaf_hash(event_id=pk, event_hash=digest, recorded_at=recorded_at, xact=xact)
        for pk, digest, recorded_at, xact in events
    ]
    previous = last_seal()
    seal = Seal(
        sealed_at=at,
        count=len(events),
        root=tree_root([bytes.fromhex(text) for text in hashes]).hex(),
        previous_hash=previous.chain_hash if previous else "",
        taken_at=here.taken_at,
        cluster=here.cluster,
        horizon=here.xmin if complete else 0,
        ceiling=here.xmax if complete else 0,
    )
    seal.chain_hash = seal_chain_hash(seal)
    seal.save(force_insert=True)
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY ledger_leaf (event_id, seal_id, position, hash) FROM STDIN") as copy,
    ):
        for position, (event, digest) in enumerate(zip(events, hashes, strict=True)):
            copy.write_row((event[0], seal.pk, position, digest))


def seal_chain_hash(seal: Seal) -> str:
    """Compute the chain hash of a seal from its row."""
    return chain_hash(
        previous_hash=seal.previous_hash,
        sealed_at=seal.sealed_at,
        count=seal.count,
        root=seal.root,
        taken_at=seal.taken_at,
        cluster=seal.cluster,
        horizon=seal.horizon,
        ceiling=seal.ceiling,
    )
