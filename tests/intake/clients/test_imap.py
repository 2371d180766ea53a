"""Fetching by IMAP copies everything, marks nothing and names what it could not have."""

from __future__ import annotations

import re
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from intake.clients import imap
from intake.clients.imap import AfterCommit, Fetched, FetchFailed, ImapMailbox, connect
from intake.clients.imap_account import (
    ImapAccount,
    ImapError,
    ImapLost,
    secret_from_command,
    secret_from_env,
    secret_from_file,
)

from .imap_stub import Stub, refuse_when

MAIL = b"Subject: hei\r\n\r\nHei.\r\n"


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub(mails={3: MAIL, 5: MAIL + b"five\r\n", 9: b""})
    yield server
    server.stop()


def account(port: int, **changed: Any) -> ImapAccount:
    facts: dict[str, Any] = {
        "host": "127.0.0.1", "port": port, "user": "post", "secret": lambda: "s3cret",
        "security": "plain-loopback-only",
    }  # fmt: skip
    return ImapAccount(**{**facts, **changed})


def opened(stub: Stub, **changed: Any) -> ImapMailbox:
    return connect(account(stub.start(), **changed))


def test_every_message_comes_as_it_lies_there_with_its_facts(stub: Stub) -> None:
    with opened(stub) as box:
        assert box.list_uids("INBOX") == (7, [3, 5, 9])
        first, second, third = box.fetch([3, 5, 9])
    assert first == Fetched(3, MAIL, datetime(2026, 1, 5, 9, 0, tzinfo=UTC), ("\\Seen", "$x"))
    assert isinstance(second, Fetched)
    assert second.raw == MAIL + b"five\r\n"
    assert isinstance(third, Fetched)
    assert third.raw == b""


def test_fetching_marks_nothing_and_asks_not_for_the_unread_only(stub: Stub) -> None:
    with opened(stub) as box:
        box.list_uids("INBOX")
        list(box.fetch([3, 5, 9]))
        box.after_commit(3, AfterCommit("keep"))
    sent = "\n".join(stub.log)
    assert not re.search(r"STORE|UNSEEN|BODY\[|EXPUNGE|CLOSE", sent)
    assert "BODY.PEEK[]" in sent


def test_a_server_that_names_the_uid_after_the_message_is_understood(stub: Stub) -> None:
    stub.uid_last = True
    with opened(stub) as box:
        box.list_uids("INBOX")
        assert [mail.uid for mail in box.fetch([3, 5])] == [3, 5]


def test_news_of_flags_in_between_is_not_taken_for_a_message(stub: Stub) -> None:
    stub.chatter = (
        b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 5 FLAGS (\\Deleted))\r\n* 4 EXISTS\r\n"
    )
    with opened(stub) as box:
        box.list_uids("INBOX")
        mails = list(box.fetch([3, 5]))
    assert [type(mail) for mail in mails] == [Fetched, Fetched]


def test_a_message_that_has_gone_is_named_and_the_others_come(stub: Stub) -> None:
    with opened(stub) as box:
        box.list_uids("INBOX")
        answers = {answer.uid: type(answer) for answer in box.fetch([3, 4, 5])}
    assert answers == {3: Fetched, 4: FetchFailed, 5: Fetched}


def test_one_broken_message_is_named_and_the_others_come(stub: Stub) -> None:
    stub.broken = {5}
    with opened(stub) as box:
        box.list_uids("INBOX")
        answers = {answer.uid: answer for answer in box.fetch([3, 5, 9])}
    assert isinstance(answers[3], Fetched)
    assert isinstance(answers[9], Fetched)
    assert isinstance(answers[5], FetchFailed)
    assert "cannot read it" in answers[5].error


