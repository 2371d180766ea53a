"""A small IMAP server that does as it is told, right or wrong, in a thread on loopback."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Stub:
    """`mails` are by UID. A function in `faults` gets a command's arguments and its connection;
    when it returns true the stub does no more for that command."""

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    offers: str = "IMAP4rev1 UIDPLUS MOVE IDLE AUTH=XOAUTH2 AUTH=PLAIN"
    faults: dict[str, Callable[[str, Any], bool]] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)
    uid_last: bool = False
    chatter: bytes = b""
    log: list[str] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)
    moved: dict[int, str] = field(default_factory=dict)
    dates: dict[int, str] = field(default_factory=dict)
    _listening: socket.socket | None = None

    def start(self) -> int:
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return int(self._listening.getsockname()[1])

    def stop(self) -> None:
        if self._listening is not None:
            self._listening.close()

    def _accept(self) -> None:
        assert self._listening is not None
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"* OK ready\r\n")
            lines = connection.makefile("rb")
            for line in lines:
                tag, _, rest = line.decode().strip().partition(" ")
                command, _, arguments = rest.partition(" ")
                if command == "UID":
                    command, _, arguments = arguments.partition(" ")
                self.log.append(f"{command} {arguments}".strip())
                fault = self.faults.get(command)
                if fault is not None and fault(arguments, connection):
                    continue
                self._obey(connection, lines, tag, command, arguments)
                if command == "LOGOUT":
                    return

    def _obey(
        self, connection: socket.socket, lines: Any, tag: str, command: str, arguments: str
    ) -> None:
        out = b""
        if command == "CAPABILITY":
            out = f"* CAPABILITY {self.offers}\r\n".encode()
        elif command in {"SELECT", "EXAMINE"}:
            out = f"* {len(self.mails)} EXISTS\r\n".encode()
            out += f"* OK [UIDVALIDITY {self.validity}] valid\r\n".encode()
        elif command == "SEARCH":
            out = ("* SEARCH " + " ".join(map(str, self.mails)) + "\r\n").encode()
        elif command == "FETCH" and "BODY" in arguments and self._asks_for_broken(arguments):
            connection.sendall(f"{tag} NO [SERVERBUG] cannot read it\r\n".encode())
            return
        elif command == "FETCH":
            out = self._fetched(arguments)
        elif command == "AUTHENTICATE":
            connection.sendall(b"+ \r\n")
            self.tokens.append(base64.b64decode(lines.readline()))
        elif command == "IDLE":
            connection.sendall(b"+ idling\r\n")
            threading.Timer(0.2, connection.sendall, (b"* 9 EXISTS\r\n",)).start()
            lines.readline()
        elif command == "MOVE":
            uid, _, folder = arguments.partition(" ")
            self.moved[int(uid)] = folder
        elif command == "LOGOUT":
            out = b"* BYE\r\n"
        connection.sendall(out + f"{tag} OK done\r\n".encode())

    def _asks_for_broken(self, arguments: str) -> bool:
        return bool(self.broken & set(map(int, arguments.partition(" ")[0].split(","))))

    def _fetched(self, arguments: str) -> bytes:
        wanted, _, items = arguments.partition(" ")
        out = self.chatter
        for number, uid in enumerate(map(int, wanted.split(",")), 1):
            if uid not in self.mails:
                continue
            raw = self.mails[uid]
            moment = self.dates.get(uid, "05-Jan-2026 10:00:00 +0100")
            if "BODY" not in items:
                facts = f'UID {uid} RFC822.SIZE {len(raw)} INTERNALDATE "{moment}"'
                out += f"* {number} FETCH ({facts})\r\n".encode()
                continue
            first = "" if self.uid_last else f"UID {uid} "
            last = f" UID {uid}" if self.uid_last else ""
            out += f'* {number} FETCH ({first}FLAGS (\\Seen $x) INTERNALDATE "{moment}" '.encode()
            out += b"BODY[] {%d}\r\n%b%b)\r\n" % (len(raw), raw, last.encode())
        return out


def refuse_when(pattern: str, answer: bytes) -> Callable[[str, Any], bool]:
    """A fault: close the connection after `answer` when the arguments hold `pattern`."""

    def fault(arguments: str, connection: Any) -> bool:
        if not re.search(pattern, arguments):
            return False
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)
        return True

    return fault
