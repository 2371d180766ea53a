"""Fetching from a mailbox on an IMAP server: takes copies, changes nothing until told to."""

from __future__ import annotations

import contextlib
import imaplib
import ipaddress
import re
import ssl
import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from types import TracebackType
from typing import Any, Literal

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from imap_tools.utils import encode_folder

from intake.clients.imap_account import (
    ImapAccount,
    ImapError,
    ImapLost,
    secret_from_command,
    secret_from_env,
    secret_from_file,
)
from intake.clients.imap_reply import MONTHS, Fetched, FetchFailed, internal_date, made

__all__ = [
    "AfterCommit",
    "FetchFailed",
    "Fetched",
    "ImapAccount",
    "ImapError",
    "ImapLost",
    "ImapMailbox",
    "connect",
    "secret_from_command",
    "secret_from_env",
    "secret_from_file",
]

# Asked for in one command at most: so many messages, so many octets by the server's own count.
BATCH = 50
BATCH_OCTETS = 16 * 1024 * 1024
# A larger message is reported and not fetched; it would not fit in memory twice.
MESSAGE_LIMIT = 200 * 1024 * 1024
TIMEOUT_S = 60
# A server sends what it has as a round of IDLE begins with the answer that begins it, where it
# is not seen before the round ends; RFC 2177 sets 29 minutes as the longest round.
IDLE_ROUND_S = 60.0

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


@dataclass(frozen=True)
class AfterCommit:
    """What becomes of the message at its source; `target` is the flag or the folder."""

    kind: Literal["keep", "flag", "move", "delete"]
    target: str = ""


@contextlib.contextmanager
def _named_errors(uids: Sequence[int] = ()) -> Iterator[None]:
    try:
        yield
    except imaplib.IMAP4.abort as error:
        raise ImapLost(_short(error), uids) from None
    except OSError as error:
        raise ImapLost(f"{type(error).__name__}: {_short(error)}", uids) from None
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise ImapError(_short(error)) from None


def _short(error: Exception) -> str:
    return re.sub(r"[^ -~]", "?", str(error))[:200]


def connect(account: ImapAccount) -> ImapMailbox:
    """Sign in. Raises ImapLost when there is no way to the server, ImapError when it refuses.

    Certificates are always verified. Clear text goes to this machine only, which is checked on
    the open connection before anything secret is sent.
    """
    box: Any = None
    try:
        with _named_errors():
            box = _open(account)
            if account.security == "plain-loopback-only" and not _is_loopback(box):
                raise ImapError("clear text is spoken to this machine only")
            secret = account.secret()
            if re.search(r"[\r\n\x00]", account.user + secret):
                raise ImapError("user or secret holds a line break")
            if account.auth == "xoauth2":
                box.xoauth2(account.user, secret, initial_folder=None)
            elif (account.user + secret).isascii():
                box.login(account.user, secret, initial_folder=None)
            else:
                box.login_utf8(account.user, secret, initial_folder=None)
            # What a server offers often grows with the sign-in.
            _status, offers = box.client.capability()
    except ImapError:
        if box is not None:
            with contextlib.suppress(OSError):
                box.client.shutdown()
        raise
    return ImapMailbox(box, set(offers[-1].decode("ascii", "replace").upper().split()))


