"""Set up a believable small municipality: authorities, units, people in every role, mailboxes."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.actions.set_up import set_up_municipality, set_up_person, set_up_unit
from accounts.rules.roles import Role
from intake.actions.set_up import set_up_body, set_up_mailbox
from kommunepost.demo import MUNICIPALITIES
from kommunepost.demo.model import Municipality
from kommunepost.demo.texts import TEXTS
from registry.actions.answer_text import word_answer_text
from registry.actions.set_up import (
    set_up_authority,
    set_up_document_type,
    set_up_records_plan_item,
)

_BY = "system:setup"


class Command(BaseCommand):
    help = "Set up a demo municipality (nn: Norway, norsjo: Sweden) and print its sign-ins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--municipality", choices=sorted(MUNICIPALITIES), default="nn")
        parser.add_argument(
            "--password", help="one password for everybody; made anew when left out"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        body = MUNICIPALITIES[options["municipality"]]
        password = options["password"] or secrets.token_urlsafe(12)
        set_up_municipality(
            profile=body.profile,
            name=body.name,
            organisation_number=body.organisation_number,
            domain=body.domain,
            central_address=body.central_address,
            postal_address=body.postal_address,
            visiting_address=body.visiting_address,
            phone=body.phone,
            it_support_phone=body.it_support_phone,
            registry_contact=body.registry_contact,
            portal_address=body.portal_address,
            website=body.website,
            default_language=body.default_language,
        )
        self._registry(body)
        units = {
            unit.code: set_up_unit(code=unit.code, name=unit.name, parent=unit.parent).pk
            for unit in body.units
        }
        for person in body.people:
            set_up_person(
                email=person.email,
                name=person.name,
                unit=person.unit,
                language=person.language,
                roles=[Role(role) for role in person.roles],
                password=password,
                by=_BY,
                at=timezone.now(),
            )
        first_unit = units[body.units[0].code]
        for box in body.mailboxes:
            set_up_mailbox(
                address=box.address,
                name=box.name,
                kind=box.kind,
                authority_id=self._authorities[box.authority],
                unit_id=units.get(box.unit, first_unit),
                language=box.language,
            )
        for each in body.bodies:
            set_up_body(
                name=each.name,
                email=each.email,
                postal_address=each.postal_address,
                words=each.words,
            )
        self.stdout.write(f"{body.name}: sign in with the password {password} as")
        for person in body.people:
            self.stdout.write(f"  {person.email:<44} {', '.join(person.roles)}")

    def _registry(self, body: Municipality) -> None:
        self._authorities = {
            each.code: set_up_authority(
                code=each.code,
                name=each.name,
                prefix=each.code if "{prefix}" in each.case_pattern else "",
                case_pattern=each.case_pattern,
                document_pattern=each.document_pattern,
            ).pk
            for each in body.authorities
        }
        for kind in body.document_types:
            set_up_document_type(
                code=kind.code,
                name=kind.name,
                class_code=kind.class_code,
                must_register=kind.register == "register",
                clock=kind.clock,
                disposal=kind.disposal,
                retention_years=kind.retention_years,
                legal_basis=kind.legal_basis,
            )
        for text in TEXTS[body.profile]:
            word_answer_text(
                code=text.code,
                language=text.language,
                name=text.name,
                heading=text.heading,
                text=text.text,
                is_active=True,
                by=_BY,
                at=timezone.now(),
            )
        for position, item in enumerate(body.not_registered, 1):
            set_up_records_plan_item(
                code=item.code,
                name=item.name,
                reason=item.reason,
                legal_basis=item.legal_basis,
                position=position,
            )
