"""What stands behind the SMTP door, and the command that opens it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from intake.actions.receive_together import Together
from intake.clients.smtp_contract import Answer, IncomingMail, Peer
from intake.management import application
from intake.management.application import Intake
from intake.models import Delivery, Heartbeat, Message
from lib.blobs import BlobStoreFull, BlobStoreUnavailable
from lib.refusal import Refused
from tests.world import MORNING, OLA, World, build_world, environment, mail

ROOT = Path(__file__).resolve().parents[2]
PEER = Peer(ip="192.0.2.1", helo="mx.example.net", tls=None, protocol="smtp", envelope_from=OLA)


def incoming(*, to: list[str], protocol: Any = "smtp", keep_before: float = 1e12) -> IncomingMail:
    return IncomingMail(
        raw=mail(),
        envelope_from=OLA,
        recipients=to,
        peer_ip=None,
        helo="mx.example.net",
        tls=None,
        esmtp_params={},
        protocol=protocol,
        received_at=MORNING,
        keep_before=keep_before,
    )


def deliver(mail: IncomingMail) -> list[Answer]:
    return asyncio.run(Intake(threads=1).deliver(mail))


def check(address: str) -> Answer:
    return asyncio.run(Intake(threads=1).check_recipient(address, PEER))


@pytest.fixture
def town(transactional_db: None) -> World:
    return build_world("NO")


def test_a_known_recipient_is_accepted_and_an_unknown_one_refused(town: World) -> None:
    assert check("post@nn.example").code == 250
    assert check("postmaster").code == 250
    assert check("nobody@nn.example").code == 550
    assert check("post@elsewhere.example").code == 550


def test_lmtp_answers_for_each_recipient_and_smtp_once(town: World) -> None:
    both = ["post@nn.example", "helse@nn.example"]
    assert [answer.code for answer in deliver(incoming(to=both, protocol="lmtp"))] == [250, 250]
    assert [answer.code for answer in deliver(incoming(to=both))] == [250]
    assert Message.objects.count() == 1
    assert Delivery.objects.count() == 2


def test_what_comes_too_late_is_put_off(town: World) -> None:
    late = incoming(to=["post@nn.example"], keep_before=time.monotonic() - 1)
    assert deliver(late)[0].code == 451
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (BlobStoreFull(), 452),
        (BlobStoreUnavailable(), 451),
        (OperationalError("the server is away"), 451),
        (OSError("input/output error"), 451),
        (Refused("unknown_recipient", "no"), 550),
    ],
)
def test_trouble_of_ours_never_loses_a_mail(
    town: World, monkeypatch: pytest.MonkeyPatch, trouble: Exception, code: int
) -> None:
    def fails(*_values: Any) -> None:
        raise trouble

    monkeypatch.setattr(Together, "receive", fails)
    assert deliver(incoming(to=["post@nn.example"]))[0].code == code


def test_without_a_database_a_recipient_is_put_off_and_not_refused(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_address: str) -> None:
        raise OperationalError("the server is away")

    monkeypatch.setattr(application.queries, "mailbox_for", away)
    assert check("post@nn.example").code == 451


class Receiver:
    """`manage.py receive` in a process of its own."""

    def __init__(self, *arguments: str, **changed: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [
                sys.executable,
                "manage.py",
                "receive",
                "--smtp",
                f"127.0.0.1:{self.port}",
                *arguments,
            ],
            cwd=ROOT,
            env={**os.environ, **environment(), **changed},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        assert b"receiving at" in self.process.stdout.readline()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def receiver(town: World) -> Iterator[Receiver]:
    started = Receiver("--processes", "2")
    yield started
    if started.process.poll() is None:
        started.stop()


def test_a_mail_sent_to_the_command_is_there_once_it_says_so(receiver: Receiver) -> None:
    with smtplib.SMTP("127.0.0.1", receiver.port, timeout=30) as client:
        client.ehlo("mx.example.net")
        client.mail(OLA)
        assert client.rcpt("nobody@nn.example")[0] == 550
        assert client.rcpt("post@nn.example")[0] == 250
        code, text = client.data(mail())
    assert code == 250
    message = Message.objects.get()
    assert re.search(rb"received as (M\d+)", text, re.IGNORECASE)[1].decode() == message.number  # type: ignore[index]
    delivery = Delivery.objects.get()
    assert (delivery.door, delivery.peer) == ("smtp", "127.0.0.1")
    assert delivery.helo == "mx.example.net"
    assert Heartbeat.objects.filter(name="receiver").exists()
    assert receiver.stop() == 0


def test_a_mail_whose_sender_address_is_no_text_is_answered(receiver: Receiver) -> None:
    with smtplib.SMTP("127.0.0.1", receiver.port, timeout=30) as client:
        client.ehlo("mx.example.net")
        client.send(b"MAIL FROM:<s\xffren@example.net>\r\n")
        code = client.getreply()[0]
        assert code in (250, 500, 501, 550, 553)
    assert receiver.process.poll() is None


def test_the_command_ends_in_peace_with_a_client_still_connected(receiver: Receiver) -> None:
    client = smtplib.SMTP("127.0.0.1", receiver.port, timeout=30)
    client.ehlo("mx.example.net")
    assert receiver.stop() == 0
    assert client.getreply()[0] == 421
    client.close()
