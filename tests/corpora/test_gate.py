"""Every nasty mail of others goes through both doors, is one message, and hurts nobody."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from accounts.rules.roles import Role
from intake.actions.screen import screen
from intake.clients.mailfiles import read_mails
from intake.clients.smtp_data import stuffed
from intake.models import Delivery, Message
from lib import blobs
from lib.reading import reader
from registry.models import Acknowledgement, Deadline
from tests.world import MORNING, OLA, World, build_world, environment

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [
    os.environ.get("KP_CORPORA", ""),
    ROOT / "../shared/corpora",
    ROOT / "../../shared/corpora",
]
CORPORA = next((Path(each).resolve() for each in FOLDERS if each and Path(each).is_dir()), None)
NAMES = sorted(each.name for each in CORPORA.iterdir() if each.is_dir()) if CORPORA else []

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(CORPORA is None, reason="the corpora are absent; set KP_CORPORA"),
]

# Read off the header block by eye of the RFCs, not by the product's parser: a message with one of
# these was not written by a person at that moment (RFC 3834, 3464, 2369, 2919).
AUTOMATIC = re.compile(
    rb"^(auto-submitted[ \t]*:[ \t]*auto-|list-(id|post|unsubscribe)[ \t]*:"
    rb"|precedence[ \t]*:[ \t]*(bulk|list|junk)|x-failed-recipients[ \t]*:"
    rb"|content-type[ \t]*:[ \t]*multipart/report)",
    re.IGNORECASE | re.MULTILINE,
)
HARM = re.compile(
    r"<script|<form|<iframe|<object|<embed|<svg|http-equiv|\son[a-z]+\s*=|javascript:"
    r"|(?:src|background|poster)\s*=\s*[\"']?\s*(?:https?:|//)|url\(",
    re.IGNORECASE,
)
# So many connections at once: a mail waits for the disk, not for the other mails.
_LINES = 4


@dataclass
class Brought:
    """A file as it went over the wire, and what it became."""

    path: Path
    raw: bytes = field(repr=False)
    number: int = 0


@dataclass
class Door:
    """The municipality, where its receiver listens, and who looks at what has come."""

    world: World
    port: int
    registrar: Client


@pytest.fixture(scope="module")
def door(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Door]:
    """One receiver, in a process of its own, and one municipality that gets all the folders."""
    with (
        django_db_blocker.unblock(),
        override_settings(BLOB_DIR=tmp_path_factory.mktemp("blobs")),
    ):
        world = build_world("NO")
        registrar = Client()
        registrar.force_login(
            world.person(Role.REGISTRAR), backend="django.contrib.auth.backends.ModelBackend"
        )
        try:
            with receiving() as port:
                yield Door(world, port, registrar)
        finally:
            call_command("flush", interactive=False, verbosity=0)


@contextlib.contextmanager
def receiving() -> Iterator[int]:
    """The port at which our own receiver listens; at the end it must stop in good order."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "receive", "--smtp", f"127.0.0.1:{port}", "--processes", "1"],
        cwd=ROOT,
        env={**os.environ, **environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert b"receiving at" in process.stdout.readline()
    yield port
    process.terminate()
    assert process.wait(60) == 0


def wire(raw: bytes) -> bytes:
    """The bytes with the line ends that SMTP asks for; every other byte as it is."""
    raw = re.sub(rb"\r?\n", b"\r\n", raw)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def send(brought: list[Brought], port: int, to: str) -> list[int]:
    """Hand the mails over, byte by byte as they are; the numbers they were received under."""
    lines = [brought[start::_LINES] for start in range(_LINES)]
    with ThreadPoolExecutor(_LINES) as pool:
        numbers = list(pool.map(lambda some: _talk(some, port, to), lines))
    return [numbers[place % _LINES][place // _LINES] for place in range(len(brought))]


def _talk(brought: list[Brought], port: int, to: str) -> list[int]:
    numbers = []
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo("corpora.example")
        for mail in brought:
            # As a mail server sees it: reports come from the null sender.
            sender = "" if AUTOMATIC.search(header(mail.raw)) else OLA
            assert client.mail(sender)[0] == 250
            assert client.rcpt(to)[0] == 250
            assert client.docmd("DATA")[0] == 354
            client.send(stuffed(mail.raw))
            code, text = client.getreply()
            assert code == 250, (mail.path, text)
            numbers.append(int(re.search(rb"M(\d+)", text)[1]))  # type: ignore[index]
    return numbers


def header(raw: bytes) -> bytes:
    raw = raw.replace(b"\r\n", b"\n")
    # A line of an mbox file stands above some of them.
    raw = raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw
    return raw.partition(b"\n\n")[0]


def files(folder: str) -> list[Brought]:
    assert CORPORA is not None
    found = sorted(path for path in (CORPORA / folder).rglob("*") if path.is_file())
    return [Brought(path, wire(path.read_bytes())) for path in found]


@pytest.mark.django_db
def test_there_are_folders_and_no_post_yet() -> None:
    """The mark makes the database, also where only these tests run."""
    assert NAMES
    assert all_numbers() == set()


@pytest.mark.parametrize("folder", NAMES)
def test_every_mail_of_a_folder_comes_through_both_doors(
    door: Door, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = all_numbers()
    brought, to = files(folder), door.world.central.address
    for mail, number in zip(brought, send(brought, door.port, to), strict=True):
        mail.number = number
        assert blobs.load(hashlib.sha256(mail.raw).hexdigest()) == mail.raw, mail.path
        message = Message.objects.get(pk=number)
        assert message.deliveries.filter(
            raw_sha256=hashlib.sha256(mail.raw).hexdigest()
        ).exists(), mail.path
    # One message each, and no other; the same mail may lie in another folder too.
    numbers = {mail.number for mail in brought}
    after = all_numbers()
    assert numbers <= after
    assert after - before <= numbers

    slowest = _screen_all(sorted(numbers))
    held = _held(brought)
    _nothing_is_owed_to_machines(brought)

    again = send(brought, door.port, to)
    assert again == [mail.number for mail in brought]
    assert all_numbers() == after

    _import_adds_only_what_files_hold_more(folder, door.world)
    _screen_all(list(Message.objects.filter(state="received").values_list("pk", flat=True)))
    _nothing_is_harmful(door.registrar, numbers | (all_numbers() - before))
    with capsys.disabled():
        print(f"\n{folder}: {len(brought)} files, slowest {slowest:.1f} s, {len(held)} held")
        for name, code in sorted(held.items()):
            print(f"    {code:<14} {name}")


def all_numbers() -> set[int]:
    """Of the messages that there are."""
    return set(Message.objects.values_list("pk", flat=True))


def _screen_all(numbers: list[int]) -> float:
    slowest = 0.0
    for number in numbers:
        started = time.monotonic()
        screen(message_id=number, read=reader(), by="system:worker", at=MORNING)
        took = time.monotonic() - started
        slowest = max(slowest, took)
        assert took < 12, number  # ten seconds for the reader, and some for a busy machine
    states = Message.objects.filter(pk__in=numbers).values_list("state", flat=True)
    assert set(states) <= {"screened", "held"}
    return slowest


def _held(brought: list[Brought]) -> dict[str, str]:
    codes = dict(Message.objects.filter(state="held").values_list("pk", "held_code"))
    held = {mail.path.name: codes[mail.number] for mail in brought if mail.number in codes}
    assert set(held.values()) <= {"no_header", "no_content"}
    return held


def _nothing_is_owed_to_machines(brought: list[Brought]) -> None:
    for mail in brought:
        if not AUTOMATIC.search(header(mail.raw)):
            continue
        message = f"M{mail.number}"
        assert not Deadline.objects.filter(
            message_number=message, kind="acknowledgement"
        ).exists(), mail.path
        row = Acknowledgement.objects.get(message_number=message, undone_at=None)
        assert row.letter_id is None, mail.path
        assert row.not_sent_reason, mail.path


def _import_adds_only_what_files_hold_more(folder: str, world: World) -> None:
    assert CORPORA is not None
    expected = list(read_mails(CORPORA / folder))
    with contextlib.suppress(CommandError):  # an empty file is an error at the end
        call_command(
            "importmail",
            str(CORPORA / folder),
            mailbox=world.central.address,
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )
    imported = set(Delivery.objects.filter(door="import").values_list("raw_sha256", flat=True))
    for mail in expected:
        kept = mail.original or mail.raw
        if mail.problem == "not_mail" or not kept:
            continue
        assert hashlib.sha256(kept).hexdigest() in imported, mail.source_key


def _nothing_is_harmful(registrar: Client, numbers: set[int]) -> None:
    for number in sorted(numbers):
        page = registrar.get(reverse("intake:message", args=[number]))
        assert page.status_code == 200, number
        body = registrar.get(reverse("intake:message-body", args=[number]))
        assert body.status_code == 200, number
        # What stands between tags as escaped text is harmless; a tag is not.
        found = HARM.search("".join(re.findall(r"<[^>]*>", body.content.decode())))
        assert found is None, (number, found)
