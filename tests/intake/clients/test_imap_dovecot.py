"""The same against a real server: Dovecot, started without touching the system's own."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.clients.imap import AfterCommit, Fetched, connect
from intake.clients.imap_account import ImapAccount, ImapError, ImapLost

pytestmark = pytest.mark.peers

MAIL = b"From: kari@example.no\r\nSubject: hei\r\n\r\nHei.\r\n"

CONF = """
base_dir = {run}
state_dir = {run}
log_path = {folder}/log
protocols = imap
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {internal}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    folder: Path
    port: int
    tls_port: int
    ca: str

    def account(self, **changed: Any) -> ImapAccount:
        facts: dict[str, Any] = {
            "host": "localhost", "port": self.tls_port, "user": "post",
            "secret": lambda: "secret", "ca_file": self.ca,
        }  # fmt: skip
        return ImapAccount(**{**facts, **changed})

    @property
    def maildir(self) -> Path:
        return self.folder / "home" / "post" / "Maildir"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def dovecot(certificate: tuple[Path, Path]) -> Iterator[Dovecot]:
    if shutil.which("dovecot") is None:
        if os.environ.get("CI"):
            pytest.fail("Dovecot is not installed")
        pytest.skip("Dovecot is not installed")
    # Unix sockets want a short path, and the mail's user must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="kp-", dir="/tmp"))
    folder.chmod(0o755)
    root = os.getuid() == 0
    uid, gid = (65534, 65534) if root else (os.getuid(), os.getgid())
    for name in ("home", "home/post"):
        (folder / name).mkdir()
        if root:
            os.chown(folder / name, uid, gid)
    port, tls_port = free_port(), free_port()
    internal = "dovecot" if root else getpass.getuser()
    group = subprocess.run(["id", "-gn", internal], capture_output=True, text=True, check=True)
    conf = CONF.format(
        run=folder / "run", folder=folder, cert=certificate[0], key=certificate[1],
        internal=internal, group=group.stdout.strip(), uid=uid, gid=gid, port=port,
        tls_port=tls_port,
    )  # fmt: skip
    if not root:
        for service in ("auth", "auth-worker"):
            conf += f"service {service} {{\n  user = {internal}\n}}\n"
    (folder / "conf").write_text(conf)
    process = subprocess.Popen(
        ["dovecot", "-F", "-c", str(folder / "conf")], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    log = folder / "log"
    try:
        assert answers(tls_port, process), log.read_text() if log.exists() else "no log"
        yield Dovecot(folder, port, tls_port, str(certificate[0]))
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Does the port open within ten seconds, while the process lives?"""
    ends = time.monotonic() + 10
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def filled(dovecot: Dovecot) -> Dovecot:
    """The mailbox with three messages in INBOX and nothing else."""
    with connect(dovecot.account()) as box:
        client = box._client
        box.list_uids("INBOX")
        client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
        client.expunge()
        for number in range(3):
            client.append("INBOX", None, None, MAIL + b"%d\r\n" % number)
    return dovecot


def raws(dovecot: Dovecot, folder: str = "INBOX") -> list[bytes]:
    with connect(dovecot.account()) as box:
        _validity, uids = box.list_uids(folder)
        return [mail.raw for mail in box.fetch(uids) if isinstance(mail, Fetched)]


def test_messages_are_fetched_with_their_bytes_and_left_unread(filled: Dovecot) -> None:
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


def test_messages_that_someone_has_read_are_fetched_too(filled: Dovecot) -> None:
    with connect(filled.account()) as box:
        _validity, uids = box.list_uids("INBOX")
        box.after_commit(uids[0], AfterCommit("flag"))
    assert len(raws(filled)) == 3


def test_kept_moved_and_deleted_are_where_they_should_be(filled: Dovecot) -> None:
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


def test_a_lost_uid_list_gives_a_new_uidvalidity_and_all_messages(filled: Dovecot) -> None:
    with connect(filled.account()) as box:
        validity, uids = box.list_uids("INBOX")
    time.sleep(1.1)  # the new one is made of the time in seconds
    for name in filled.maildir.glob("dovecot*"):
        name.unlink()
    with connect(filled.account()) as box:
        new_validity, new_uids = box.list_uids("INBOX")
    assert new_validity != validity
    assert len(new_uids) == len(uids) == 3
    assert sorted(raws(filled)) == [MAIL + b"%d\r\n" % number for number in range(3)]


def test_idling_ends_when_mail_comes(filled: Dovecot) -> None:
    with connect(filled.account()) as box, connect(filled.account()) as other:
        box.list_uids("INBOX")
        other._client.append("INBOX", None, None, MAIL)
        started = time.monotonic()
        assert box.idle(20)
        assert time.monotonic() - started < 15
        assert len(box.list_uids("INBOX")[1]) == 4


def test_the_servers_count_of_today_is_what_came_today(filled: Dovecot) -> None:
    today = datetime.now(UTC).date()
    with connect(filled.account()) as box:
        assert box.server_count("INBOX", today, UTC) == {today: 3}


def test_starttls_and_clear_text_to_this_machine_work(filled: Dovecot) -> None:
    with connect(filled.account(port=filled.port, security="starttls")) as box:
        assert len(box.list_uids("INBOX")[1]) == 3
    clear = filled.account(port=filled.port, security="plain-loopback-only", host="127.0.0.1")
    with connect(clear) as box:
        assert len(box.list_uids("INBOX")[1]) == 3


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(filled: Dovecot, security: str) -> None:
    port = filled.tls_port if security == "tls" else filled.port
    with pytest.raises(ImapLost, match="certificate verify failed"):
        connect(filled.account(port=port, security=security, ca_file=None))


def test_a_wrong_password_is_an_error_and_not_a_lost_connection(filled: Dovecot) -> None:
    with pytest.raises(ImapError) as refused:
        connect(filled.account(secret=lambda: "wrong-one"))
    assert not isinstance(refused.value, ImapLost)
    assert "wrong-one" not in str(refused.value)
