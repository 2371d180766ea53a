"""Kill anything at any moment: nothing is lost, nothing is doubled, everyone is answered once."""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.house import House, children_of, opened_house, until
from tests.faults.oracle import judge
from tests.faults.post import Mail, Sender, Sink, write_mails

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1500)]

MESSAGES = int(os.environ.get("KP_FAULT_MESSAGES", "1000"))
SEED = int(os.environ.get("KP_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
PER_SECOND = 12.0
ONE_KILL_PER_MAILS = 20
KINDS = [
    "receiver",
    "receiver child",
    "worker",
    "worker child",
    "worker child",
    "sender",
    "beat",
    "postgres",
    "valkey",
]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, sink: Sink) -> Iterator[House]:
    with opened_house(tmp_path, OUTGOING_SMTP_URL=sink.url) as house:
        house.run_receiver()
        house.run_worker_and_beat()
        house.run("registrar", sys.executable, "-m", "tests.faults.inside", "register")
        house.all_ready()
        yield house


def kill(house: House, kind: str, chance: random.Random) -> bool:
    """Kill what `kind` says; False when it is not running just now."""
    name, _, child = kind.partition(" ")
    process = house.children[name]
    if process.ended():
        return False
    if not child:
        house.kill(name)
        return True
    children = children_of(house.pid(name))
    if children:
        house.kill(name, child=chance.choice(children))
    return bool(children)


def settle(house: House) -> float:
    """Wait until no message waits for a machine, then let the outbox come to its end."""
    begun = time.monotonic()
    house.all_ready()

    def settled() -> bool:
        house.revive()
        return not house.ask(
            "SELECT 1 FROM intake_message WHERE state = 'received'"
            " OR (kind = 'person' AND state <> 'registered') LIMIT 1"
        )

    until(settled, seconds=480, what="every message screened, every person's registered")
    until(
        lambda: not house.ask("SELECT 1 FROM outbox_letterrecipient WHERE fate = 'queued' LIMIT 1"),
        seconds=90,
        what="every letter tried",
    )
    print("left in the outbox:", house.inside("send"))
    return time.monotonic() - begun


def some_twice(mails: list[Mail], chance: random.Random) -> list[Mail]:
    """The mails in their order, 2 % of them once more some time later."""
    posted = list(mails)
    for mail in chance.sample(mails, len(mails) // 50):
        posted.insert(chance.randint(posted.index(mail) + 1, len(posted)), mail)
    return posted


def test_whatever_is_killed_no_message_is_lost_doubled_or_left_unanswered(
    house: House, sink: Sink
) -> None:
    chance, begun = random.Random(SEED), time.monotonic()
    print(f"\nKP_FAULT_SEED={SEED} KP_FAULT_MESSAGES={MESSAGES}")
    mails = write_mails(MESSAGES, SEED)
    posted = some_twice(mails, chance)
    sender, kills = Sender(house.port, posted, per_second=PER_SECOND), Counter[str]()
    sender.start()
    try:
        while sender.busy:
            house.revive()
            if len(sender.accepted) >= ONE_KILL_PER_MAILS * (kills.total() + 1):
                kind = chance.choice(KINDS)
                kills[kind] += kill(house, kind, chance)
            time.sleep(chance.uniform(0, 0.3))
    finally:
        sender.stop()
    assert not sender.refused
    assert len(sender.accepted) == len(posted)
    sending = time.monotonic() - begun
    print(f"kills {kills.total()}: {dict(kills)}; started: {house.started}")
    settling = settle(house)
    figures = judge(house, mails, sink.letters)
    print(f"sent {len(posted)}, put off {sender.put_off}, {figures}")
    print(f"{sending:.0f} s of sending, {settling:.0f} s to settle")
    assert figures["deliveries"] >= len(posted)
    assert kills.total() >= len(posted) // ONE_KILL_PER_MAILS - 1


def test_redis_loses_everything_and_every_message_reaches_its_end(house: House, sink: Sink) -> None:
    print(f"\nKP_FAULT_SEED={SEED}")
    mails = write_mails(max(30, MESSAGES * 3 // 10), SEED + 1)
    sender, flushed = Sender(house.port, mails, per_second=40), 0
    sender.start()
    try:
        while sender.busy:
            house.revive()
            if len(sender.accepted) >= len(mails) // 3 * (flushed + 1):
                flush(house)
                flushed += 1
            time.sleep(0.05)
    finally:
        sender.stop()
    assert not sender.refused
    assert flushed >= 2
    settling = settle(house)
    print(f"{len(mails)} sent, flushed {flushed} times, {settling:.0f} s to settle")
    print(judge(house, mails, sink.letters))
    # Found by the first or the second sweep after it had gone stale.
    attempts = house.ask("SELECT max(screen_attempts) FROM intake_message")[0][0]
    assert attempts <= 2


def flush(house: House) -> None:
    """FLUSHALL, as an operator or a fault would have it."""
    with redis.Redis(unix_socket_path=str(house.valkey.socket)) as client:
        client.flushall()
