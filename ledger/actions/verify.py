"""Verify the ledger: compute every hash again and say where the rows no longer agree.

What it proves. A sealed event is as it was when it was sealed, in its place, and none was put
between or taken away. An event that no seal covers yet is only checked against its own hash.
Whoever owns the database could rewrite everything from some seal on and compute it all anew:
against that, and against a cut-off tail, only a chain hash kept elsewhere (an anchor) helps.
Nothing proves that an event did *not* happen earlier than it says; but one that claims to have
been written before a seal which should have covered it is named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from ledger.actions.seal import seal_chain_hash
from ledger.models import Event, Leaf, Seal
from ledger.queries import Standing, standing
from ledger.rules.hashes import event_hash, leaf_hash, tree_root

# The database's clock may have been set back between two readings; a forged time is further off.
CLOCK_STEP = timedelta(minutes=5)

_CHUNK = 2_000
_COLUMNS = (
    "at", "actor", "verb", "subject", "reason", "data", "hash", "recorded_at", "xact",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was; `kind` is a code, `sentence` is for the reader."""

    kind: str
    sentence: str
    event_id: int | None = None
    seal_id: int | None = None


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found, in the ledger's order."""

    events: int = 0
    seals: int = 0
    unsealed: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    """A leaf and its event; `event` is None when the event is gone."""

    event_id: int
    position: int
    hash: str
    event: dict[str, Any] | None


def verify_ledger(
    progress: Callable[[int], None] | None = None, anchors: Iterable[str] = ()
) -> Report:
    """Read the whole ledger in batches and report; writes nothing, locks nothing.

    `progress` is called with the number of events done since its last call. `anchors` are chain
    hashes that were kept elsewhere: each must still be in the chain.
    """
    report = Report()
    wanted = set(anchors)
    # Server-side cursors live in a transaction. The whole ledger may take longer to read than a
    # page or a job is allowed to take.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        last_id = Seal.objects.order_by("-id").values_list("id", flat=True).first() or 0
        leaves = _leaves(last_id)
        complete = previous = None
        rows = next(leaves, None)
        for seal in Seal.objects.filter(id__lte=last_id).order_by("id").iterator(_CHUNK):
            mine: list[_Row] = []
            while rows is not None and rows[0] <= seal.id:
                if rows[0] == seal.id:
                    mine = rows[1]
                rows = next(leaves, None)
            report.problems += _of_events(seal, mine, complete)
            report.problems += _of_seal(seal, mine, previous)
            wanted.discard(seal.chain_hash)
            report.seals += 1
            report.events += len(mine)
            if progress:
                progress(len(mine))
            previous = seal
            if seal.horizon:
                complete = seal
        report.problems += _of_orphans(last_id)
        _read_unsealed(report, complete, progress)
    report.problems += [
        Problem("truncated", f"No seal has the chain hash {anchor} that was kept as an anchor.")
        for anchor in sorted(wanted)
    ]
    return report


# The join is an outer one, which the ORM does not make along a key that is not null: a leaf whose
# event is gone must not drop out.
_PAGE = f"""
    SELECT l.seal_id, l.event_id, l.position, l.hash, {", ".join("e." + name for name in _COLUMNS)}
    FROM ledger_leaf l LEFT JOIN ledger_event e ON e.id = l.event_id
    WHERE (l.seal_id, l.position) > (%s, %s) AND l.seal_id <= %s
    ORDER BY l.seal_id, l.position LIMIT {_CHUNK}
"""  # noqa: S608


def _leaves(last_id: int) -> Iterator[tuple[int, list[_Row]]]:
    """Yield each seal's id with its leaves, in the order of the tree."""
    for seal_id, group in groupby(_pages(last_id), key=lambda found: found[0]):
        yield seal_id, [row for _, row in group]


def _pages(last_id: int) -> Iterator[tuple[int, _Row]]:
    place = (0, -1)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_PAGE, [*place, last_id])
            page = cursor.fetchall()
        for seal_id, event_id, position, digest, *columns in page:
            event = dict(zip(_COLUMNS, columns, strict=True)) if columns[0] else None
            if event:
                event["data"] = json.loads(event["data"])
            yield seal_id, _Row(event_id, position, digest, event)
        if len(page) < _CHUNK:
            return
        place = (page[-1][0], page[-1][2])


