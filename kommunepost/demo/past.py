"""What has happened in a demo municipality in the weeks before: cases at every stage of their way.

Everything goes through the same actions as in earnest, with the times at which it would have
happened, so that boards, reports and pictures have something to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.utils import parseaddr

from kommunepost.demo.mail import Letter, Sample, Writer, read_letters
from kommunepost.demo.model import Municipality

_FRIDAY = 4


@dataclass(frozen=True)
class Past:
    """A letter that has come in, been registered and perhaps answered, with the times of it.

    `unit` is a unit's code, `person` the local part of a caseworker's address ("" for nobody yet),
    `document_type` a code; `reply` is what was answered, "" where nothing has been yet.
    """

    sample: Sample
    arrived_at: datetime
    registered_at: datetime
    sender_name: str
    title: str
    public_title: str
    document_type: str
    unit: str
    person: str
    access: str
    legal_basis: str
    answered_at: datetime | None
    reply: str


def past(municipality: Municipality, *, now: datetime) -> list[Past]:
    """The letters of the last weeks, oldest first; `now` is aware and decides all times."""
    letters = read_letters(f"{municipality.key}_past")
    return sorted(_lived(municipality, letters, now), key=lambda each: each.registered_at)


def _lived(municipality: Municipality, letters: list[Letter], now: datetime) -> Iterator[Past]:
    for place, letter in enumerate(letters):
        of = letter.fields
        day = now - timedelta(days=int(of["Days"]))
        arrived_at = _at(day, hour=7 + place % 9, minute=(place * 17) % 60)
        arrived_at -= timedelta(days=max(0, arrived_at.weekday() - _FRIDAY))
        # Most are registered the same day, some the day after, and none when nobody is there.
        registered_at = arrived_at + timedelta(hours=2)
        tomorrow = _at(arrived_at, hour=9) + timedelta(days=1)
        if place % 4 == 0 and tomorrow == _working_day(tomorrow):
            registered_at = tomorrow
        answered_at = None
        if "Answered" in of:
            answered_at = _working_day(registered_at + timedelta(days=int(of["Answered"])))
        writer = Writer(municipality, arrived_at)
        yield Past(
            sample=writer.ordinary(letter),
            arrived_at=arrived_at,
            registered_at=registered_at,
            sender_name=parseaddr(letter.sender)[0],
            title=letter.subject,
            public_title=of["Public"],
            document_type=of["Type"],
            unit=of["Unit"],
            person=of.get("Person", ""),
            access=of["Access"],
            legal_basis=of.get("Basis", ""),
            answered_at=answered_at,
            reply=of.get("Reply", ""),
        )


def _at(day: datetime, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day.date(), time(hour, minute), day.tzinfo)


def _working_day(at: datetime) -> datetime:
    """The same time on the next day on which the town hall is open (holidays left aside)."""
    while at.weekday() > _FRIDAY:
        at += timedelta(days=1)
    return at
