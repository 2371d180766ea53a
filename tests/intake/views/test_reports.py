"""Reports: figures worked out by hand, for those who may see them, and never of a person."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Unit
from accounts.rules.roles import Role
from intake.queries.reports import waiting_by_age
from intake.views import figures
from intake.views.figures import Asked
from lib.jurisdictions import profile_for
from outbox.models import LetterRecipient
from registry.models import Deadline
from registry.queries import reports

# Monday 2 March 2026, 10:30 in Oslo.
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NORWAY = profile_for("NO")


@pytest.fixture
def town(office):
    return office.town


def asked(user, *, now=MONDAY + 20 * DAY, units=None, first=date(2026, 3, 2), days=31) -> Asked:
    last = first + timedelta(days=days - 1)
    return Asked(user, first, last, units, NORWAY, now)


def registered(town, number, *, arrived, after, unit=None):
    return town.register(
        town.new_case(unit_id=(unit or town.health).pk),
        at=arrived + after,
        arrived_at=arrived,
        message_number=f"M{number}",
    )


def test_time_to_registration_has_median_ninth_and_the_next_working_day(town, office):
    friday = MONDAY + 4 * DAY
    # Health: 1, 2, 3, 4 hours and, from Friday to Monday, 72: the next working day.
    for number, hours in enumerate([1, 2, 3, 4], start=1):
        registered(town, number, arrived=MONDAY, after=hours * HOUR)
    registered(town, 5, arrived=friday, after=72 * HOUR)
    # Roads: from Monday to Wednesday, which is a day too late.
    registered(town, 6, arrived=MONDAY, after=48 * HOUR, unit=town.roads)
    # Outgoing letters and other periods do not count.
    registered(town, 7, arrived=MONDAY - 60 * DAY, after=HOUR)
    town.register(direction="outgoing", message_number="", arrived_at=MONDAY)
    given = asked(office.registrar)
    with translation.override("en"):
        found = figures.registration(given)
    # Health, sorted: 1 2 3 4 72. Median 3. Nine tenths: 0.6 of the way from 4 to 72, so 44.8.
    assert found.table[1] == ["Helse", 5, "3 h 0 min", "1 d 20 h", 5, 100]
    assert found.table[2] == ["Vei", 1, "2 d 0 h", "2 d 0 h", 0, 0]
    # All: 1 2 3 4 48 72. Median 3.5. Nine tenths: half way from 48 to 72 = 60 h. 5 of 6 = 83 %.
    assert found.table[3] == ["All", 6, "3 h 30 min", "2 d 12 h", 5, 83]
    assert found.conclusion == (
        "Half was registered within 3 h 30 min, nine of ten within 2 d 12 h; "
        "83 of 100 no later than the working day after arrival."
    )
    only = figures.registration(asked(office.registrar, units=frozenset({town.roads.pk})))
    assert [row[1] for row in only.table[1:]] == [1, 1]


def acknowledged(town, number, *, sent_after):
    """A message of Monday whose acknowledgement was sent so long after it was due, or never."""
    entry = registered(town, number, arrived=MONDAY, after=HOUR)
    row = Deadline.objects.create(
        kind="acknowledgement",
        message_number=f"M{number}",
        starts_at=MONDAY,
        due_on=(MONDAY + DAY).date(),
        # Midnight in Oslo at the end of Tuesday.
        due_at=datetime(2026, 3, 3, 23, tzinfo=UTC),
        paragraph="eForvf. § 6",
    )
    acknowledgement = town.acknowledge(entry, message_number=f"M{number}", in_reply_to="")
    if sent_after is not None:
        letters = LetterRecipient.objects.filter(letter=acknowledgement.letter)
        letters.update(fate="sent", sent_at=row.due_at + sent_after, next_attempt_at=None)
    return entry


def test_acknowledgement_counts_when_it_has_left_and_each_breach_is_listed(town, office):
    second = timedelta(seconds=1)
    acknowledged(town, 1, sent_after=-second)
    late = acknowledged(town, 2, sent_after=timedelta(0))  # the first instant that is too late
    made = acknowledged(town, 3, sent_after=None)
    refused = registered(town, 4, arrived=MONDAY, after=HOUR)
    town.acknowledge(refused, message_number="M4", refusal="bounce")
    given = asked(office.registrar)
    with translation.override("en"), timezone.override("Europe/Oslo"):
        found = figures.acknowledgements(given)
        listed = figures.breaches(given)
    assert found.table[1] == ["Helse", 1, 1, 1, 0, 33]
    assert found.conclusion == "1 of 3 were in time. Late: 1. Not at all so far: 1."
    assert {row[3] for row in listed.table[1:]} == {"3 Mar 2026"}
    assert [(row[0], row[4], row[5]) for row in listed.table[1:]] == [
        (late.reference, "4 Mar 2026, 00:00", "The letter left too late."),
        (made.reference, "Not sent", "The letter is made and has not left yet."),
    ]
    # A deadline belongs to the period of its last day, 3 March.
    for first, count in ((3, 3), (4, 0)):
        day = asked(office.registrar, first=date(2026, 3, first), days=1)
        assert sum(row.ended for row in reports.acknowledgements(**day.span, now=day.now)) == count


def test_answers_are_in_time_late_over_or_still_running(town, office):
    def answer(number, **values):
        entry = registered(town, number, arrived=MONDAY, after=HOUR)
        due = values.pop("due", MONDAY + 10 * DAY)
        rows = Deadline.objects.filter(entry=entry, kind="answer")
        assert rows.update(due_on=due.date(), due_at=due, **values) == 1

    due = MONDAY + 10 * DAY
    answer(1, state="met", ended_at=due - HOUR)
    answer(2, state="met", ended_at=due)
    answer(3, state="met", ended_at=due + DAY)
    answer(4)
    answer(5, state="paused")
    answer(6, due=MONDAY + 25 * DAY)
    answer(7, state="cancelled", ended_at=due)
    with translation.override("en"):
        found = figures.answers(asked(office.registrar))
        waiting = figures.unanswered(asked(office.registrar))
    # One of four that ended in time: 25 of 100.
    assert found.table[1] == ["Helse", 1, 2, 1, 2, 25]
    # Three wait since Monday, twenty days ago.
    assert waiting.table[1] == ["Helse", 0, 3, 0, 0, 3]
    assert waiting.conclusion == "Wait now: 3, of which 0 for more than 90 days."


def test_backlog_is_counted_by_age_and_unit_of_the_mailbox(office, town):
    for hours in (1, 23, 25, 100, 200):
        office.mail(f"Waits {hours}", at=MONDAY - hours * HOUR)
    # 1 and 23 hours are less than a day, 25 one day, 100 four, 200 eight.
    found = waiting_by_age(now=MONDAY, bounds=figures.WAITING_AGES, units=None)
    unit = town.health.pk
    assert found == {(unit, 0): 2, (unit, 1): 1, (unit, 3): 1, (unit, 4): 1}
    assert waiting_by_age(now=MONDAY, bounds=[1], units={town.roads.pk}) == {}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_leader_sees_the_own_units_and_no_stranger_sees_any(office, town):
    below = Unit.objects.create(code="home", name="Hjemmetjeneste", parent=town.health)
    now = timezone.now()
    registered(town, 1, arrived=now - DAY, after=HOUR)
    registered(town, 2, arrived=now - DAY, after=HOUR, unit=below)
    registered(town, 3, arrived=now - DAY, after=HOUR, unit=town.roads)
    leader = office.user(Role.UNIT_LEADER)
    leader.unit = town.health
    leader.save()
    address = reverse("intake:reports")
    page = client_of(leader).get(address)
    registration = page.context["figures"][0]
    assert [row[:2] for row in registration.table[1:]] == [
        ["Helse", 1],
        ["Hjemmetjeneste", 1],
        ["All", 2],
    ]
    assert "Vei" not in page.content.decode()
    assert client_of(leader).get(address, {"unit": town.roads.pk}).status_code == 404
    # A unit is asked for with its parts.
    whole = client_of(office.registrar).get(address, {"unit": town.health.pk})
    assert whole.context["figures"][0].table[-1][1] == 2
    file = reverse("intake:report-file", args=["registration", "csv"])
    assert client_of(leader).get(file, {"unit": town.roads.pk}).status_code == 404
    for role in (Role.CASEWORKER, Role.OFFICIAL):
        stranger = client_of(office.user(role))
        assert stranger.get(address).status_code == 403
        assert stranger.get(file).status_code == 403
    for name in ("registration.exe", "secrets.csv"):
        assert client_of(leader).get(f"{address}{name}").status_code == 404


def test_number_of_what_one_may_not_see_is_not_listed(office, town):
    entry = acknowledged(town, 2, sent_after=HOUR)
    administrator = office.user(Role.ADMINISTRATOR)
    with translation.override("en"):
        (_, row) = figures.breaches(asked(administrator)).table
    assert row[0] == "Protected"
    assert entry.reference not in str(row)


def test_files_hold_the_same_numbers_and_no_formula(office, town):
    Unit.objects.filter(pk=town.health.pk).update(name="=HYPERLINK(1)")
    now = timezone.now()
    registered(town, 1, arrived=now - DAY, after=HOUR)
    client = client_of(office.registrar)
    answer = client.get(reverse("intake:report-file", args=["registration", "csv"]))
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == ["Time to registration"]
    assert lines[-2][:4] == ["'=HYPERLINK(1)", "1", "1 h 0 min", "1 h 0 min"]
    answer = client.get(reverse("intake:report-file", args=["registration", "xlsx"]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in list(sheet.rows)[-1]][:2] == ["All", 1]


@pytest.mark.parametrize("query", ["", "from=x&to=y&unit=z", "from=9999-01-01&to=0001-01-01"])
def test_any_address_gives_a_page_of_at_most_a_year(office, query):
    page = client_of(office.registrar).get(f"{reverse('intake:reports')}?{query}")
    assert page.status_code == 200
    given = page.context["asked"]
    assert timedelta(0) <= given.last - given.first < timedelta(days=366)
    assert "Nothing was registered in the period." in page.content.decode()
