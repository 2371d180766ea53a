"""Mail from files: a Maildir that a mail server fills, and import."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from intake.actions import pick_up as action
from intake.actions.pick_up import pick_up
from intake.management.commands import importmail
from intake.models import Delivery, Message
from lib import blobs
from lib.blobs import BlobStoreFull
from tests.world import HOUR, MORNING, World, mail


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    return tmp_path / "Maildir"


def deliver(folder: Path, name: str, raw: bytes, at: datetime = MORNING) -> Path:
    path = folder / "new" / name
    path.write_bytes(raw)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def run(folder: Path, world: World, at: datetime = MORNING + HOUR) -> int:
    return pick_up(
        folder=folder, mailbox=world.central.address, by="system:receiver", clock=lambda: at
    )


def test_what_the_mail_server_delivered_is_received_and_then_removed(
    world: World, folder: Path
) -> None:
    path = deliver(folder, "1.a", b"Return-Path: <ola@example.net>\n" + mail())
    assert run(folder, world) == 1
    assert not path.exists()
    delivery = Delivery.objects.get()
    assert (delivery.door, delivery.received_at) == ("maildir", MORNING)
    assert (delivery.envelope_from, delivery.has_envelope) == ("ola@example.net", True)


def test_a_file_whose_removal_was_lost_is_the_same_delivery(world: World, folder: Path) -> None:
    deliver(folder, "1.a", mail())
    run(folder, world)
    deliver(folder, "1.a", mail())
    assert run(folder, world) == 1
    assert Delivery.objects.count() == 1


def test_what_cannot_be_stored_stays_and_stops_no_other(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = deliver(folder, "1.a", mail())
    deliver(folder, "2.b", mail(text="To"))
    real = action.receive

    def full_once(*, arrival: Any, by: str) -> Any:
        if arrival.source_key.endswith("1.a"):
            raise BlobStoreFull
        return real(arrival=arrival, by=by)

    monkeypatch.setattr(action, "receive", full_once)
    assert run(folder, world) == 1
    assert first.exists()
    monkeypatch.undo()
    assert run(folder, world) == 1
    assert Message.objects.count() == 2


def test_a_file_name_that_is_no_text_stops_nothing(world: World, folder: Path) -> None:
    (folder / "new" / os.fsdecode(b"1.\xff\xfe")).write_bytes(mail())
    deliver(folder, "2.b", mail(text="To"))
    assert run(folder, world) == 2


def test_a_file_from_the_future_came_now(world: World, folder: Path) -> None:
    deliver(folder, "1.a", mail(), at=datetime(2030, 1, 1, tzinfo=UTC))
    run(folder, world)
    assert Delivery.objects.get().received_at == MORNING + HOUR


def bring(path: Path, world: World) -> str:
    out = StringIO()
    call_command("importmail", str(path), mailbox=world.central.address, stdout=out, stderr=out)
    return out.getvalue()


def test_import_may_be_stopped_and_started_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(mail(text=f"Brev {number}", message_id=None))
    real = importmail.read_mails

    def breaks_off(path: Path) -> Iterator[Any]:
        yield from list(real(path))[:2]
        raise KeyboardInterrupt

    monkeypatch.setattr(importmail, "read_mails", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        bring(tmp_path, world)
    assert Message.objects.count() == 2
    monkeypatch.undo()
    assert "2 here already, 1 imported" in bring(tmp_path, world)
    assert "3 here already" in bring(tmp_path, world)
    assert Delivery.objects.count() == 3


def test_another_mail_under_the_same_name_is_another_mail(world: World, tmp_path: Path) -> None:
    path = tmp_path / "brev.eml"
    path.write_bytes(mail())
    bring(path, world)
    path.write_bytes(mail(text="Noe annet"))
    assert "1 imported" in bring(path, world)
    assert Message.objects.count() == 2


def test_an_outlook_file_that_cannot_be_read_is_kept_and_held(world: World, tmp_path: Path) -> None:
    broken = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
    (tmp_path / "brev.msg").write_bytes(broken)
    assert "1 imported" in bring(tmp_path / "brev.msg", world)
    message = Message.objects.get()
    assert blobs.load(message.raw_sha256) == broken
    assert world.screen(message.pk).state == "held"


def test_what_is_no_mail_is_named_and_left_out(world: World, tmp_path: Path) -> None:
    (tmp_path / "bilde.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "brev.eml").write_bytes(mail())
    out = bring(tmp_path, world)
    assert "bilde.png: not a mail" in out
    assert "1 imported, 1 not a mail" in out


def test_a_file_that_may_not_be_read_is_an_error_at_the_end(world: World, tmp_path: Path) -> None:
    (tmp_path / "tom.eml").write_bytes(b"")
    (tmp_path / "brev.eml").write_bytes(mail())
    with pytest.raises(CommandError):
        bring(tmp_path, world)
    assert Message.objects.count() == 1


def test_an_mbox_is_as_many_messages(world: World, tmp_path: Path) -> None:
    one = b"From ola@example.net Mon Mar  2 10:30:00 2026\n" + mail().replace(b"\r\n", b"\n")
    two = one.replace(b"Hei.", b"Hei igjen.") + b"\n"
    (tmp_path / "gammelt.mbox").write_bytes(one + b"\n" + two)
    assert "2 imported" in bring(tmp_path / "gammelt.mbox", world)


def test_a_full_store_stops_the_import_with_a_sentence(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_values: Any) -> None:
        raise BlobStoreFull

    (tmp_path / "brev.eml").write_bytes(mail())
    monkeypatch.setattr(importmail, "receive", full)
    with pytest.raises(CommandError, match="BlobStoreFull"):
        bring(tmp_path, world)


@pytest.mark.parametrize("address", ["nobody@nn.example", ""])
def test_import_wants_one_of_our_mailboxes(world: World, tmp_path: Path, address: str) -> None:
    with pytest.raises(CommandError):
        call_command("importmail", str(tmp_path), mailbox=address)


def test_a_missing_file_is_a_sentence(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        bring(tmp_path / "finnes-ikke.eml", world)


def test_the_original_stays_where_it_was(world: World, tmp_path: Path) -> None:
    path = tmp_path / "brev.eml"
    path.write_bytes(mail())
    mode = stat.S_IMODE(path.stat().st_mode)
    bring(path, world)
    assert path.read_bytes() == mail()
    assert stat.S_IMODE(path.stat().st_mode) == mode
