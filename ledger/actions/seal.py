"""Seal events: put what was written since the last seal under one hash."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from ledger.models import Leaf, Seal
from ledger.queries import Standing, last_seal, standing, unsealed
from ledger.rules.hashes import chain_hash, leaf_hash, tree_root

BATCH = 10_000  # events in one tree
_LOCK = 0x6C656467  # "ledg"


def seal_events(*, at: datetime, batch: int = BATCH) -> int:
    """Seal what is committed, in as many trees of `batch` events as it takes; return how many
    events.

    A second sealer that finds one at work returns 0 at once. Each tree is a transaction of its
    own, and nothing is sealed twice whoever dies when.
    """
    total = 0
    while True:
        sealed = _seal_batch(at, batch)
        total += sealed
        if sealed < batch:
            return total


@transaction.atomic
def _seal_batch(at: datetime, batch: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    # The snapshot comes before the events are read: whatever it calls finished is visible then,
    # and so its `xmin` is a horizon below which nothing is left out. Events above it are sealed
    # too when they are visible, that is, committed. Writers take no lock and wait for nothing; one
    # that stays open is sealed after it has committed, however many seals were made meanwhile.
    here = standing()
    events = unsealed(here, batch)
    if events:
        _write(at, here, events, full=len(events) == batch)
    return len(events)


def _write(
    at: datetime, here: Standing, events: list[tuple[int, str, datetime, int]], *, full: bool
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
        horizon=0 if full else here.xmin,
        ceiling=0 if full else here.xmax,
    )
    seal.chain_hash = seal_chain_hash(seal)
    seal.save(force_insert=True)
    Leaf.objects.bulk_create(
        [
            Leaf(event_id=event[0], seal=seal, position=position, hash=digest)
            for position, (event, digest) in enumerate(zip(events, hashes, strict=True))
        ],
        batch_size=2_000,
    )


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
