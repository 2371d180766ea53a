"""Let the last weeks of a demo municipality happen: post that came, was registered and answered."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts import queries as accounts
from intake import queries as intake
from intake.actions.receive import Arrival, receive
from intake.actions.screen import screen
from intake.actions.triage import Decision, register_message
from kommunepost.demo import MUNICIPALITIES
from kommunepost.demo.past import Past, past
from kommunepost.management.commands.send_samples import ZONES
from lib.reading import reader
from outbox.tasks import hand_over
from registry import queries as registry
from registry.actions.answer import send_answer
from registry.actions.draft import Draft, begin_draft
from registry.actions.register import NewCase

_BY = "system:setup"
_HEADINGS = {"nb": "Svar fra kommunen", "sv": "Svar från kommunen"}


class Command(BaseCommand):
    """Once only, on a demo municipality that has just been set up."""

    help = "Fill a new demo municipality with the post of the last weeks, through the real actions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--municipality", choices=sorted(MUNICIPALITIES), default="nn")

    def handle(self, *, municipality: str, **_: Any) -> None:
        if intake.last_arrival() is not None:
            raise CommandError("Post has come in already; the past cannot be changed.")
        body = MUNICIPALITIES[municipality]
        lived = past(body, now=datetime.now(ZONES[body.profile]))
        for each in tqdm(lived, unit="case", disable=None):
            _live(each, body.default_language)
        self.stdout.write(f"{len(lived)} cases of the last weeks.")


def _live(each: Past, language: str) -> None:
    received = receive(
        arrival=Arrival(
            raw=each.sample.raw,
            door="import",
            received_at=each.arrived_at,
            recipients=each.sample.recipients,
            envelope_from=each.sample.envelope_from,
        ),
        by=_BY,
    )
    screened_at = each.arrived_at + timedelta(seconds=2)
    screen(message_id=received.message_id, read=reader(), by=_BY, at=screened_at)
    mailbox = intake.mailbox_for(each.sample.recipients[0])
    if mailbox is None:
        raise CommandError("The municipality has not been set up.")
    unit = next(unit for unit in accounts.units_in_use() if unit.code == each.unit)
    kind = next(kind for kind in registry.document_types() if kind.code == each.document_type)
    person = _person(each.person)
    register_message(
        message_id=received.message_id,
        decision=Decision(
            case=NewCase(
                series_id=registry.series_of(mailbox.authority_id)[0].pk,
                title=each.title,
                public_title=each.public_title,
                access=each.access,
                legal_basis=each.legal_basis,
                unit_id=unit.pk,
                caseworker_id=person.pk if person else None,
            ),
            title=each.title,
            public_title=each.public_title,
            document_type_id=kind.pk,
            access=each.access,
            legal_basis=each.legal_basis,
            sender_name=each.sender_name,
            sender_is_person=True,
        ),
        by=_BY,
        at=each.registered_at,
    )
    _send(each.registered_at)
    if person and each.answered_at:
        _answer(received.message_id, each, person, language)


def _person(local: str) -> Any:
    """The caseworker with this address, of whatever unit; None where nobody has the case yet."""
    people = [each for unit in accounts.units_in_use() for each in accounts.people_of(unit)]
    return next((each for each in people if each.email.partition("@")[0] == local), None)


def _answer(message_id: int, each: Past, person: Any, language: str) -> None:
    (entry,) = registry.entries_of_message(f"M{message_id}")
    draft = Draft(
        party_id=registry.parties_of_entry(entry)[0].pk,
        # What is exempt may not travel unprotected.
        channel="post" if each.access == "exempt" else "email",
        language=language,
        heading=_HEADINGS[language],
        text=each.reply,
        promised_on=None,
        access=each.access,
        legal_basis=each.legal_basis,
        files_checked=False,
    )
    at = each.answered_at or each.registered_at
    answer = begin_draft(
        entry_id=entry.pk,
        kind="answer",
        author_id=person.pk,
        draft=draft,
        by=person.actor,
        at=at,
    )
    send_answer(
        answer_id=answer.pk,
        expected_version=answer.version,
        expected_sign_off=None,
        by=person.actor,
        at=at,
    )
    _send(at)


def _send(written_at: datetime) -> None:
    """Let the letters written at a time leave when they may: they could have been taken back."""
    leaves_at = written_at + timedelta(seconds=settings.UNDO_SECONDS)
    hand_over(clock=lambda: leaves_at)
