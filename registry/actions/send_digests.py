"""Write each person's daily e-mail about deadlines: counts and numbers, no titles."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.queries import away, municipality, people_for_digest, those_who_may
from accounts.rules.absence import stands_in_for
from accounts.rules.roles import Task
from lib.jurisdictions import local_date, profile_for
from lib.refusal import Refused
from lib.workdays import is_workday
from outbox.actions.notify import send_digest
from outbox.queries import with_digest
from registry import queries
from registry.queries import board
from registry.rules.board import Group, group_of
from registry.rules.escalation import escalates_until

log = logging.getLogger(__name__)

# A worker that was down all day does not write in the evening.
_LAST_HOUR = 16


def send_digests(*, by: str, at: datetime) -> int:
    """Write the letters of the local day of `at`, from DIGEST_HOUR on; return how many.

    On working days only, and none on the municipality's own closed days. Whoever is away gets
    none; the one who stands in has that person's deadlines in the own letter, but for those of
    restricted cases. A letter's key names
    person and day, so that a second run, or a second worker, writes nothing more.
    """
    body = municipality()
    if body is None:
        return 0
    profile = profile_for(body.profile)
    today = local_date(at, profile)
    hour = at.astimezone(profile.zone).hour
    if not settings.DIGEST_HOUR <= hour <= max(_LAST_HOUR, settings.DIGEST_HOUR):
        return 0
    if not is_workday(today, profile.country, queries.closed_days()):
        return 0
    absent = away(today)
    # No letter leaves on the free days that follow, so their reminders come today.
    free_until = escalates_until(today, 0, profile.country, queries.closed_days())
    done = 0
    everybody = people_for_digest()
    ids = [user.pk for user in everybody]
    written, registrars = with_digest(ids, today), those_who_may(ids, Task.REGISTER)
    for user in everybody:
        if user.pk in absent or user.pk in written:
            continue
        people = {user.pk} | stands_in_for(user.pk, absent)
        lines = _lines(user.pk, people, today, free_until, registers=user.pk in registrars)
        if not any(lines.values()):
            continue
        done += _send(user.pk, lines, today, by=by, at=at)
    return done


def _lines(
    user_id: int, people: Collection[int], today: date, free_until: date, *, registers: bool
) -> Mapping[str, list[str]]:
    """The numbers of the cases that stand under each heading, each once."""
    found: dict[Group, list[str]] = {group: [] for group in Group}
    sunday = today + timedelta(days=6 - today.weekday())
    last = max(sunday, today + timedelta(days=1))
    for due_on, reference in board.due_of(user_id, people, until=last):
        found[group_of(due_on, today)].append(reference)
    lines = {
        "overdue": found[Group.OVERDUE],
        "soon": found[Group.SOON],
        "week": found[Group.WEEK],
        "reminded": board.reminded_of(user_id, people, since=today, until=free_until),
        "escalated": board.escalated_references(user_id, people, registers=registers),
    }
    return {name: list(dict.fromkeys(numbers)) for name, numbers in lines.items()}


def _send(
    user_id: int,
    lines: Mapping[str, list[str]],
    today: date,
    *,
    by: str,
    at: datetime,
) -> int:
    try:
        with transaction.atomic():
            return int(send_digest(user_id=user_id, on=today, lines=lines, by=by, at=at))
    except Refused as refusal:
        # One address that cannot be written to keeps no one else from the letter.
        log.error("no digest for user %s: %s", user_id, refusal.code)
        return 0