def _open(account: ImapAccount) -> BaseMailBox:
    if account.security == "plain-loopback-only":
        return MailBoxUnencrypted(account.host, account.port, timeout=TIMEOUT_S)
    context = ssl.create_default_context(cafile=account.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if account.security == "starttls":
        return MailBoxStartTls(account.host, account.port, timeout=TIMEOUT_S, ssl_context=context)
    return MailBox(account.host, account.port, timeout=TIMEOUT_S, ssl_context=context)


def _is_loopback(box: BaseMailBox) -> bool:
    return ipaddress.ip_address(box.client.sock.getpeername()[0].partition("%")[0]).is_loopback


class ImapMailbox:
    """One signed-in connection. After ImapLost it is of no more use: connect again."""

    def __init__(self, box: BaseMailBox, offers: set[str]) -> None:
        self._box = box
        self._client: Any = box.client
        self._offers = offers
        self._folder: str | None = None
        self._changed = False

    def __enter__(self) -> ImapMailbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Sign out. Never raises: what was to be kept has been kept by now."""
        with contextlib.suppress(ImapError), _named_errors():
            self._client.logout()
        with contextlib.suppress(OSError):
            self._client.shutdown()

    def list_uids(self, folder: str) -> tuple[int, list[int]]:
        """Select the folder: its UIDVALIDITY and the UIDs of all messages, read or not.

        A UID means something only together with folder and UIDVALIDITY (RFC 3501 2.3.1.1).
        """
        self._folder = None
        with _named_errors():
            self._box.folder.set(folder)
            self._folder = folder
            validity = self._client.response("UIDVALIDITY")[1][0]
            if validity is None:
                raise ImapError("the server gives no UIDVALIDITY")
            self._news()
            self._changed = False
            return int(validity), sorted(int(uid) for uid in self._box.uids("ALL", charset=None))

    def fetch(
        self, uids: Iterable[int], *, alone: Container[int] = ()
    ) -> Iterator[Fetched | FetchFailed]:
        """The messages of the folder listed last, one answer for each UID, without marking any.

        Raises ImapLost when the connection ends; what was given before that is good. UIDs in
        `alone`, which an earlier ImapLost named, are asked for one by one and after the others,
        so that a message which ends the connection each time is found and stops no other.
        """
        self._selected()
        wanted = sorted(uids, key=lambda uid: uid in alone)
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            sizes: dict[int, int] = {}
            for uid, lines in self._each(some, "(UID RFC822.SIZE)"):
                size = _SIZE.search(b" ".join(lines[0])) if not isinstance(lines, str) else None
                if size is None:
                    yield FetchFailed(uid, lines if isinstance(lines, str) else "no size given")
                elif int(size[1]) > MESSAGE_LIMIT:
                    yield FetchFailed(uid, f"{int(size[1])} octets are too many")
                else:
                    sizes[uid] = int(size[1])
            suspects = [uid for uid in sizes if uid in alone]
            calm = {uid: size for uid, size in sizes.items() if uid not in alone}
            for batch in [*_batches(calm), *([uid] for uid in suspects)]:
                items = "(UID FLAGS INTERNALDATE BODY.PEEK[])"
                for uid, answer in self._each(batch, items):
                    yield (
                        FetchFailed(uid, answer) if isinstance(answer, str) else made(uid, answer)
                    )

    def after_commit(self, uid: int, action: AfterCommit) -> None:
        """Treat the message at its source, to be called only once it is durably kept here.

        A message that somebody else has moved meanwhile is no error. Never expunges anything
        but this one message, so that nothing else which carries \\Deleted is lost.
        """
        self._selected()
        with _named_errors((uid,)):
            if action.kind == "flag":
                self._store(uid, action.target or r"\Seen")
            elif action.kind == "move":
                self._move(uid, action.target)
            elif action.kind == "delete":
                self._delete(uid)

    def idle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; True when the folder changed since it was listed.

        News that come just as the wait begins are seen after IDLE_ROUND_S at the latest.
        """
        self._selected()
        ends = time.monotonic() + timeout
        with _named_errors():
            while True:
                self._client.noop()
                left = ends - time.monotonic()
                if self._news() or left <= 0:
                    return self._changed
                self._wait(min(left, IDLE_ROUND_S))

    def _wait(self, seconds: float) -> None:
        if "IDLE" not in self._offers:
            time.sleep(seconds)
            return
        self._box.idle.start()
        try:
            lines = self._box.idle.poll(timeout=seconds)
        finally:
            # Also when a signal ends the wait: the server would take LOGOUT for a broken DONE.
            self._box.idle.stop()
        self._changed |= any(b" EXISTS" in line or b" EXPUNGE" in line for line in lines)

    def _news(self) -> bool:
        """Has the server told of a new number of messages since the folder was listed?"""
        for kind in ("EXISTS", "EXPUNGE"):
            self._changed |= self._client.response(kind)[1][0] is not None
        return self._changed

    def server_count(self, folder: str, since: date, zone: tzinfo) -> Counter[date]:
        """How many messages the server has in the folder for each day from `since` on.

        Days are those of the server's arrival time in `zone`. Selects the folder for reading, so
        list_uids comes before the next fetch.
        """
        self._folder = None
        with _named_errors():
            self._box.folder.set(folder, readonly=True)
            # SINCE compares dates of the server's own zone: a day more is asked for.
            first = since - timedelta(days=1)
            day = f"{first.day}-{MONTHS[first.month - 1]}-{first.year}"
            uids = [int(uid) for uid in self._box.uids(f"SINCE {day}", charset=None)]
        counted: Counter[date] = Counter()
        for start in range(0, len(uids), 500):
            for _uid, lines in self._each(uids[start : start + 500], "(UID INTERNALDATE)"):
                moment = None if isinstance(lines, str) else internal_date(b" ".join(lines[0]))
                if moment is not None and moment.astimezone(zone).date() >= since:
                    counted[moment.astimezone(zone).date()] += 1
        return counted

    def _selected(self) -> None:
        if self._folder is None:
            raise ImapError("list a folder first")

    def _each(
        self, uids: Sequence[int], items: str
    ) -> Iterator[tuple[int, tuple[list[bytes], bytes | None] | str]]:
        """One answer for each UID: its lines and its literal, or in words why there is none.

        Asks for all together; when the server refuses or leaves some out, for each alone.
        """
        found: dict[int, tuple[list[bytes], bytes | None]] = {}
        refused = ""
        if uids:
            try:
                found = self._ask(uids, items)
            except ImapLost:
                raise
            except ImapError as error:
                refused = str(error)
        for uid in uids:
            if uid in found:
                yield uid, found.pop(uid)
            elif len(uids) == 1:
                yield uid, refused or "the server gives nothing for it"
            else:
                yield from self._each([uid], items)

    def _ask(self, uids: Sequence[int], items: str) -> dict[int, tuple[list[bytes], bytes | None]]:
        with _named_errors(uids):
            status, data = self._client.uid("FETCH", ",".join(map(str, uids)), items)
            if status != "OK":
                raise ImapError(f"{status} {_short(Exception(data))}")
        answers: list[tuple[list[bytes], bytes | None]] = []
        for piece in data:
            if isinstance(piece, tuple):
                answers.append(([piece[0]], piece[1]))
            elif piece is not None and re.match(rb"\d+ \(", piece):
                answers.append(([piece], None))
            elif piece is not None and answers:
                # Some servers name the UID after the message.
                answers[-1][0].append(piece)
        found: dict[int, tuple[list[bytes], bytes | None]] = {}
        for lines, literal in answers:
            uid = _UID.search(b" ".join(lines))
            # A server may tell of changed flags in between; that is not what was asked for.
            if uid is None or (literal is None and "BODY" in items):
                continue
            known = found.get(int(uid[1]), ([], None))[0]
            found[int(uid[1])] = (known + lines, literal)
        return found

    def _store(self, uid: int, flag: str) -> None:
        if not re.fullmatch(r"\\?[A-Za-z0-9$_.-]+", flag):
            raise ImapError("the flag has no valid form")
        self._done(self._client.uid("STORE", str(uid), "+FLAGS.SILENT", f"({flag})"))

    def _move(self, uid: int, folder: str) -> None:
        if "MOVE" in self._offers:
            self._done(self._client.uid("MOVE", str(uid), encode_folder(folder)))
            return
        self._done(self._client.uid("COPY", str(uid), encode_folder(folder)))
        self._delete(uid)

    def _delete(self, uid: int) -> None:
        self._store(uid, r"\Deleted")
        # Without UIDPLUS (RFC 4315) only a flag is set: a plain EXPUNGE takes others along.
        if "UIDPLUS" in self._offers:
            self._done(self._client.uid("EXPUNGE", str(uid)))

    def _done(self, result: tuple[str, Any]) -> None:
        if result[0] != "OK":
            raise ImapError(f"{result[0]} {_short(Exception(result[1]))}")


def _batches(sizes: dict[int, int]) -> Iterator[list[int]]:
    batch: list[int] = []
    octets = 0
    for uid, size in sizes.items():
        if batch and (len(batch) >= BATCH or octets + size > BATCH_OCTETS):
            yield batch
            batch, octets = [], 0
        batch.append(uid)
        octets += size
    if batch:
        yield batch
