"""A mail server on loopback that answers by script and keeps what it accepted."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DROP = "drop"  # instead of an answer: close the connection
HANG = "hang"  # instead of an answer: say nothing until the client goes away


@dataclass(frozen=True)
class Taken:
    """One mail for which the final dot was answered by 2yz, or after which we dropped."""

    sender: str
    to: str
    raw: bytes


class Relay:
    """`script` maps GREETING, EHLO, STARTTLS, MAIL, RCPT, DATA or DOT to answers, used up in turn;
    the last one stays. Without a script everything is accepted."""

    def __init__(
        self,
        script: dict[str, list[str]] | None = None,
        *,
        certificate: Path | None = None,
        wrapped: bool = False,
    ) -> None:
        self.script = {verb: list(answers) for verb, answers in (script or {}).items()}
        self.taken: list[Taken] = []
        self.seen: list[str] = []  # every command line in clear text or within TLS
        self.in_clear: list[str] = []
        self.sessions = 0
        self._wrapped = wrapped
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def close(self) -> None:
        # Wakes the thread that waits in accept, which would take one more connection.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self._session, args=(client,), daemon=True).start()

    def _answer(self, verb: str, usual: str) -> str:
        answers = self.script.get(verb)
        if not answers:
            return usual
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _session(self, client: socket.socket) -> None:
        try:
            if self._wrapped and self._tls:
                client = self._tls.wrap_socket(client, server_side=True)
            self._talk(client)
        except OSError:
            pass
        finally:
            client.close()

    def _talk(self, client: socket.socket) -> None:
        lines = client.makefile("rb")
        secure = self._wrapped
        sender = to = ""
        offered = "250-relay\r\n250 STARTTLS" if self._tls and not secure else "250 relay"
        if not self._say(client, self._answer("GREETING", "220 relay")):
            return
        while line := lines.readline():
            text = line.decode("ascii", "replace").strip()
            self.seen.append(text)
            if not secure:
                self.in_clear.append(text)
            verb, _, rest = text.partition(" ")
            verb = verb.upper()
            address = rest.partition("<")[2].partition(">")[0]
            if verb == "QUIT":
                self._say(client, "221 bye")
                return
            usual = {"EHLO": offered, "DATA": "354 go on", "STARTTLS": "220 go on"}
            answer = self._answer(verb, usual.get(verb, "250 2.0.0 fine"))
            if not self._say(client, answer):
                return
            if verb == "STARTTLS" and self._tls and answer.startswith("220"):
                client = self._tls.wrap_socket(client, server_side=True)
                lines, secure, offered = client.makefile("rb"), True, "250 relay"
            elif verb == "MAIL":
                sender = address
            elif verb == "RCPT":
                to = address
            elif verb == "DATA" and answer.startswith("354"):
                raw = self._content(lines)
                answer = self._answer("DOT", "250 2.0.0 queued")
                if answer[0] in "2d":
                    self.taken.append(Taken(sender, to, raw))
                if not self._say(client, answer):
                    return

    @staticmethod
    def _content(lines: object) -> bytes:
        content = []
        while (line := lines.readline()) != b".\r\n":  # type: ignore[attr-defined]
            if not line:
                raise OSError("gone before the dot")
            content.append(line.removeprefix(b".") if line.startswith(b".") else line)
        return b"".join(content)

    @staticmethod
    def _say(client: socket.socket, answer: str) -> bool:
        if answer == DROP:
            return False
        if answer == HANG:
            client.settimeout(20)
            client.recv(1)
            return False
        client.sendall(answer.encode() + b"\r\n")
        return True


_AUTHORITY = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
subjectAltName = IP:127.0.0.1
basicConstraints = CA:true
"""


def make_certificate(folder: Path, *, expired: bool = False) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file; `expired` since 2020."""
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    (folder / "ca.cnf").write_text(_AUTHORITY.format(folder=folder))
    _openssl(
        folder, "req -new -newkey rsa:2048 -nodes -subj /CN=relay -keyout key.pem -out request.pem"
    )
    _openssl(
        folder,
        "ca -batch -selfsign -notext -config ca.cnf -keyfile key.pem -in request.pem -out made.pem "
        f"-startdate 20200101000000Z -enddate {'2020' if expired else '2120'}0201000000Z",
    )
    both = folder / "both.pem"
    both.write_text((folder / "made.pem").read_text() + (folder / "key.pem").read_text())
    return both


def _openssl(folder: Path, arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments.split()], cwd=folder, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
