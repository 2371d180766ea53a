"""The people and objects of the table of rights (tests/house/rights.py).

Whatever belongs to an object holds one of its marks, so that any page can be searched for them.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Absence, Unit, User
from accounts.rules.roles import Role
from intake.actions.receive import Arrival, receive
from intake.actions.screen import screen
from intake.actions.set_up import set_up_mailbox
from intake.models import Message, Proposal
from intake.views.figures import FIGURES
from lib import blobs
from lib.reading import reader
from outbox.actions.queue import queue_letter
from outbox.models import LetterRecipient
from registry.actions.comment import comment
from registry.actions.hold import place_hold
from registry.actions.post import NewCase, PostFile, PostParty
from registry.actions.restrict import name_reader, restrict_case
from registry.actions.saved_views import save_view
from registry.models import Answer, AnswerFile, Authority, Series
from tests.registry.cast import Town, build_town

BY = "system:test"
PNG = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    b"gg=="
)


@dataclass(frozen=True)
class Marks:
    """Words that stand in what belongs to an object, and nowhere else."""

    number: str
    public: str
    protected: str

    def forbidden(self, level: str) -> set[str]:
        """What somebody who reads no more than this may not find, in lower case."""
        words = {
            "full": set(),
            "public": {self.protected},
            "number": {self.protected, self.public},
            "nothing": {self.protected, self.public, self.number},
        }
        return {word.lower() for word in words[level]}


MARKS = {
    "open": Marks("OPN 2026/", "åpentord", "innsideord"),
    "exempt": Marks("EXM 2026/", "allmentord", "hemmeligord"),
    "restricted": Marks("RST 2026/", "fasadeord", "dulgtord"),
    "health": Marks("no-number", "no-public", "helseord"),
    "parks": Marks("no-number", "no-public", "parkord"),
}


@dataclass
class World:
    """Ids for the addresses: by column of a group, then by name of the parameter."""

    town: Town
    people: dict[str, User | None] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    nothing: int = 987_654


def build_world() -> World:
    """Write everything to the database, by the actions that pages use."""
    world = World(build_town())
    town = world.town
    town.health.parent = Unit.objects.create(code="welfare", name="Velferd")
    town.health.save()
    parks = Unit.objects.create(code="parks", name="Parker")
    witness = town.user(Role.CASEWORKER, unit=town.roads)
    _people(world, parks)
    for column, unit in (("health", town.health), ("parks", parks)):
        set_up_mailbox(
            address=f"{column}@nn.example",
            name=column.title(),
            kind="unit",
            authority_id=town.series.authority_id,
            unit_id=unit.pk,
            language="nb",
        )
        world.objects[column] = _message(_mail(column, MARKS[column].protected))
    for column, access, prefix in (
        ("open", "open", "OPN"),
        ("exempt", "exempt", "EXM"),
        ("restricted", "exempt", "RST"),
    ):
        _case(world, column, access, prefix, witness)
    # The likeness of the letters to their cases is what triage shows first.
    for column in ("health", "parks"):
        for case in ("exempt", "restricted"):
            Proposal.objects.create(
                message_id=world.objects[column]["message_id"],
                case_id=world.objects[case]["case_id"],
                strength="proposed" if case == "restricted" else "suggested",
                reason="thread",
            )
    _restrict(world)
    view = save_view(
        user_id=world.people["registrar"].pk,  # type: ignore[union-attr]
        name="Helse",
        query="unit=1",
        at=timezone.now(),
    )
    world.objects["file"] = {"figure": next(iter(FIGURES)), "kind": "csv"}
    world.objects["view"] = {"view_id": view.pk}
    alarm = queue_letter(
        key="alarm:1",
        kind="alarm",
        language="nb",
        values={"alarm": "silent", "count": "1", "address": "http://127.0.0.1"},
        to=["drift@nn.example"],
        automatic=True,
        about="",
        not_before=timezone.now(),
        by=BY,
        at=timezone.now(),
    )
    world.objects["alarm"] = {"recipient_id": alarm.recipients.get().pk}
    return world


def _people(world: World, parks: Unit) -> None:
    town = world.town
    health = town.health
    assert health.parent is not None
    world.people = {
        "anonymous": None,
        "inactive": town.user(Role.REGISTRAR),
        "nobody": town.user(unit=health),
        "official": town.user(Role.OFFICIAL, unit=health),
        "preparedness": town.user(Role.PREPAREDNESS, unit=health),
        "administrator": town.user(Role.ADMINISTRATOR),
        "registrar": town.user(Role.REGISTRAR),
        "named_registrar": town.user(Role.REGISTRAR),
        "health_registrar": town.user(Role.REGISTRAR, unit=parks, granted_for=health),
        "parks_registrar": town.user(Role.REGISTRAR, unit=health, granted_for=parks),
        "secretary": town.user(Role.SECRETARY),
        "caseworker": town.user(Role.CASEWORKER, unit=health),
        "parks_caseworker": town.user(Role.CASEWORKER, unit=parks),
        "holder": town.user(Role.CASEWORKER, unit=parks),
        "stand_in": town.user(Role.CASEWORKER, unit=parks),
        "reader": town.user(Role.CASEWORKER, unit=parks),
        "leader": town.user(Role.UNIT_LEADER, unit=health.parent),
        "parks_leader": town.user(Role.UNIT_LEADER, unit=parks),
    }
    User.objects.update(language="en")
    User.objects.filter(pk=world.people["administrator"].pk).update(
        is_staff=True, is_superuser=True
    )
    today = timezone.localdate()
    absence = Absence.objects.create(
        user=world.people["holder"],
        delegate=world.people["stand_in"],
        from_on=today,
        # The municipality may be in another day than UTC.
        to_on=today + timedelta(days=1),
        made_at=timezone.now(),
        made_by=BY,
    )
    world.objects["absence"] = {"absence_id": absence.pk}


def _mail(mailbox: str, word: str) -> Message:
    raw = (
        (
            f"From: {word} Nordmann <{word}@example.net>\r\nTo: {mailbox}@nn.example\r\n"
            f"Subject: Om {word}\r\nMessage-ID: <{word}@example.net>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            f"Hei. Det gjelder {word}.\r\n"
            "--b\r\nContent-Type: image/png\r\nContent-ID: <a@b>\r\n"
            f'Content-Disposition: attachment; filename="{word}.png"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + PNG
        + b"\r\n--b--\r\n"
    )
    at = timezone.now() - timedelta(hours=1)
    received = receive(
        arrival=Arrival(
            raw=raw,
            door="smtp",
            received_at=at,
            recipients=[f"{mailbox}@nn.example"],
            envelope_from=f"{word}@example.net",
        ),
        by=BY,
    )
    screen(message_id=received.message_id, read=reader(), by=BY, at=at)
    return Message.objects.get(pk=received.message_id)


def _message(message: Message) -> dict[str, Any]:
    return {"message_id": message.pk, "path": message.attachments.get().path, "number": 1}


def _case(world: World, column: str, access: str, prefix: str, witness: User) -> None:
    """A case of health with post, a letter out, a hold and a reader, all of it marked."""
    town, marks = world.town, MARKS[column]
    word = marks.protected
    series = Series.objects.create(
        authority=Authority.objects.get(),
        name=f"Serie {len(world.objects)}",
        prefix=prefix,
        case_pattern="{prefix} {year}/{number}",
    )
    message = _mail("health", word)
    picture = message.attachments.get()
    described = {
        "title": f"Sak {word}",
        "public_title": f"Sak {marks.public}",
        "access": access,
        "legal_basis": f"offl. § 13 {word}" if access == "exempt" else "",
    }
    entry = town.register(
        NewCase(
            series_id=series.pk,
            unit_id=town.health.pk,
            **described,
            caseworker_id=None if column == "exempt" else world.people["holder"].pk,  # type: ignore[union-attr]
        ),
        **{**described, "title": f"Post {word}", "public_title": f"Post {marks.public}"},
        at=timezone.now() - timedelta(minutes=50),
        arrived_at=timezone.now() - timedelta(minutes=60),
        message_number=message.number,
        parties=(PostParty("sender", f"{word} Nordmann", f"{word}@example.net", word, True),),
        files=(
            PostFile(
                role="main",
                filename=f"{word}.png",
                media_type=picture.media_type,
                size=picture.size,
                sha256=picture.sha256,
                kept_in="blob",
                original_sha256=message.raw_sha256,
                original_part=picture.path,
            ),
        ),
    )
    Message.objects.filter(pk=message.pk).update(state="registered")
    done = town.acknowledge(
        entry,
        message_number=message.number,
        to=f"{word}@example.net",
        at=timezone.now() - timedelta(minutes=50),
        received_at=timezone.now() - timedelta(minutes=60),
        not_before=timezone.now() - timedelta(minutes=50),
    )
    place_hold(case_id=entry.case_id, reason=f"Venter {word}", by=BY, at=timezone.now())
    name_reader(
        case_id=entry.case_id, user_id=witness.pk, reason=f"Leser {word}", by=BY, at=timezone.now()
    )
    comment(case_id=entry.case_id, text=f"Notat {word}", mentions=(), by=BY, at=timezone.now())
    answer = Answer.objects.create(
        kind="answer",
        access=access,
        entry=entry,
        author=witness,
        state="waiting",
        language="nb",
        heading=f"Svar {word}",
        text=f"Vi svarer {word}.",
        started_at=timezone.now(),
        saved_at=timezone.now(),
    )
    picture_bytes = b64decode(PNG)
    file = AnswerFile.objects.create(
        answer=answer,
        filename=f"{word}.png",
        media_type="image/png",
        size=len(picture_bytes),
        sha256=blobs.store(picture_bytes),
        added_at=timezone.now(),
    )
    world.objects[column] = {
        "answer_id": answer.pk,
        "file_id": file.pk,
        "case_id": entry.case_id,
        "entry_id": entry.pk,
        "document_id": entry.documents.get().pk,
        "user_id": witness.pk,
        "recipient_id": LetterRecipient.objects.get(letter=done.letter).pk,
        **_message(message),
    }


def _restrict(world: World) -> None:
    case_id = world.objects["restricted"]["case_id"]
    for name in ("reader", "named_registrar"):
        name_reader(
            case_id=case_id,
            user_id=world.people[name].pk,  # type: ignore[union-attr]
            reason="Kjenner saken",
            by=BY,
            at=timezone.now(),
        )
    restrict_case(case_id=case_id, reason="Trusler", by=BY, at=timezone.now())
