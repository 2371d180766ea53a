"""Reconcile: every day proves itself, per mailbox, also against the mail server's own count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from accounts.queries import municipality
from intake import queries
from intake.models import Mailbox, SourceCount
from lib.jurisdictions import Profile, end_of_day, local_date, profile_for
from lib.recent import recent
from lib.refusal import Refused


def _profile() -> Profile:
    body = municipality()
    if body is None:
        raise Refused("no_municipality", "The municipality has not been set up yet.")
    return profile_for(body.profile)


def day_of(at: datetime) -> date:
    """The municipality's own date at the instant `at`."""
    body = municipality()
    return local_date(at, profile_for(body.profile)) if body else at.astimezone(UTC).date()


def count_day(on: date) -> list[queries.DayCount]:
    """The reconciliation of a local day, a row for each mailbox."""
    profile = _profile()
    start = datetime.combine(on, time.min, tzinfo=profile.zone)
    return queries.counts_of_day(on, start, end_of_day(on, profile))


def arrivals(at: datetime, days: int) -> list[tuple[date, int]]:
    """How many messages came on each of the local days up to and with today, oldest first."""
    profile = _profile()
    on = days_back(at, days)
    start = datetime.combine(on[-1], time.min, tzinfo=profile.zone)
    counts = queries.arrivals_by_day(start, profile.zone)
    return [(day, counts.get(day, 0)) for day in reversed(on)]


@dataclass(frozen=True)
class DayFlow:
    """What came on a local day, and how much waited when it ended (today: now)."""

    on: date
    came: int
    waited: int


# A picture of two weeks may be a minute old; it is asked for with every message that is opened.
@recent(seconds=60)
def flow(today: date, days: int) -> list[DayFlow]:
    """The local days up to and with `today`, oldest first."""
    profile = _profile()
    on = [today - timedelta(days=number) for number in range(days)]
    start = datetime.combine(on[-1], time.min, tzinfo=profile.zone)
    came = queries.arrivals_by_day(start, profile.zone)
    done = queries.done_by_day(start, profile.zone)
    found = []
    waits = queries.waiting().count()
    for day in on:
        found.append(DayFlow(day, came.get(day, 0), waits))
        # At the end of the day before, what came since did not wait yet, and what is done did.
        waits += done.get(day, 0) - came.get(day, 0)
    return found[::-1]


def differences(on: date) -> list[queries.DayCount]:
    """The mailboxes whose counts of the day do not agree; none before there is a municipality."""
    if municipality() is None:
        return []
    return [row for row in count_day(on) if row.difference]


def note_source_count(*, mailbox: Mailbox, on: date, count: int, at: datetime) -> None:
    """Keep the mail server's own count of the mails of a day in a mailbox."""
    SourceCount.objects.update_or_create(
        mailbox=mailbox, on=on, defaults={"count": count, "counted_at": at}
    )


def days_back(at: datetime, days: int) -> list[date]:
    """The local days up to and with today, newest first."""
    today = day_of(at)
    return [today - timedelta(days=number) for number in range(days)]
