"""A real Postfix hands mail over by LMTP and understands every answer."""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.clients.smtp_contract import Answer, IncomingMail

from .conftest import OK, Remembers, Served
from .test_imap_dovecot import free_port

pytestmark = pytest.mark.peers

# With all that Postfix would otherwise add.
MAIL = (
    b"From: kari@example.no\r\nTo: post@kommune.test\r\nSubject: hei\r\n"
    b"Date: Mon, 5 Jan 2026 10:00:00 +0100\r\nMessage-ID: <1@example.no>\r\n\r\n.Hei.\r\n"
)

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
myhostname = mx.test
alias_maps =
alias_database =
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relay_domains = kommune.test
maillog_file = {folder}/log
maillog_file_prefixes = /tmp
lmtp_host_lookup = native
minimal_backoff_time = 3s
maximal_backoff_time = 3s
queue_run_delay = 3s
fast_flush_domains =
message_size_limit = 100000000
mailbox_size_limit = 0
transport_maps = inline:{{ {{ kommune.test = lmtp:inet:127.0.0.1:{door} }} }}
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    port: int
    log: Path

    def send(self, raw: bytes, *recipients: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.port) as client:
            client.sendmail("kari@example.no", recipients or ["post@kommune.test"], raw)

    def logged(self, pattern: str) -> bool:
        return wait_until(lambda: pattern in self.log.read_text())


def wait_until(true: Callable[[], bool], seconds: float = 30) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def door(serve: Callable[..., Served]) -> Served:
    return serve(protocol="lmtp", application=Remembers())


@pytest.fixture
def postfix(door: Served) -> Iterator[Postfix]:
    if shutil.which("postfix") is None:
        if os.environ.get("CI"):
            pytest.fail("Postfix is not installed")
        pytest.skip("Postfix is not installed")
    if os.getuid() != 0:
        pytest.skip("Postfix needs root to start")
    folder = Path(tempfile.mkdtemp(prefix="kp-", dir="/tmp"))
    folder.chmod(0o755)
    port = free_port()
    conf = folder / "conf"
    for name in ("conf", "queue", "data"):
        (folder / name).mkdir()
    os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
    (conf / "main.cf").write_text(MAIN.format(folder=folder, door=door.port))
    (conf / "master.cf").write_text(MASTER.format(port=port))
    assert command(conf, "start") == 0
    try:
        yield Postfix(port, folder / "log")
    finally:
        command(conf, "stop")
        shutil.rmtree(folder, ignore_errors=True)


def command(conf: Path, word: str) -> int:
    # Its daemons would keep a pipe open for as long as they live.
    return subprocess.run(
        ["postfix", "-c", str(conf), word], check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ).returncode  # fmt: skip


def test_postfix_hands_over_and_logs_our_answer(postfix: Postfix, door: Served) -> None:
    postfix.send(MAIL, "a@kommune.test", "b@kommune.test")
    assert wait_until(lambda: len(door.mails) == 1)
    mail = door.mails[0]
    assert mail.raw.endswith(MAIL)
    assert mail.recipients == ["a@kommune.test", "b@kommune.test"]
    assert mail.envelope_from == "kari@example.no"
    assert postfix.logged("250 2.6.0 Kept")


def test_postfix_tries_again_after_451(postfix: Postfix, door: Served) -> None:
    refused: list[IncomingMail] = []

    def once(mail: IncomingMail) -> list[Answer] | None:
        if refused:
            return None
        refused.append(mail)
        raise OSError("the database is away")

    door.application.deliver_how = once
    postfix.send(MAIL)
    assert postfix.logged("status=deferred")
    assert wait_until(lambda: len(door.mails) == 1)
    assert postfix.logged("status=sent")
    assert door.mails[0].raw == refused[0].raw


def test_one_of_two_recipients_put_off_comes_again_alone(postfix: Postfix, door: Served) -> None:
    seen: list[list[str]] = []

    def second_is_full(mail: IncomingMail) -> list[Answer]:
        seen.append(mail.recipients)
        return [OK, Answer(452, "4.2.2", "Full")] if len(mail.recipients) == 2 else [OK]

    door.application.deliver_how = second_is_full
    postfix.send(MAIL, "a@kommune.test", "b@kommune.test")
    assert wait_until(lambda: len(seen) == 2), postfix.log.read_text()
    assert seen == [["a@kommune.test", "b@kommune.test"], ["b@kommune.test"]]


def test_postfix_gives_up_an_unknown_recipient_and_keeps_the_known(
    postfix: Postfix, door: Served
) -> None:
    postfix.send(MAIL, "unknown@kommune.test", "post@kommune.test")
    assert wait_until(lambda: len(door.mails) == 1)
    assert door.mails[0].recipients == ["post@kommune.test"]
    assert postfix.logged("status=bounced")
    assert postfix.logged("550 5.1.1 No such mailbox")


def test_many_mails_and_a_large_one_come_through_whole(postfix: Postfix, door: Served) -> None:
    large = MAIL + b"x" * 990 + b"\r\n" + (b"y" * 76 + b"\r\n") * 300_000
    postfix.send(large)
    for number in range(30):
        postfix.send(MAIL + b"%d\r\n" % number)
    assert wait_until(lambda: len(door.mails) == 31, 30)
    assert {mail.raw[mail.raw.index(MAIL) :] for mail in door.mails} == {
        large,
        *(MAIL + b"%d\r\n" % number for number in range(30)),
    }