def test_dropped_in_the_middle_of_a_message_nothing_of_it_is_given(stub: Stub) -> None:
    cut = b"* 1 FETCH (UID 3 BODY[] {2000}\r\nSubject: half"
    stub.faults["FETCH"] = refuse_when("BODY", cut)
    port = stub.start()
    box = connect(account(port))
    box.list_uids("INBOX")
    with pytest.raises(ImapLost) as lost:
        list(box.fetch([3, 5]))
    assert lost.value.uids == (3, 5)
    box.close()
    assert not any("STORE" in line for line in stub.log)
    del stub.faults["FETCH"]
    with connect(account(port)) as again:
        again.list_uids("INBOX")
        assert [mail.uid for mail in again.fetch([3, 5])] == [3, 5]


def test_what_came_before_the_connection_was_lost_is_good(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "BATCH", 1)
    stub.faults["FETCH"] = refuse_when("^5 .*BODY", b"")
    given = []
    box = opened(stub)
    box.list_uids("INBOX")
    with pytest.raises(ImapLost) as lost:
        given.extend(box.fetch([3, 5, 9]))
    assert lost.value.uids == (5,)
    box.close()


def test_a_message_that_ends_the_connection_each_time_stops_no_other(stub: Stub) -> None:
    stub.faults["FETCH"] = refuse_when(r"\b3\b.*BODY", b"")
    port = stub.start()
    box = connect(account(port))
    box.list_uids("INBOX")
    with pytest.raises(ImapLost) as lost:
        list(box.fetch([3, 5, 9]))
    box.close()
    given = []
    box = connect(account(port))
    box.list_uids("INBOX")
    # The next message of the three is the one to blame: all are suspects, each is asked alone.
    with pytest.raises(ImapLost) as again:
        given.extend(box.fetch([3, 5, 9], alone=lost.value.uids))
    assert again.value.uids == (3,)
    box.close()
    box = connect(account(port))
    box.list_uids("INBOX")
    with pytest.raises(ImapLost):
        given.extend(answer.uid for answer in box.fetch([3, 5, 9], alone=again.value.uids))
    assert given == [5, 9]
    box.close()


def test_batches_are_bounded_by_number_and_by_octets(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "BATCH", 3)
    monkeypatch.setattr(imap, "BATCH_OCTETS", 100)
    stub.mails = {1: b"a" * 60, 2: b"b" * 60, 3: b"c" * 300, 4: b"", 5: b"", 6: b"", 7: b""}
    with opened(stub) as box:
        box.list_uids("INBOX")
        assert len(list(box.fetch(range(1, 8)))) == 7
    asked = [line.split()[1] for line in stub.log if "BODY" in line]
    assert asked == ["1", "2", "3", "4,5,6", "7"]


