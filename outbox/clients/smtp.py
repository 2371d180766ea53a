"""The only code that speaks SMTP outwards.

TLS is verified and never given up: a server that cannot do it is not spoken to, unless the
address says smtp:// in so many words and the host is this machine or one that the operator has
named.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import unquote, urlsplit

from outbox.rules.retry import Answer

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class ClearTextRefused(Exception):
    """The address asks for SMTP without TLS to a host that was not named for it."""


@dataclass(frozen=True)
class Outcome:
    """How handing over ended: the server's code and (bounded) words, if it gave any."""

    answer: Answer
    code: int | None = None
    words: str = ""


class Connection:
    """One SMTP session, opened when first needed and kept for the letters that follow."""

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        plain_hosts: Collection[str] = (),
        context: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._scheme = parts.scheme
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or {"smtps": 465, "smtp+starttls": 587}.get(parts.scheme, 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._timeout = timeout
        self._context = context
        self._session: smtplib.SMTP | None = None
        if self._scheme not in ("smtp", "smtp+starttls", "smtps"):
            raise ClearTextRefused(f"unknown scheme {self._scheme!r} of the outgoing mail server")
        if self._scheme == "smtp" and self._host not in _LOCAL | set(plain_hosts):
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
        """Hand over one letter to one recipient. Never raises for what a server or network does."""
        try:
            session = self._open()
        except smtplib.SMTPResponseException as error:
            self._close()
            return _said(error.smtp_code, error.smtp_error, connecting=True)
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            return Outcome(Answer.LATER, words=type(error).__name__)
        try:
            return self._hand_over(session, envelope_from, to, raw)
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            return Outcome(Answer.LATER, words=type(error).__name__)

    def _hand_over(self, session: smtplib.SMTP, envelope_from: str, to: str, raw: bytes) -> Outcome:
        code, words = session.mail(envelope_from)
        if code == 250:
            code, words = session.rcpt(to)
        if code in (250, 251):
            code, words = session.docmd("DATA")
        if code != 354:
            self._reset(session)
            return _said(code, words)
        body = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
        session.send((b"." if body.startswith(b".") else b"") + body.replace(b"\r\n.", b"\r\n.."))
        try:
            session.send(b".\r\n")
            code, words = session.getreply()
        except (OSError, smtplib.SMTPException) as error:
            # From the final dot on the server may have taken responsibility (RFC 5321 4.2.5).
            self._close()
            return Outcome(Answer.LOST, words=type(error).__name__)
        if code == 421 or code < 200:
            self._close()
        return _said(code, words)

    def _open(self) -> smtplib.SMTP:
        if self._session is not None:
            return self._session
        if self._scheme == "smtps":
            context = self._context or ssl.create_default_context()
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            session = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        self._session = session
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


def _said(code: int, words: bytes | str, *, connecting: bool = False) -> Outcome:
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    text = " ".join(text.split())[:300]
    if code in (250, 251):
        return Outcome(Answer.ACCEPTED, code, text)
    # 5yz to the greeting or to our sign-in is about us, not about this recipient.
    if 500 <= code < 600 and not connecting:
        return Outcome(Answer.REFUSED, code, text)
    return Outcome(Answer.LATER, code if code > 0 else None, text)
