"""The ledger's hashes, against values from elsewhere."""

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ledger.rules.hashes import canonical_json, event_hash, tree_leaf, tree_root, utc_text

# Leaves and roots of the trees of 0 to 8 leaves with which logs after RFC 6962 are tested.
LEAVES = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("count", range(9))
def test_the_tree_is_that_of_rfc_6962(count: int) -> None:
    leaves = [tree_leaf(bytes.fromhex(text)) for text in LEAVES[:count]]
    assert tree_root(leaves).hex() == ROOTS[count]


def test_an_events_hash_can_be_computed_with_sha256sum() -> None:
    line = (
        '{"actor":"user:12","at":"2026-03-01T11:00:00.000000Z","data":{"kø":[1,2],"n":null},'
        '"reason":"","subject":"message:17","verb":"intake.message_received"}'
    )
    outside = subprocess.run(["sha256sum"], input=line.encode(), capture_output=True, check=True)
    inside = event_hash(
        at=datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=1))),
        actor="user:12",
        verb="intake.message_received",
        subject="message:17",
        reason="",
        data={"n": None, "kø": [1, 2]},
    )
    assert inside == outside.stdout.split()[0].decode()


def test_key_order_does_not_matter_and_text_is_utf8() -> None:
    assert canonical_json({"b": 1, "a": "ø"}) == b'{"a":"\xc3\xb8","b":1}'
    assert hashlib.sha256(canonical_json({})).hexdigest() == hashlib.sha256(b"{}").hexdigest()


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        utc_text(datetime(2026, 3, 1))  # noqa: DTZ001


def test_an_instant_is_spelt_in_utc() -> None:
    assert utc_text(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "2026-01-02T03:04:05.000006Z"
