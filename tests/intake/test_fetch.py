"""Fetching by IMAP from a scripted server: durable first, and only then the source is touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from intake.actions import fetch as action
from intake.actions.fetch import Run, fetch_all, fetch_mailbox
from intake.models import Delivery, FetchFailure, FetchMark, Mailbox, Message, SourceCount
from intake.queries import blocked_at_source
from ledger.models import Event
from lib.blobs import BlobStoreFull
from tests.intake.clients.imap_stub import Stub, refuse_when
from tests.world import HOUR, MINUTE, World, mail

# The stub says of every mail that it came at 10:00 in Oslo.
CAME = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def letter(number: int) -> bytes:
    return b"Return-Path: <ola@example.net>\r\n" + mail(text=f"Brev {number}", message_id=None)


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub(mails={uid: letter(uid) for uid in (3, 5, 9)})
    yield server
    server.stop()


@pytest.fixture
def box(world: World, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setenv("POST_PASSWORD", "s3cret")
    box = world.central
    box.imap_host, box.imap_port = "127.0.0.1", stub.start()
    box.imap_user, box.imap_secret, box.imap_security = "post", "POST_PASSWORD", "plain"
    box.save()
    return box


def visit(box: Mailbox, at: datetime = NOW) -> Run:
    return fetch_mailbox(mailbox=box, by="system:fetch", clock=lambda: at)


def commands(stub: Stub, word: str) -> list[str]:
    return [line for line in stub.log if line.startswith(word)]


def test_every_mail_comes_with_the_time_at_which_it_reached_the_server(
    box: Mailbox, stub: Stub
) -> None:
    assert visit(box) == Run(fetched=3)
    assert set(Message.objects.values_list("received_at", flat=True)) == {CAME}
    assert set(Message.objects.values_list("envelope_from", flat=True)) == {"ola@example.net"}
    keys = Delivery.objects.order_by("pk").values_list("source_key", flat=True)
    assert list(keys) == [f"imap:post@127.0.0.1:INBOX:7:{uid}" for uid in (3, 5, 9)]


def test_a_second_visit_fetches_nothing_again(box: Mailbox, stub: Stub) -> None:
    visit(box)
    stub.log.clear()
    assert visit(box) == Run()
    assert not [line for line in commands(stub, "FETCH") if "BODY" in line]
    assert Delivery.objects.count() == 3


def test_what_another_program_has_read_is_fetched_all_the_same(box: Mailbox, stub: Stub) -> None:
    visit(box)  # the stub says \\Seen of every mail
    assert commands(stub, "SEARCH") == ["SEARCH ALL", "SEARCH SINCE 3-Jan-2026"]
    assert Message.objects.count() == 3


def test_a_mail_is_marked_only_when_it_is_stored(
    box: Mailbox, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_values: Any) -> None:
        raise BlobStoreFull

    with monkeypatch.context() as patch:
        patch.setattr(action, "receive", full)
        run = visit(box)
    assert (run.fetched, run.failed) == (0, 3)
    assert commands(stub, "STORE") == []
    assert FetchMark.objects.get().error == "not stored: BlobStoreFull"
    assert not FetchFailure.objects.exists()
    assert visit(box) == Run(fetched=3)
    assert len(commands(stub, "STORE")) == 3
    assert FetchMark.objects.get().error == ""


def test_the_server_numbers_anew_and_nothing_is_lost_or_doubled(box: Mailbox, stub: Stub) -> None:
    visit(box)
    stub.validity = 8
    stub.mails = {1: letter(3), 2: letter(5), 3: letter(9), 4: letter(11)}
    assert visit(box) == Run(fetched=4)
    assert Message.objects.count() == 4
    assert Delivery.objects.count() == 7
    event = Event.objects.get(verb="intake.uidvalidity_changed")
    assert event.data == {"old": 7, "new": 8}
    assert visit(box) == Run()


def test_a_mail_that_the_server_will_not_give_stops_no_other_and_is_shown_after_three_tries(
    box: Mailbox, stub: Stub
) -> None:
    stub.broken = {5}
    assert visit(box) == Run(fetched=2, failed=1)
    assert blocked_at_source() == []
    visit(box, NOW + MINUTE)
    visit(box, NOW + 2 * MINUTE)
    assert [failure.source_key[-2:] for failure in blocked_at_source()] == [":5"]
    stub.log.clear()
    assert visit(box, NOW + 3 * MINUTE) == Run()
    assert not [line for line in commands(stub, "FETCH") if "BODY" in line]
    stub.broken = set()
    assert visit(box, NOW + 2 * HOUR) == Run(fetched=1)
    assert blocked_at_source() == []


def test_a_mail_that_ends_the_connection_each_time_stops_no_other_for_long(
    box: Mailbox, stub: Stub
) -> None:
    stub.faults["FETCH"] = refuse_when(r"\b5\b.*BODY", b"* BYE\r\n")
    runs = [visit(box, NOW + minute * MINUTE) for minute in range(5)]
    assert all(run.error for run in runs[:2])
    assert runs[-1].error == ""
    assert Message.objects.count() == 2
    assert [failure.source_key[-2:] for failure in blocked_at_source()] == [":5"]


def test_a_line_that_breaks_under_many_mails_blames_none_of_them(box: Mailbox, stub: Stub) -> None:
    stub.faults["FETCH"] = refuse_when(r"BODY", b"")
    for minute in range(5):
        visit(box, NOW + minute * MINUTE)
        FetchFailure.objects.update(tries=0)
    stub.faults.clear()
    assert visit(box, NOW + 6 * MINUTE) == Run(fetched=3)
    assert not FetchFailure.objects.filter(solved_at=None).exists()


def test_a_blocked_mail_that_somebody_removed_is_no_longer_shown(box: Mailbox, stub: Stub) -> None:
    stub.broken = {5}
    for minute in range(3):
        visit(box, NOW + minute * MINUTE)
    del stub.mails[5]
    visit(box, NOW + HOUR)
    assert blocked_at_source() == []
    assert Event.objects.filter(verb="intake.blocked_mail_gone").count() == 1


def test_a_crash_between_commit_and_move_is_made_good_by_the_next_visit(
    box: Mailbox, stub: Stub
) -> None:
    box.imap_after, box.imap_move_to = "move", "Arkiv"
    box.save()
    stub.faults["MOVE"] = refuse_when("", b"")
    assert visit(box).error
    assert Message.objects.count() == 1
    stub.faults.clear()
    assert visit(box) == Run(fetched=2)
    assert set(stub.moved) == {3, 5, 9}
    assert Message.objects.count() == Delivery.objects.count() == 3


def test_a_folder_that_does_not_exist_keeps_no_mail_out(
    box: Mailbox, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.imap_after, box.imap_move_to = "move", "Finnes ikke"
    box.save()

    def refuse(_self: Any, _uid: int, _what: Any) -> None:
        raise action.imap.ImapError("NO [TRYCREATE] no such folder")

    monkeypatch.setattr(action.imap.ImapMailbox, "after_commit", refuse)
    first = visit(box)
    stub.mails[11] = letter(11)
    second = visit(box)
    assert (first.fetched, second.fetched) == (3, 1)
    assert "TRYCREATE" in first.error
    assert FetchMark.objects.get().error_since == NOW


def test_the_server_s_own_count_of_each_day_is_kept(box: Mailbox, stub: Stub) -> None:
    stub.dates[9] = "04-Jan-2026 23:59:00 +0100"
    visit(box)
    counts = {row.on.isoformat(): row.count for row in SourceCount.objects.all()}
    assert counts == {"2026-01-04": 1, "2026-01-05": 2}


def test_a_clock_of_the_server_that_is_ahead_is_not_believed(box: Mailbox, stub: Stub) -> None:
    stub.dates[3] = "05-Jan-2027 10:00:00 +0100"
    visit(box)
    assert Message.objects.order_by("pk").first().received_at == NOW  # type: ignore[union-attr]


def test_a_server_that_is_away_is_an_error_on_the_mark_and_nothing_else(
    box: Mailbox, stub: Stub
) -> None:
    visit(box)
    box.imap_port = 1
    box.save()
    assert visit(box, NOW + MINUTE).error
    assert visit(box, NOW + 2 * MINUTE).error
    mark = FetchMark.objects.get()
    assert mark.error_since == NOW + MINUTE
    assert mark.fetched_at == NOW


def test_one_mailbox_that_fails_stops_no_other(
    world: World, box: Mailbox, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.health.imap_host, world.health.imap_auth = "127.0.0.1", "xoauth2"
    world.health.imap_secret = "TOKEN_COMMAND"
    world.health.save()
    monkeypatch.setenv("TOKEN_COMMAND", "token 'unended")
    runs = fetch_all(by="system:fetch", clock=lambda: NOW)
    assert sorted(run.fetched for run in runs) == [0, 3]
    assert [run.error for run in runs if not run.fetched] == ["ValueError"]


def test_very_long_names_still_recognise_what_is_here(box: Mailbox, stub: Stub) -> None:
    box.imap_user = "p" * 250
    box.imap_folder = "m" * 200
    box.save()
    assert visit(box) == Run(fetched=3)
    assert visit(box) == Run()
    assert Delivery.objects.count() == 3
