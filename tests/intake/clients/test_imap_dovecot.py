"""The same against a real server: Dovecot."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.clients.imap import AfterCommit, Fetched, connect
from intake.clients.imap_account import ImapAccount, ImapError, ImapLost
from tests.peers import servers

pytestmark = pytest.mark.peers

MAIL = b"From: kari@example.no\r\nSubject: hei\r\n\r\nHei.\r\n"


@dataclass
class Box:
    """A mailbox at a Dovecot, and what our client needs to know to reach it."""

    server: servers.Dovecot
    mailbox: servers.Account
    ca: str

    def account(self, **changed: Any) -> ImapAccount:
        facts: dict[str, Any] = {
            "host": "localhost", "port": self.server.tls_port, "user": self.mailbox.user,
            "secret": lambda: "secret", "ca_file": self.ca,
        }  # fmt: skip
        return ImapAccount(**{**facts, **changed})


@pytest.fixture(scope="module")
def box(certificate: tuple[Path, Path]) -> Iterator[Box]:
    servers.needed("dovecot")
    with servers.dovecot(certificate) as server:
        yield Box(server, server.account("post"), str(certificate[0]))


@pytest.fixture
def filled(box: Box) -> Box:
    """The mailbox with three messages in INBOX and nothing else."""
    with connect(box.account()) as visit:
        client = visit._client
        visit.list_uids("INBOX")
        client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
        client.expunge()
        for number in range(3):
            client.append("INBOX", None, None, MAIL + b"%d\r\n" % number)
    return box


def raws(at: Box, folder: str = "INBOX") -> list[bytes]:
    with connect(at.account()) as box:
        _validity, uids = box.list_uids(folder)
        return [mail.raw for mail in box.fetch(uids) if isinstance(mail, Fetched)]


def test_messages_are_fetched_with_their_bytes_and_left_unread(filled: Box) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    with connect(filled.account()) as box:
        _validity, uids = box.list_uids("INBOX")
        mails = list(box.fetch(uids))
        again = list(box.fetch(uids))
    assert [mail.raw for mail in mails if isinstance(mail, Fetched)] == [
        MAIL + b"%d\r\n" % number for number in range(3)
    ]
    for mail in again:
        assert isinstance(mail, Fetched)
        assert "\\Seen" not in mail.flags
        assert mail.internal_date is not None
        assert before <= mail.internal_date <= datetime.now(UTC)


def test_messages_that_someone_has_read_are_fetched_too(filled: Box) -> None:
    with connect(filled.account()) as box:
        _validity, uids = box.list_uids("INBOX")
        box.after_commit(uids[0], AfterCommit("flag"))
    assert len(raws(filled)) == 3


def test_kept_moved_and_deleted_are_where_they_should_be(filled: Box) -> None:
    with connect(filled.account()) as box:
        box._client.create("Hentet")
        _validity, uids = box.list_uids("INBOX")
        # Somebody else has marked another message for deletion: it must not go along.
        box._client.uid("STORE", str(uids[0]), "+FLAGS", r"(\Deleted)")
        box.after_commit(uids[1], AfterCommit("move", "Hentet"))
        box.after_commit(uids[2], AfterCommit("delete"))
        box.after_commit(uids[2], AfterCommit("delete"))
    assert raws(filled) == [MAIL + b"0\r\n"]
    assert raws(filled, "Hentet") == [MAIL + b"1\r\n"]


def test_a_lost_uid_list_gives_a_new_uidvalidity_and_all_messages(filled: Box) -> None:
    with connect(filled.account()) as box:
        validity, uids = box.list_uids("INBOX")
    time.sleep(1.1)  # the new one is made of the time in seconds
    filled.mailbox.number_anew()
    with connect(filled.account()) as box:
        new_validity, new_uids = box.list_uids("INBOX")
    assert new_validity != validity
    assert len(new_uids) == len(uids) == 3
    assert sorted(raws(filled)) == [MAIL + b"%d\r\n" % number for number in range(3)]


def test_idling_ends_when_mail_comes(filled: Box) -> None:
    with connect(filled.account()) as box, connect(filled.account()) as other:
        box.list_uids("INBOX")
        other._client.append("INBOX", None, None, MAIL)
        started = time.monotonic()
        assert box.idle(20)
        assert time.monotonic() - started < 15
        assert len(box.list_uids("INBOX")[1]) == 4


def test_the_servers_count_of_today_is_what_came_today(filled: Box) -> None:
    today = datetime.now(UTC).date()
    with connect(filled.account()) as box:
        assert box.server_count("INBOX", today, UTC) == {today: 3}


def test_starttls_and_clear_text_to_this_machine_work(filled: Box) -> None:
    with connect(filled.account(port=filled.server.port, security="starttls")) as box:
        assert len(box.list_uids("INBOX")[1]) == 3
    clear = filled.account(
        port=filled.server.port, security="plain-loopback-only", host="127.0.0.1"
    )
    with connect(clear) as box:
        assert len(box.list_uids("INBOX")[1]) == 3


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(filled: Box, security: str) -> None:
    port = filled.server.tls_port if security == "tls" else filled.server.port
    with pytest.raises(ImapLost, match="certificate verify failed"):
        connect(filled.account(port=port, security=security, ca_file=None))


def test_a_wrong_password_is_an_error_and_not_a_lost_connection(filled: Box) -> None:
    with pytest.raises(ImapError) as refused:
        connect(filled.account(secret=lambda: "wrong-one"))
    assert not isinstance(refused.value, ImapLost)
    assert "wrong-one" not in str(refused.value)