def _of_events(seal: Seal, rows: list[_Row], complete: Seal | None) -> Iterator[Problem]:
    before = 0
    for place, row in enumerate(rows):
        if row.event is None:
            yield _problem(
                "deleted", row, seal, "Event {event} is gone, though seal {seal} holds it."
            )
        elif not _says_its_hash(row.event):
            yield _problem(
                "edited", row, seal, "Event {event} no longer says what its hash was made from."
            )
        elif row.hash != leaf_hash(
            event_id=row.event_id,
            event_hash=row.event["hash"],
            recorded_at=row.event["recorded_at"],
            xact=row.event["xact"],
        ):
            yield _problem(
                "edited", row, seal, "Event {event} is not the one that seal {seal} was made from."
            )
        elif late := _too_late(row.event, complete, seal.cluster):
            yield _problem("backdated", row, seal, "Event {event} " + late)
        if row.event_id <= before or row.position != place:
            yield _problem(
                "reordered", row, seal, "Event {event} is not in its place in seal {seal}."
            )
        before = row.event_id


def _of_seal(seal: Seal, rows: list[_Row], previous: Seal | None) -> Iterator[Problem]:
    if seal.previous_hash != (previous.chain_hash if previous else ""):
        yield Problem(
            "seal_missing",
            f"Seal {seal.id} does not follow the seal before it: one is gone or was put there.",
            seal_id=seal.id,
        )
    if seal.chain_hash != seal_chain_hash(seal):
        yield Problem(
            "seal_edited", f"Seal {seal.id} no longer agrees with its chain hash.", seal_id=seal.id
        )
    root = tree_root([bytes.fromhex(row.hash) for row in rows]).hex()
    if len(rows) != seal.count or root != seal.root:
        yield Problem(
            "root",
            f"Seal {seal.id} was made over {seal.count} events; the {len(rows)} there are now"
            " do not give its root: events were added, removed or moved.",
            seal_id=seal.id,
        )


def _of_orphans(last_id: int) -> Iterator[Problem]:
    """Leaves of seals that are gone. Those of seals made meanwhile have a seal."""
    gone = (
        Leaf.objects.filter(~Exists(Seal.objects.filter(id=OuterRef("seal_id"))))
        .order_by("seal_id")
        .values_list("seal_id", flat=True)
        .distinct()
    )
    for seal_id in gone:
        yield Problem("seal_missing", f"Seal {seal_id} is gone.", seal_id=seal_id)


def _read_unsealed(
    report: Report, complete: Seal | None, progress: Callable[[int], None] | None
) -> None:
    here: Standing = standing()
    waiting = (
        Event.objects.filter(~Exists(Leaf.objects.filter(event_id=OuterRef("id"))))
        .order_by("id")
        .values("id", *_COLUMNS)
        .iterator(_CHUNK)
    )
    for event in waiting:
        if not _says_its_hash(event):
            report.problems.append(
                Problem(
                    "edited",
                    f"Event {event['id']} no longer says what its hash was made from.",
                    event_id=event["id"],
                )
            )
        elif late := _too_late(event, complete, here.cluster):
            report.problems.append(
                Problem("backdated", f"Event {event['id']} {late}", event_id=event["id"])
            )
        report.unsealed += 1
        report.events += 1
        if progress:
            progress(1)


def _says_its_hash(event: dict[str, Any]) -> bool:
    said = event_hash(
        at=event["at"],
        actor=event["actor"],
        verb=event["verb"],
        subject=event["subject"],
        reason=event["reason"],
        data=event["data"],
    )
    return said == str(event["hash"])


def _too_late(event: dict[str, Any], complete: Seal | None, cluster: int) -> str | None:
    """Say why an event that `complete` does not cover should have been covered by it.

    Only within one cluster: after a restore from a dump transactions are numbered anew.
    """
    if complete is None or complete.cluster != cluster:
        return None
    recorded_at: datetime = event["recorded_at"]
    if event["xact"] < complete.horizon:
        return (
            f"carries a transaction that was finished when seal {complete.id} was made,"
            " but came after it."
        )
    if event["xact"] >= complete.ceiling and recorded_at < complete.taken_at - CLOCK_STEP:
        return f"claims to have been written before seal {complete.id}, but came after it."
    return None


def _problem(kind: str, row: _Row, seal: Seal, sentence: str) -> Problem:
    return Problem(
        kind,
        sentence.format(event=row.event_id, seal=seal.id),
        event_id=row.event_id,
        seal_id=seal.id,
    )
