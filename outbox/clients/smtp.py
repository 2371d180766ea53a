"""The only code that speaks SMTP outwards.

TLS is verified and never given up: a server that cannot do it is not spoken to, unless the
address says smtp:// in so many words and the host is this machine or one that the operator has
named.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import unquote, urlsplit

from outbox.rules.retry import Answer

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
# A mail server that does not greet within this time is taken to be away.
_GREETING_SECONDS = 20.0
# RFC 5321 4.5.3.2.6: the server may work for so long on what it was given. Who does not wait
# gives the same letter again (and the server may deliver both).
_FINAL_DOT_SECONDS = 600.0
# What can stand in MAIL FROM:<> and RCPT TO:<> without ending it or beginning another command.
_ADDRESS = re.compile(r"[^\x00-\x20\x7f-\U0010ffff<>@]+@[^\x00-\x20\x7f-\U0010ffff<>@]+")


class ClearTextRefused(Exception):
    """The address asks for SMTP without TLS to a host that was not named for it."""


@dataclass(frozen=True)
class Outcome:
    """How handing over ended: the server's code and (bounded) words, if it gave any."""

    answer: Answer
    code: int | None = None
    words: str = ""


class Connection:
    """One SMTP session, opened when first needed and kept for the letters that follow.

    `timeout` is the longest wait for each answer but that to the final dot, in seconds;
    `final_timeout` is that one. Raises ClearTextRefused, and ValueError for what is no address
    of a mail server.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        hello: str,
        final_timeout: float = _FINAL_DOT_SECONDS,
        plain_hosts: Collection[str] = (),
        context: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._scheme = parts.scheme
        self._host = parts.hostname or ""
        self._port = parts.port or {"smtps": 465, "smtp+starttls": 587}.get(parts.scheme, 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._timeout = timeout
        self._final_timeout = max(timeout, final_timeout)
        self._hello = hello
        self._context = context
        self._session: smtplib.SMTP | None = None
        if self._scheme not in ("smtp", "smtp+starttls", "smtps"):
            raise ValueError(f"unknown scheme {self._scheme!r} of the outgoing mail server")
        if not self._host:
            raise ValueError("the address of the outgoing mail server names no host")
        named = {host.lower() for host in plain_hosts}
        if self._scheme == "smtp" and self._host not in _LOCAL | named:
            raise ClearTextRefused(
                f"the outgoing mail server {self._host} would be spoken to in clear text: use "
                "smtp+starttls:// or smtps://, or name it in OUTGOING_PLAIN_HOSTS"
            )

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, envelope_from: str, to: str, raw: bytes) -> Outcome:
        """Hand over one letter to one recipient. Never raises for what a server or network does.

        An address that could hold a second command is refused before anything is said.
        """
        if not _ADDRESS.fullmatch(to) or (envelope_from and not _ADDRESS.fullmatch(envelope_from)):
            return Outcome(Answer.REFUSED, words="not an address")
        try:
            session = self._open()
        except smtplib.SMTPResponseException as error:
            self._close()
            return Outcome(Answer.UNREACHED, _code(error.smtp_code), _words(error.smtp_error))
        # ValueError: a host or password that cannot be written in ASCII.
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self._close()
            return Outcome(Answer.UNREACHED, words=type(error).__name__)
        try:
            return self._hand_over(session, envelope_from, to, raw)
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            return Outcome(Answer.LATER, words=type(error).__name__)

    def _hand_over(self, session: smtplib.SMTP, envelope_from: str, to: str, raw: bytes) -> Outcome:
        code, words = session.mail(envelope_from)
        if code != 250:
            self._reset(session)
            # 5yz here is about us (sign-in or TLS asked for, a sender not allowed): when that has
            # been put right the letter can leave, and the recipient has refused nothing.
            return Outcome(Answer.LATER, _code(code), _words(words))
        code, words = session.rcpt(to)
        if code in (250, 251):
            code, words = session.docmd("DATA")
        if code != 354:
            self._reset(session)
            refused = Answer.REFUSED if 500 <= code < 600 else Answer.LATER
            return Outcome(refused, _code(code), _words(words))
        return self._hand_over_content(session, raw)

    def _hand_over_content(self, session: smtplib.SMTP, raw: bytes) -> Outcome:
        body = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
        session.send((b"." if body.startswith(b".") else b"") + body.replace(b"\r\n.", b"\r\n.."))
        try:
            session.send(b".\r\n")
            _wait_for(session, self._final_timeout)
            code, words = session.getreply()
            _wait_for(session, self._timeout)
        except (OSError, smtplib.SMTPException) as error:
            # From the final dot on the server may have taken responsibility (RFC 5321 4.2.5).
            self._close()
            return Outcome(Answer.LOST, words=type(error).__name__)
        answer = _FINAL.get(code // 100, Answer.LOST)
        if code == 421 or answer is Answer.LOST:
            self._close()
        return Outcome(answer, _code(code), _words(words))

    def _open(self) -> smtplib.SMTP:
        if self._session is not None:
            return self._session
        patience = min(self._timeout, _GREETING_SECONDS)
        if self._scheme == "smtps":
            context = self._context or ssl.create_default_context()
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, self._hello, timeout=patience, context=context
            )
        else:
            session = smtplib.SMTP(self._host, self._port, self._hello, timeout=patience)
        self._session = session
        if session.sock is not None:
            # The final dot is sent by itself: it must not wait for the letter to be acknowledged
            # (Nagle's algorithm against delayed acknowledgements, 40 ms a letter).
            session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _wait_for(session, self._timeout)
        session.ehlo_or_helo_if_needed()
        if self._scheme == "smtp+starttls":
            session.starttls(context=self._context or ssl.create_default_context())
        if self._user:
            session.login(self._user, self._password)
        return session

    def _reset(self, session: smtplib.SMTP) -> None:
        try:
            session.rset()
        except (OSError, smtplib.SMTPException):
            self._close()

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


# To the final dot. What is no answer at all leaves open whether the letter was taken.
_FINAL = {2: Answer.ACCEPTED, 4: Answer.LATER, 5: Answer.REFUSED}


def _wait_for(session: smtplib.SMTP, seconds: float) -> None:
    if session.sock is not None:
        session.sock.settimeout(seconds)


def _code(code: int) -> int | None:
    return code if code > 0 else None


def _words(words: bytes | str) -> str:
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:300]
