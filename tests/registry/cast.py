"""A small municipality and its people, for the registry's tests."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Municipality, RoleGrant, Unit, User
from accounts.rules.roles import Role
from registry.actions.acknowledge import acknowledge
from registry.actions.register import NewCase, Post, PostFile, PostParty, register
from registry.models import Acknowledgement, Authority, DocumentType, Entry, Series

# A Monday, 10:30 in Oslo and Stockholm.
MORNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
REGISTRAR = "user:1"
RAW = hashlib.sha256(b"the mail").hexdigest()

POST = Post(
    direction="incoming",
    arrived_at=MORNING - timedelta(hours=1),
    document_on=None,
    title="Søknad om støttekontakt for Ola Nordmann",
    public_title="Søknad om støttekontakt",
    document_type_id=0,
    access="unassessed",
    legal_basis="",
    message_number="M17",
    parties=(
        PostParty(
            role="sender",
            name="Ola Nordmann",
            email="ola@example.net",
            postal_address="Storgata 1",
            is_person=True,
        ),
    ),
    files=(
        PostFile(
            role="main",
            filename="M17.eml",
            media_type="message/rfc822",
            size=8,
            sha256=RAW,
            kept_in="blob",
            original_sha256=RAW,
            original_part="",
        ),
        PostFile(
            role="attachment",
            filename="kart.pdf",
            media_type="application/pdf",
            size=3,
            sha256=hashlib.sha256(b"pdf").hexdigest(),
            kept_in="blob",
            original_sha256=RAW,
            original_part="2",
        ),
    ),
)


@dataclass
class Town:
    """A Norwegian municipality with one diary, two units and two kinds of document."""

    body: Municipality
    health: Unit
    roads: Unit
    series: Series
    letter: DocumentType
    access_request: DocumentType

    def post(self, **changes: Any) -> Post:
        """An incoming letter; with the changes named."""
        return replace(POST, **{"document_type_id": self.letter.pk, **changes})

    def new_case(self, **changes: Any) -> NewCase:
        """A case to be opened, of the health unit."""
        case = NewCase(
            series_id=self.series.pk,
            title="Støttekontakt, Ola Nordmann",
            public_title="Støttekontakt",
            access="unassessed",
            legal_basis="",
            unit_id=self.health.pk,
        )
        return replace(case, **changes)

    def register(self, case: int | None = None, at: datetime = MORNING, **changes: Any) -> Entry:
        """Register an incoming letter, by default in a new case."""
        return register(
            post=self.post(**changes), case=case or self.new_case(), by=REGISTRAR, at=at
        )

    def acknowledge(self, entry: Entry | None, **changes: Any) -> Acknowledgement:
        """Acknowledge message M17 (or another) to its sender."""
        given = {
            "message_number": "M17",
            "entry": entry,
            "to": "ola@example.net",
            "language": "nb",
            "received_at": MORNING - timedelta(hours=1),
            "in_reply_to": "<a@example.net>",
            "refusal": None,
            "not_before": MORNING + timedelta(seconds=20),
            "by": REGISTRAR,
            "at": MORNING,
        }
        return acknowledge(**{**given, **changes})

    def user(self, *roles: Role, unit: Unit | None = None, granted_for: Unit | None = None) -> User:
        """A person who holds the roles, for the one unit only if it is named."""
        user = User.objects.create(
            email=f"person{User.objects.count()}@nn.example", name="Kari Arkivar", unit=unit
        )
        for role in roles:
            RoleGrant.objects.create(
                user=user,
                role=role,
                unit=granted_for,
                granted_at=MORNING,
                granted_by="system:test",
            )
        return user


def build_town(profile: str = "NO") -> Town:
    """Write the municipality to the database."""
    body = Municipality.objects.create(
        pk=1,
        profile=profile,
        name="NN kommune",
        domain="nn.example",
        central_address="post@nn.example",
        postal_address="Postboks 1, 0001 NN",
        phone="12 34 56 78",
        default_language="nb" if profile == "NO" else "sv",
    )
    authority = Authority.objects.create(code="nn", name="NN kommune")
    return Town(
        body=body,
        health=Unit.objects.create(code="health", name="Helse"),
        roads=Unit.objects.create(code="roads", name="Vei"),
        series=Series.objects.create(authority=authority, name="Sakarkiv"),
        letter=DocumentType.objects.create(code="letter", name="Brev", class_code="F20"),
        access_request=DocumentType.objects.create(
            code="innsyn", name="Innsynskrav", class_code="060", clock="access_request"
        ),
    )
