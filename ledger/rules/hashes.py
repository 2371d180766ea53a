"""What the ledger hashes, byte by byte, so that anybody can compute it again.

Everything is SHA-256 over canonical JSON: UTF-8, keys sorted, no white space, no escapes beyond
what JSON demands, times in UTC with six decimals and Z. The tree is that of RFC 6962 section 2.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256


def canonical_json(value: Mapping[str, object]) -> bytes:
    """Return the one spelling of `value`; ValueError for text that is not Unicode."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def utc_text(at: datetime) -> str:
    """Spell an instant: 2026-03-01T12:00:00.000000Z. ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a time in the ledger must be aware")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def event_hash(
    *, at: datetime, actor: str, verb: str, subject: str, reason: str, data: Mapping[str, object]
) -> str:
    """Hash all that the writer of an event says."""
    said = {
        "actor": actor,
        "at": utc_text(at),
        "data": data,
        "reason": reason,
        "subject": subject,
        "verb": verb,
    }
    return sha256(canonical_json(said)).hexdigest()


def leaf_hash(*, event_id: int, event_hash: str, recorded_at: datetime, xact: int) -> str:
    """Hash an event together with all that the database added to it, as a leaf."""
    row = {
        "hash": event_hash,
        "id": event_id,
        "recorded_at": utc_text(recorded_at),
        "xact": xact,
    }
    return tree_leaf(canonical_json(row)).hex()


def tree_leaf(data: bytes) -> bytes:
    """Hash one leaf of a tree: RFC 6962 section 2.1, prefix 0x00."""
    return sha256(b"\x00" + data).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Hash a tree from its leaves' hashes: RFC 6962 section 2.1, prefix 0x01 for nodes.

    The RFC splits at the largest power of two; pairing from the left and carrying an odd one up
    gives the same tree without recursion.
    """
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        above = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = above + level[len(above) * 2 :]
    return level[0]


def chain_hash(
    *,
    previous_hash: str,
    sealed_at: datetime,
    count: int,
    root: str,
    taken_at: datetime,
    cluster: int,
    horizon: int,
    ceiling: int,
) -> str:
    """Hash a seal together with the chain hash of the one before it."""
    seal = {
        "ceiling": ceiling,
        "cluster": cluster,
        "count": count,
        "horizon": horizon,
        "previous_hash": previous_hash,
        "root": root,
        "sealed_at": utc_text(sealed_at),
        "taken_at": utc_text(taken_at),
    }
    return sha256(canonical_json(seal)).hexdigest()
