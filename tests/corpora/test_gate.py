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

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.rules.roles import Role
from intake.actions.screen import screen
from intake.clients.mailfiles import read_mails
from intake.clients.smtp_data import stuffed
from intake.models import Delivery, Message
from lib import blobs
from lib.mime.limits import Unreadable
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
HAS_PAGES = (Path(settings.BASE_DIR) / "templates/intake/queue.html").exists()


@dataclass
class Brought:
    """A file as it went over the wire, and what it became."""

    path: Path
    raw: bytes = field(repr=False)
    number: int = 0


@pytest.fixture
def door(transactional_db: None) -> Iterator[tuple[World, int]]:
    """The municipality, and the port at which our own receiver listens in a process of its own."""
    world = build_world("NO")
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
    yield world, port
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("folder", NAMES)
def test_every_mail_of_a_folder_comes_through_both_doors(
    door: tuple[World, int], folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world, port = door
    brought = files(folder)
    for mail, number in zip(brought, send(brought, port, world.central.address), strict=True):
        mail.number = number
        assert blobs.load(hashlib.sha256(mail.raw).hexdigest()) == mail.raw, mail.path
        message = Message.objects.get(pk=number)
        assert message.deliveries.filter(
            raw_sha256=hashlib.sha256(mail.raw).hexdigest()
        ).exists(), mail.path
    numbers = set(Message.objects.values_list("pk", flat=True))
    assert numbers == {mail.number for mail in brought}

    slowest = _screen_all(sorted(numbers))
    held = _held(brought)
    _nothing_is_owed_to_machines(brought)

    again = send(brought, port, world.central.address)
    assert again == [mail.number for mail in brought]
    assert Message.objects.count() == len(numbers)

    _import_adds_only_what_files_hold_more(folder, world)
    _screen_all(list(Message.objects.filter(state="received").values_list("pk", flat=True)))
    _nothing_is_harmful(world)
    with capsys.disabled():
        print(f"\n{folder}: {len(brought)} files, slowest {slowest:.1f} s, {len(held)} held")
        for name, code in sorted(held.items()):
            print(f"    {code:<14} {name}")


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


def _nothing_is_harmful(world: World) -> None:
    client = Client()
    client.force_login(
        world.person(Role.REGISTRAR), backend="django.contrib.auth.backends.ModelBackend"
    )
    for message in Message.objects.order_by("pk"):
        if HAS_PAGES:
            page = client.get(reverse("intake:message", args=[message.pk]))
            assert page.status_code == 200, message.pk
            body = client.get(reverse("intake:message-body", args=[message.pk]))
            assert body.status_code == 200, message.pk
            shown = body.content.decode()
        else:
            try:
                shown = reader().cleaned(message.html, {}).html if message.html else ""
            except Unreadable:
                shown = ""
        # What stands between tags as escaped text is harmless; a tag is not.
        found = HARM.search("".join(re.findall(r"<[^>]*>", shown)))
        assert found is None, (message.pk, found)
