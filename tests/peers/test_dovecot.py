"""A real Dovecot is fetched from: each mail comes once, whatever happens on either side."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.faults.house import ROOT, TOWN, House, opened_house, until
from tests.peers.servers import Account, Dovecot, deliveries, dovecot, needed

pytestmark = [pytest.mark.peers, pytest.mark.timeout(600)]

MAILS = 30
ADDRESSES = iter(f"{name}@{TOWN}" for name in "postmottak innsyn skole vakt faktura skjema".split())


@dataclass
class Box:
    """One of our mailboxes, and the account that it is fetched from."""

    house: House
    account: Account
    address: str

    def fill(self, number: int = MAILS) -> None:
        """Lay so many mails into it."""
        self.account.put(*(self.mail(place) for place in range(number)))

    def mail(self, place: int) -> bytes:
        return (
            f"Return-Path: <kari{place}@example.org>\r\nFrom: Kari <kari{place}@example.org>\r\n"
            f"To: {self.address}\r\nSubject: Nummer {place}\r\n\r\nHei {place}!\r\n"
        ).encode()

    def command(self, *more: str) -> list[str]:
        return ["manage.py", "fetch", "--mailbox", self.address, *more]

    def fetch(self, **settings: str) -> str:
        """Visit once; what the command says."""
        done = self.house.manage(*self.command()[1:], check=not settings, **settings)
        return done.stdout.strip()

    def counts(self) -> list[int]:
        """For each message that came from here: how often it was delivered."""
        key = f"imap:{self.account.user}@%"
        return [count for _, count in deliveries(self.house, "source_key", key)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    needed("dovecot")
    with opened_house(tmp_path_factory.mktemp("dovecot"), MAILBOX_PASSWORD="secret") as house:
        yield house


@pytest.fixture(scope="module")
def server(house: House) -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def box(house: House, server: Dovecot) -> Callable[[str], Box]:
    """Makes a mailbox of its own for a test, with what happens to a mail after it was stored."""

    def make(after: str) -> Box:
        address = next(ADDRESSES)
        account = server.account(address.partition("@")[0])
        assert house.inside("fetch-from", address, str(server.port), account.user, after) == 1
        return Box(house, account, address)

    return make


def test_each_mail_comes_once_also_when_the_server_numbers_them_anew(
    box: Callable[[str], Box],
) -> None:
    post = box("flag")
    post.fill()
    assert post.fetch() == f"{post.address}: {MAILS} fetched"
    assert post.fetch() == f"{post.address}: 0 fetched"
    assert post.counts() == [1] * MAILS
    assert post.house.inside("facts")["differences"] == 0
    time.sleep(1.1)  # the new UIDVALIDITY is made of the time in seconds
    post.account.number_anew()
    post.account.put(post.mail(MAILS))
    assert post.fetch() == f"{post.address}: {MAILS + 1} fetched"
    # The old ones were recognised by their content: the same messages, delivered again.
    assert sorted(post.counts()) == [1] + [2] * MAILS
    assert post.house.inside("facts")["differences"] == 0
    changed = post.house.ask(
        "SELECT count(*) FROM ledger_event WHERE verb = 'intake.uidvalidity_changed'"
    )
    assert changed == [(1,)]


def test_what_another_mail_program_has_marked_read_is_fetched_too(
    box: Callable[[str], Box],
) -> None:
    post = box("keep")
    post.fill(6)
    with post.account.open() as client:
        client.store("1:4", "+FLAGS", r"(\Seen)")
    assert post.fetch() == f"{post.address}: 6 fetched"
    assert post.counts() == [1] * 6
    with post.account.open() as client:
        assert client.search(None, "SEEN")[1] == [b"1 2 3 4"]


def test_a_mail_is_moved_only_when_it_has_been_stored(box: Callable[[str], Box]) -> None:
    post = box("move")
    post.fill(5)
    post.account.make("Hentet")
    said = post.fetch(BLOB_DIR="/dev/null/nowhere")
    assert said.endswith("5 could not be fetched")
    assert (post.account.count(), post.account.count("Hentet")) == (5, 0)
    assert post.counts() == []
    assert post.fetch() == f"{post.address}: 5 fetched"
    assert (post.account.count(), post.account.count("Hentet")) == (0, 5)
    assert post.counts() == [1] * 5


def test_a_fetcher_killed_on_its_way_leaves_nothing_behind_and_doubles_nothing(
    box: Callable[[str], Box],
) -> None:
    post = box("move")
    post.fill(200)
    post.account.make("Hentet")
    child = start(post)
    until(lambda: len(post.counts()) >= 10, seconds=60, what="some were fetched")
    child.kill()
    child.wait()
    kept = len(post.counts())
    assert kept < 200
    moved = post.account.count("Hentet")
    assert moved <= kept
    assert post.account.count() == 200 - moved
    post.fetch()
    assert (post.account.count(), post.account.count("Hentet")) == (0, 200)
    assert post.counts() == [1] * 200


def test_two_fetchers_at_once_fetch_each_mail_once(box: Callable[[str], Box]) -> None:
    post = box("flag")
    post.fill()
    both = [start(post), start(post)]
    assert [child.wait(60) for child in both] == [0, 0]
    assert post.counts() == [1] * MAILS
    assert post.fetch() == f"{post.address}: 0 fetched"


def test_a_waiting_fetcher_wakes_when_mail_comes_and_stops_when_told_to(
    box: Callable[[str], Box],
) -> None:
    post = box("flag")
    post.fill(1)
    child = start(post, "--idle")
    try:
        until(lambda: post.counts() == [1], seconds=60, what="the first visit")
        time.sleep(3)
        post.account.put(post.mail(1))
        begun = time.monotonic()
        # The longest that the server's news can go unseen is a round of IDLE, one minute.
        until(lambda: post.counts() == [1, 1], seconds=75, what="the second mail")
        print(f"\nfetched {time.monotonic() - begun:.1f} s after it came")
        time.sleep(3)
        child.terminate()
        assert child.wait(10) == 0
    finally:
        child.kill()
        child.wait()


def start(post: Box, *more: str) -> subprocess.Popen[bytes]:
    """The command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, *post.command(*more)],
        cwd=ROOT,
        env=post.house.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
