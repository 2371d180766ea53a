"""The named cast: two small municipalities, their mailboxes and people, and the mail they get."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from accounts.actions.set_up import set_up_municipality, set_up_person, set_up_unit
from accounts.models import User
from accounts.rules.roles import Role
from intake.actions.receive import Arrival, Received, receive
from intake.actions.screen import screen
from intake.actions.set_up import set_up_mailbox
from intake.actions.triage import Decision, register_message
from intake.models import Mailbox, Message
from lib.reading import reader
from registry.actions.register import NewCase
from registry.actions.set_up import set_up_authority, set_up_document_type
from registry.models import Entry, Series

# A Monday, 10:30 in Oslo and Stockholm.
MORNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KARI = "user:1"  # a registrar, where no real account is needed
OLA = "ola@example.net"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class World:
    """A municipality as it stands in the database."""

    domain: str
    central: Mailbox
    health: Mailbox
    official: Mailbox
    series: Series
    letter: int
    unit: int

    def receive(
        self,
        raw: bytes,
        *,
        to: Sequence[str] | None = None,
        sender: str = OLA,
        at: datetime = MORNING,
        door: str = "smtp",
        **facts: Any,
    ) -> Received:
        """The mail comes through a door, by default to the central address."""
        arrival = Arrival(
            raw=raw,
            door=door,
            received_at=at,
            recipients=[self.central.address] if to is None else to,
            envelope_from=sender,
            **facts,
        )
        return receive(arrival=arrival, by="system:test")

    def screen(self, message_id: int, *, at: datetime = MORNING, read: Any = None) -> Message:
        """The message is screened, by default by the real reader."""
        screen(message_id=message_id, read=read or reader(), by="system:worker", at=at)
        return Message.objects.get(pk=message_id)

    def arrive(self, raw: bytes, *, at: datetime = MORNING, **facts: Any) -> Message:
        """The mail comes in and is screened."""
        return self.screen(self.receive(raw, at=at, **facts).message_id, at=at + SECOND)

    def decision(self, case: int | None = None, **changes: Any) -> Decision:
        """What a registrar fills in: by default a new case of the health unit."""
        new = NewCase(
            series_id=self.series.pk,
            title="Støttekontakt, Ola Nordmann",
            public_title="Støttekontakt",
            access="unassessed",
            legal_basis="",
            unit_id=self.unit,
        )
        given: dict[str, Any] = {
            "case": new if case is None else case,
            "title": "Søknad om støttekontakt for Ola Nordmann",
            "public_title": "Søknad om støttekontakt",
            "document_type_id": self.letter,
            "access": "unassessed",
            "legal_basis": "",
            "sender_name": "Ola Nordmann",
            "sender_is_person": True,
        }
        return Decision(**{**given, **changes})

    def register(
        self, message: Message, case: int | None = None, at: datetime = MORNING + MINUTE
    ) -> Entry:
        """Kari registers the message."""
        pk = register_message(message_id=message.pk, decision=self.decision(case), by=KARI, at=at)
        return Entry.objects.get(pk=pk)

    def person(self, *roles: Role, name: str = "Kari Arkivar") -> User:
        """Someone who works here and holds the roles; the password is "correct horse battery"."""
        return set_up_person(
            email=f"{name.split()[0].lower()}@{self.domain}",
            name=name,
            unit="health",
            language="en",
            roles=roles,
            password="correct horse battery",
            by="system:setup",
            at=MORNING,
        )


def build_world(country: str = "NO") -> World:
    """Set the municipality up, by the same actions that an installation uses."""
    norway = country == "NO"
    domain = "nn.example" if norway else "norsjo.example"
    language = "nb" if norway else "sv"
    set_up_municipality(
        profile=country,
        name="NN kommune" if norway else "Norsjö kommun",
        domain=domain,
        central_address=f"post@{domain}",
        postal_address="Postboks 1, 0001 NN" if norway else "Box 1, 935 21 Norsjö",
        phone="12 34 56 78",
        default_language=language,
    )
    authority = set_up_authority(
        code="nn" if norway else "ks",
        name="NN kommune" if norway else "Kommunstyrelsen",
        prefix="" if norway else "KS",
        case_pattern="{year}/{number}" if norway else "{prefix} {year}/{number}",
        document_pattern="-{document}",
    )
    letter = set_up_document_type(
        code="letter",
        name="Brev",
        class_code="F20",
        must_register=True,
        disposal="keep",
        retention_years=None,
        legal_basis="",
    )
    unit = set_up_unit(code="health", name="Helse" if norway else "Omsorg")

    def mailbox(local: str, kind: str) -> Mailbox:
        return set_up_mailbox(
            address=f"{local}@{domain}",
            name=local,
            kind=kind,
            authority_id=authority.pk,
            unit_id=unit.pk,
            language=language,
        )

    return World(
        domain=domain,
        central=mailbox("post", "central"),
        health=mailbox("helse", "unit"),
        official=mailbox("ordforer", "official"),
        series=Series.objects.get(authority=authority),
        letter=letter.pk,
        unit=unit.pk,
    )


def mail(
    subject: str = "Søknad om støttekontakt",
    text: str = "Hei.\n\nJeg søker støttekontakt.\n\nHilsen\nOla Nordmann\nStorgata 1\n0001 Oslo",
    *,
    sender: str = f"Ola Nordmann <{OLA}>",
    message_id: str | None = "<a1@example.net>",
    date: str | None = "Mon, 02 Mar 2026 10:29:00 +0100",
    extra: str = "",
) -> bytes:
    """A mail as it comes over the wire; `extra` holds further header lines, each ended by a LF."""
    lines = [f"From: {sender}", "To: post@nn.example", f"Subject: {subject}"]
    lines += [f"Message-ID: {message_id}"] if message_id is not None else []
    lines += [f"Date: {date}"] if date is not None else []
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
    lines += extra.splitlines()
    return "\r\n".join([*lines, "", *text.split("\n"), ""]).encode()


def mail_with_file(name: str = "kart.pdf", content: bytes = b"%PDF-1.4 kart") -> bytes:
    """A mail with one attachment, sent as it is without transfer encoding."""
    head = (
        f"From: Ola Nordmann <{OLA}>\r\nTo: post@nn.example\r\nSubject: Kart\r\n"
        "Message-ID: <file@example.net>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSe kartet.\r\n--b\r\n"
        f'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "\r\n"
    )
    return head.encode() + content + b"\r\n--b--\r\n"


def bounce_of(address: str, *, to: str) -> bytes:
    """A delivery report (RFC 3464) that says `address` was not reached."""
    return (
        f"From: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\nSubject: Undelivered\r\n"
        "MIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="r"\r\n\r\n'
        "--r\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
        "--r\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "--r--\r\n"
    ).encode()


def environment() -> dict[str, str]:
    """What a process of ours needs to work on this test's database and folder."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {
        "DJANGO_SETTINGS_MODULE": "kommunepost.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": urlunsplit(url),
        "REDIS_URL": settings.REDIS_URL,
        "BLOB_DIR": str(settings.BLOB_DIR),
        "INSECURE_COOKIES": "on",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(Path(settings.BASE_DIR)),
    }
