"""The mail server of the demo, which keeps letters instead of passing them on."""

from __future__ import annotations

import mailbox
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A sink in a process of its own: its port and its folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "outgoing"
    listen = ["--listen", f"127.0.0.1:{port}", "--maildir", str(folder)]
    child = subprocess.Popen(
        [sys.executable, "manage.py", "mailsink", *listen], cwd=ROOT, env=dict(os.environ)
    )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and child.poll() is None:
            try:
                smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
                break
            except OSError:
                time.sleep(0.05)
        yield port, folder
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
    finally:
        child.kill()


def test_a_letter_is_kept_with_its_envelope_and_its_bytes(sink: tuple[int, Path]) -> None:
    port, folder = sink
    letter = b"From: post@nn.example\r\nSubject: Svar\r\n\r\n\xe6\xf8\xe5\r\n.punktum\r\n"
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("", ["a@example.org", "b@example.org"], letter)
    (kept,) = mailbox.Maildir(folder, create=False)
    assert kept["Return-Path"] == "<>"
    assert kept["X-Envelope-To"] == "a@example.org, b@example.org"
    assert kept.get_payload(decode=True) == b"\xe6\xf8\xe5\n.punktum\n"


@pytest.mark.parametrize(
    "address", ["0.0.0.0:2526", "[::]:2526", "192.0.2.1:25", "localhost:25", "127.0.0.1", ":25"]
)
def test_an_address_that_others_can_reach_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="loopback"):
        call_command("mailsink", listen=address, maildir=tmp_path / "x")
    assert not (tmp_path / "x").exists()
