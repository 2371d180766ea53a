"""A Postfix and a Dovecot of our own, as children of the test, with nothing below /etc."""

from __future__ import annotations

import getpass
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.house import LOCAL, TOWN, House, free_port, launcher, until

POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
myhostname = mx.{town}
alias_maps =
alias_database =
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relay_domains = {town}
maillog_file = {folder}/log
maillog_file_prefixes = /tmp
lmtp_host_lookup = native
smtp_host_lookup = native
minimal_backoff_time = 3s
maximal_backoff_time = 3s
queue_run_delay = 3s
fast_flush_domains =
message_size_limit = 100000000
mailbox_size_limit = 0
transport_maps =
    inline:{{ {{ {town} = lmtp:inet:127.0.0.1:{door} }}, {{ * = smtp:[127.0.0.1]:{out} }} }}
"""

POSTFIX_MASTER = """
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
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
{tls}
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


def needed(program: str, *, root: bool = False) -> None:
    """Skip the test where the program is missing, but not in CI, where it has to be there."""
    missing = "" if shutil.which(program) else f"{program} is not installed"
    if not missing and root and os.geteuid():
        missing = f"{program} needs root to start"
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short path (for sockets) that the servers' own users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="kp-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(name: str, command: list[str], folder: Path, ready: Callable[[], bool]) -> Iterator:
    """A server as a child that ends with the test, however that ends."""
    process = launcher.Process(name, command, folder / "output", ready, dict(os.environ))
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()


@dataclass
class Postfix:
    """Hands mail for the municipality to `door` by LMTP, and everything else to `out` by SMTP."""

    port: int
    folder: Path

    @property
    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""

    def logs(self, *words: str, seconds: float = 60) -> str:
        """The line of the log that has all the words, once it has come."""

        def found() -> str:
            lines = self.log.splitlines()
            return next((line for line in lines if all(word in line for word in words)), "")

        return str(until(found, seconds=seconds, what=f"Postfix logs {words}"))


@contextmanager
def postfix(*, port: int, door: int, out: int) -> Iterator[Postfix]:
    """A Postfix that listens on `port`."""
    with short_folder() as folder:
        conf = folder / "conf"
        for name in ("conf", "queue", "data"):
            (folder / name).mkdir()
        os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        main = POSTFIX_MAIN.format(folder=folder, town=TOWN, door=door, out=out)
        (conf / "main.cf").write_text(main)
        (conf / "master.cf").write_text(POSTFIX_MASTER.format(port=port))
        command = ["postfix", "-c", str(conf), "start-fg"]
        with running("Postfix", command, folder, lambda: bool(launcher.smtp_answers(port))):
            yield Postfix(port, folder)


@dataclass
class Account:
    """A mailbox at the Dovecot, as another mail program sees it."""

    port: int
    user: str
    folder: Path

    @contextmanager
    def open(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(LOCAL, self.port) as client:
            client.login(self.user, "secret")
            assert client.select(folder)[0] == "OK"
            yield client

    def put(self, *mails: bytes) -> None:
        """Lay mails into the mailbox."""
        with self.open() as client:
            for raw in mails:
                assert client.append("INBOX", "", "", raw)[0] == "OK"

    def make(self, folder: str) -> None:
        with self.open() as client:
            assert client.create(folder)[0] == "OK"

    def count(self, folder: str = "INBOX") -> int:
        """How many mails the folder has."""
        with self.open(folder) as client:
            return len(client.search(None, "ALL")[1][0].split())

    def number_anew(self) -> None:
        """Lose the list of UIDs, as after a restore: Dovecot makes a new UIDVALIDITY."""
        for file in (self.folder / "Maildir").glob("dovecot*"):
            file.unlink()


@dataclass
class Dovecot:
    """An IMAP server that lets in any user whose password is "secret"."""

    port: int
    folder: Path
    owner: tuple[int, int]
    tls_port: int  # 0 when it was given no certificate

    def account(self, user: str) -> Account:
        """A new, empty mailbox."""
        home = self.folder / "home" / user
        home.mkdir()
        os.chown(home, *self.owner)
        return Account(self.port, user, home)


@contextmanager
def dovecot(certificate: tuple[Path, Path] | None = None) -> Iterator[Dovecot]:
    """A Dovecot, as root or as a normal user; with TLS by the certificate and its key."""
    root, port, tls_port, tls = os.geteuid() == 0, free_port(), 0, "ssl = no"
    if certificate is not None:
        tls_port = free_port()
        tls = "ssl = yes\nssl_cert = <{}\nssl_key = <{}".format(*certificate)
    internal = "dovecot" if root else getpass.getuser()
    owner = (launcher.NOBODY, launcher.NOBODY) if root else (os.getuid(), os.getgid())
    group = subprocess.run(["id", "-gn", internal], capture_output=True, text=True, check=True)
    with short_folder() as folder:
        (folder / "home").mkdir()
        conf = DOVECOT.format(
            folder=folder, internal=internal, group=group.stdout.strip(), uid=owner[0],
            gid=owner[1], port=port, tls_port=tls_port, tls=tls,
        )  # fmt: skip
        if not root:
            for service in ("auth", "auth-worker"):
                conf += f"service {service} {{\n  user = {internal}\n}}\n"
        (folder / "conf").write_text(conf)
        command = ["dovecot", "-F", "-c", str(folder / "conf")]
        with running("Dovecot", command, folder, lambda: greets(port)):
            yield Dovecot(port, folder, owner, tls_port)


def greets(port: int) -> bool:
    """Whether an IMAP server answers at the port."""
    try:
        with socket.create_connection((LOCAL, port), 2) as client:
            return client.recv(4) == b"* OK"
    except OSError:
        return False


def deliveries(house: House, where: str, value: str) -> list[tuple[int, int]]:
    """(message, number of deliveries) for the messages of the deliveries that `where` picks."""
    rows = house.ask(
        "SELECT message_id, count(*) FROM intake_delivery WHERE message_id IN"
        f" (SELECT message_id FROM intake_delivery WHERE {where} LIKE %s)"
        " GROUP BY message_id ORDER BY message_id",
        value,
    )
    return [(row[0], row[1]) for row in rows]