def test_a_message_too_large_is_named_and_not_fetched(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MESSAGE_LIMIT", len(MAIL))
    with opened(stub) as box:
        box.list_uids("INBOX")
        answers = {answer.uid: type(answer) for answer in box.fetch([3, 5])}
    assert answers == {3: Fetched, 5: FetchFailed}
    assert not any("BODY" in line and "5" in line.split()[1] for line in stub.log)


def test_a_changed_uidvalidity_is_seen_at_the_next_listing(stub: Stub) -> None:
    with opened(stub) as box:
        assert box.list_uids("INBOX")[0] == 7
        stub.validity = 8
        assert box.list_uids("INBOX")[0] == 8


def test_after_commit_touches_the_one_message_only(stub: Stub) -> None:
    with opened(stub) as box:
        box.list_uids("INBOX")
        stub.log.clear()
        box.after_commit(3, AfterCommit("flag"))
        box.after_commit(5, AfterCommit("move", "Hentet/2026"))
        box.after_commit(9, AfterCommit("delete"))
    assert stub.log[:4] == [
        r"STORE 3 +FLAGS.SILENT (\Seen)",
        'MOVE 5 "Hentet/2026"',
        r"STORE 9 +FLAGS.SILENT (\Deleted)",
        "EXPUNGE 9",
    ]


def test_without_uidplus_nothing_is_expunged(stub: Stub) -> None:
    stub.offers = "IMAP4rev1"
    with opened(stub) as box:
        box.list_uids("INBOX")
        box.after_commit(9, AfterCommit("delete"))
        box.after_commit(5, AfterCommit("move", "Old"))
    assert not any("EXPUNGE" in line for line in stub.log)
    assert 'COPY 5 "Old"' in stub.log


def test_a_refused_move_leaves_the_message_undeleted(stub: Stub) -> None:
    stub.offers = "IMAP4rev1 UIDPLUS"
    stub.faults["COPY"] = refuse_when("", b"")
    box = opened(stub)
    box.list_uids("INBOX")
    with pytest.raises(ImapLost):
        box.after_commit(5, AfterCommit("move", "Old"))
    box.close()
    assert not any("Deleted" in line for line in stub.log)


def test_nothing_is_fetched_or_treated_before_a_folder_is_listed(stub: Stub) -> None:
    with opened(stub) as box:
        with pytest.raises(ImapError):
            list(box.fetch([3]))
        with pytest.raises(ImapError):
            box.after_commit(3, AfterCommit("delete"))


def test_idling_ends_when_mail_comes(stub: Stub) -> None:
    with opened(stub) as box:
        box.list_uids("INBOX")
        assert box.idle(5)


def test_messages_are_counted_by_the_day_they_reached_the_server(stub: Stub) -> None:
    stub.dates = {
        3: " 4-Jan-2026 22:59:59 +0000",  # 4 January 23:59:59 in Oslo
        5: " 4-Jan-2026 23:00:00 +0000",  # 5 January 00:00 in Oslo
        9: "05-Jan-2026 10:00:00 +0100",
    }
    with opened(stub) as box:
        counted = box.server_count("INBOX", date(2026, 1, 5), ZoneInfo("Europe/Oslo"))
    assert counted == Counter({date(2026, 1, 5): 2})
    assert "SEARCH SINCE 4-Jan-2026" in stub.log


def test_a_token_is_sent_as_xoauth2_wants_it(stub: Stub) -> None:
    with opened(stub, auth="xoauth2", secret=lambda: "tok"):
        pass
    assert stub.tokens == [b"user=post\x01auth=Bearer tok\x01\x01"]


def test_a_password_beyond_ascii_is_sent_as_utf8(stub: Stub) -> None:
    with opened(stub, secret=lambda: "blåbær"):
        pass
    assert stub.tokens == ["\0post\0blåbær".encode()]


def test_a_secret_with_a_line_break_is_not_sent(stub: Stub) -> None:
    with pytest.raises(ImapError, match="line break"):
        opened(stub, secret=lambda: "a\r\nA1 DELETE INBOX")
    assert not any("LOGIN" in line for line in stub.log)


def test_a_server_that_is_not_there_is_lost(stub: Stub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with pytest.raises(ImapLost):
        connect(account(port))


def test_clear_text_goes_to_this_machine_only(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "_is_loopback", lambda box: False)
    with pytest.raises(ImapError, match="clear text"):
        opened(stub)
    assert not any("LOGIN" in line for line in stub.log)


def test_a_secret_comes_from_what_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POST_PASSWORD", "one")
    path = tmp_path / "password"
    path.write_text("two\n")
    assert secret_from_env("POST_PASSWORD")() == "one"
    assert secret_from_file(str(path))() == "two"
    assert secret_from_command([sys.executable, "-c", "print('three')"])() == "three"


def test_a_missing_secret_is_an_error_that_tells_nothing_of_it(tmp_path: Path) -> None:
    for secret in (
        secret_from_env("NO_SUCH_NAME"),
        secret_from_file(str(tmp_path / "none")),
        secret_from_command([sys.executable, "-c", "import sys; sys.exit('hidden')"]),
        secret_from_command([str(tmp_path / "none")]),
    ):
        with pytest.raises(ImapError) as error:
            secret()
        assert "hidden" not in str(error.value)


def test_an_account_shows_no_secret() -> None:
    assert "s3cret" not in repr(account(1))
    assert "secret" not in repr(account(1)).lower()


def test_a_connection_that_ends_while_idling_is_lost_and_not_silence(stub: Stub) -> None:
    stub.faults["IDLE"] = refuse_when("", b"+ idling\r\n")
    box = opened(stub)
    box.list_uids("INBOX")
    with pytest.raises(ImapLost):
        box.idle(5)
    box.close()
