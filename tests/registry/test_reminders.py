"""The days on which the one who has a case is reminded that a deadline comes near."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.absence import set_absence
from accounts.rules.roles import Role
from outbox.models import Letter
from registry.actions.recompute import recount_deadlines, request_recount
from registry.actions.send_digests import send_digests
from registry.actions.sign_off import sign_off
from registry.models import Case, ClosedDay, Deadline, Entry, RuleOverride
from tests.registry.cast import MORNING, Town

BY = "system:test"
# 08:00 in Oslo on Monday 23 March 2026: 21 days after the entry that came on Monday 2 March.
FIRST = datetime(2026, 3, 23, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def entry(town: Town) -> Entry:
    """An entry of 2 March whose caseworker, Kari, owes an interim reply by Wednesday 1 April."""
    kari = town.user(Role.CASEWORKER, unit=town.health)
    kari.name, kari.language, kari.email = "Kari", "en", "kari@nn.example"
    kari.save()
    made = town.register()
    Case.objects.filter(pk=made.case_id).update(caseworker=kari)
    return made


def interim(entry: Entry) -> Deadline:
    return Deadline.objects.get(entry=entry, kind="interim_reply")


def letters() -> list[str]:
    return [each.text for each in Letter.objects.filter(kind="digest").order_by("pk")]


def test_the_caseworker_is_reminded_on_the_day_and_not_once_it_is_written_off(
    town: Town, entry: Entry
) -> None:
    assert interim(entry).warn_on == ["2026-03-23", "2026-03-30"]
    assert send_digests(by=BY, at=FIRST - 3 * DAY) == 0, "Friday: nothing ends or is reminded of"
    assert send_digests(by=BY, at=FIRST) == 1
    assert f"Reminder: 1 ({entry.reference.split('-')[0]})" in letters()[0]
    assert "This week" not in letters()[0]
    assert send_digests(by=BY, at=FIRST + DAY) == 0
    sign_off(entry_id=entry.pk, way="TE", reason="Noted.", by=BY, at=FIRST + DAY)
    assert send_digests(by=BY, at=FIRST + 7 * DAY) == 0


def test_a_reminder_of_a_free_day_comes_on_the_working_day_before(town: Town, entry: Entry) -> None:
    # Saturday 21 March: no daily letter leaves then.
    Deadline.objects.filter(entry=entry).update(warn_on=["2026-03-21"])
    assert send_digests(by=BY, at=FIRST - 4 * DAY) == 0
    assert send_digests(by=BY, at=FIRST - 3 * DAY) == 1
    assert "Reminder: 1" in letters()[0]
    assert send_digests(by=BY, at=FIRST) == 0


def test_whoever_stands_in_is_reminded_but_not_of_a_restricted_case(
    town: Town, entry: Entry
) -> None:
    per = town.user(Role.CASEWORKER, unit=town.health)
    kari_id = Case.objects.get().caseworker_id
    assert kari_id is not None
    set_absence(
        user_id=kari_id,
        delegate_id=per.pk,
        from_on=FIRST.date(),
        to_on=date(2026, 3, 30),
        today=FIRST.date(),
        by=BY,
        at=MORNING,
    )
    assert send_digests(by=BY, at=FIRST) == 1
    assert Letter.objects.get(kind="digest").recipients.get().address == per.email
    Case.objects.update(is_restricted=True)
    assert send_digests(by=BY, at=FIRST + 7 * DAY) == 0, "the second reminder"


def test_a_reminder_is_counted_again_with_its_deadline(town: Town, entry: Entry) -> None:
    later = MORNING + DAY
    # Closed on the day itself: planned before it, as the duty is.
    ClosedDay.objects.create(on=FIRST.date(), name="Planleggingsdag")
    request_recount(reason="closed_day", on=FIRST.date(), by=BY, at=later)
    assert recount_deadlines(at=later + timedelta(minutes=1)) == 0, "no last day has moved"
    assert interim(entry).warn_on == ["2026-03-20", "2026-03-30"]
    # An own limit of 25 days ends on Friday 27 March; the second reminder would come after it.
    rule = {"unit": "calendar_days", "paragraph": "eget vedtak", "valid_from": date(2026, 3, 1)}
    RuleOverride.objects.create(key="interim_reply", number=25, **rule)
    request_recount(reason="rule", kind="interim_reply", by=BY, at=later)
    assert recount_deadlines(at=later + timedelta(minutes=2)) == 1
    assert interim(entry).due_on == date(2026, 3, 27)
    assert interim(entry).warn_on == ["2026-03-20"]
    # And a rule of the reminder's own moves the reminder alone: Monday 16 March.
    RuleOverride.objects.create(key="interim_reply_first_warning", number=14, **rule)
    request_recount(reason="rule", kind="interim_reply_first_warning", by=BY, at=later)
    assert recount_deadlines(at=later + timedelta(minutes=3)) == 0
    assert interim(entry).warn_on == ["2026-03-16"]


def test_my_work_and_the_board_mark_what_one_is_reminded_of(town: Town, client: Client) -> None:
    kari = town.user(Role.CASEWORKER, unit=town.health)
    kari.language = "en"
    kari.save()
    today = timezone.localdate()
    made = town.register(arrived_at=timezone.now() - timedelta(days=2))
    Case.objects.filter(pk=made.case_id).update(caseworker=kari)
    # Not due for weeks, and the day of the reminder was yesterday.
    Deadline.objects.filter(kind="answer").update(state="met")
    Deadline.objects.filter(kind="interim_reply").update(
        due_on=today + timedelta(days=20),
        due_at=timezone.now() + timedelta(days=20),
        warn_on=[(today - DAY).isoformat(), (today + 9 * DAY).isoformat()],
    )
    client.force_login(kari)
    work = client.get(reverse("registry:my-work"))
    assert [row.entry for row in work.context["due"]] == [made]
    assert "Interim reply: due soon" in work.text
    assert "(reminder)" in work.text
    assert "(reminder)" in client.get(reverse("registry:deadlines")).text
    Deadline.objects.filter(kind="interim_reply").update(
        warn_on=[(today + 2 * DAY).isoformat()],
    )
    work = client.get(reverse("registry:my-work"))
    assert [row.entry for row in work.context["rest"]] == [made]
    assert "(reminder)" not in work.text + client.get(reverse("registry:deadlines")).text
