"""A changed rule or closed day counts running deadlines anew, and says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.rules.roles import Role
from ledger.queries import history
from registry import queries
from registry.actions.pause import pause_deadlines, resume_deadlines
from registry.actions.recompute import recount_deadlines, request_recount
from registry.actions.sign_off import sign_off
from registry.models import ClosedDay, Deadline, Entry, Recount, RuleOverride
from registry.templatetags.registry_tags import why_this_date
from tests.registry.cast import MORNING, Town

BY = "user:7"
LATER = MORNING + timedelta(days=1)
SETTLED = LATER + timedelta(seconds=10)


def last_days(entry: Entry) -> dict[str, date]:
    return dict(Deadline.objects.filter(entry=entry).values_list("kind", "due_on"))


def own_rule(**changes: object) -> None:
    given = {
        "key": "answer",
        "number": 14,
        "unit": "calendar_days",
        "paragraph": "serviceerklæringen",
        "valid_from": date(2026, 3, 1),
    }
    RuleOverride.objects.create(**{**given, **changes})


def test_a_closed_day_moves_what_runs_and_leaves_the_earlier_date_to_be_seen(town: Town) -> None:
    # Received Monday 2 March 2026, to be answered by Wednesday 1 April (before Maundy Thursday).
    entry, done = town.register(access="open"), town.register(message_number="M18")
    sign_off(entry_id=done.pk, way="TE", reason="Noted.", by=BY, at=MORNING)
    ClosedDay.objects.create(on=date(2026, 4, 1), name="Påskestengt")
    asked = request_recount(reason="closed_day", on=date(2026, 4, 1), by=BY, at=LATER)
    assert recount_deadlines(at=LATER) == 0, "a process may remember the old days for seconds"
    # The own promise is due before the closed day, and the duty of the law is planned before it.
    assert recount_deadlines(at=SETTLED) == 2
    assert last_days(entry) == {"answer": date(2026, 3, 31), "interim_reply": date(2026, 3, 31)}
    assert last_days(done) == {"answer": date(2026, 4, 1), "interim_reply": date(2026, 4, 1)}
    asked.refresh_from_db()
    assert (asked.looked_at, asked.changed, asked.finished_at) == (2, 2, SETTLED)
    assert recount_deadlines(at=SETTLED + timedelta(minutes=1)) == 0
    row = Deadline.objects.get(entry=entry, kind="answer")
    assert row.due_at == datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    event = history(f"deadline:{row.pk}")[0]
    assert (event.verb, event.reason) == ("registry.deadline_recounted", "closed_day")
    assert (event.data["before"], event.data["due_on"]) == ("2026-04-01", "2026-03-31")
    (told,) = [step for step in row.steps if step["code"] == "recounted"]
    assert told == {"code": "recounted", "on": "2026-03-03", "args": ["2026-04-01", "closed_day"]}
    with translation.override("en"):
        assert "1 April 2026" in str(why_this_date(row)["steps"])
    # It is taken back: the date is the first one again, and both changes are told.
    ClosedDay.objects.all().delete()
    request_recount(reason="closed_day", on=date(2026, 4, 1), by=BY, at=SETTLED)
    assert recount_deadlines(at=SETTLED + timedelta(minutes=1)) == 2
    row.refresh_from_db()
    assert row.due_on == date(2026, 4, 1)
    assert [step["args"][0] for step in row.steps if step["code"] == "recounted"] == [
        "2026-04-01",
        "2026-03-31",
    ]


def test_an_own_rule_counts_what_began_while_it_holds(town: Town) -> None:
    inside = town.register()
    before = town.register(arrived_at=datetime(2026, 2, 20, 9, 0, tzinfo=UTC), message_number="M18")
    promised = Deadline.objects.create(
        kind="interim_reply_promised",
        entry=inside,
        starts_at=MORNING,
        due_on=date(2026, 5, 1),
        due_at=datetime(2026, 5, 1, 22, 0, tzinfo=UTC),
        paragraph="forvaltningsloven § 11 a",
    )
    own_rule()
    request_recount(reason="rule", kind="answer", by=BY, at=LATER)
    request_recount(reason="calendar", by="system:operator", at=LATER)
    assert recount_deadlines(at=SETTLED) == 1
    # 14 days after 2 March; 20 February and a month is 20 March, by the shipped rule.
    assert last_days(inside)["answer"] == date(2026, 3, 16)
    assert last_days(inside)["interim_reply"] == date(2026, 4, 1)
    assert last_days(before)["answer"] == date(2026, 3, 20)
    promised.refresh_from_db()
    assert promised.due_on == date(2026, 5, 1)
    row = Deadline.objects.get(entry=inside, kind="answer")
    assert (row.paragraph, row.rule["number"]) == ("serviceerklæringen", 14)


def test_a_pause_is_counted_in_and_goes_on(town: Town) -> None:
    entry = town.register()
    pause_deadlines(entry_id=entry.pk, reason="party", by=BY, at=MORNING)
    resume_deadlines(entry_id=entry.pk, by=BY, at=LATER)
    pause_deadlines(entry_id=entry.pk, reason="party", by=BY, at=LATER)
    own_rule()
    request_recount(reason="rule", kind="answer", by=BY, at=LATER)
    assert recount_deadlines(at=SETTLED) == 1
    row = Deadline.objects.get(entry=entry, kind="answer")
    assert (row.state, row.due_on) == ("paused", date(2026, 3, 17)), "14 days and one"
    # Three days more, and Friday 20 March is a working day.
    resume_deadlines(entry_id=entry.pk, by=BY, at=LATER + timedelta(days=3))
    row.refresh_from_db()
    assert (row.state, row.due_on) == ("open", date(2026, 3, 20))
    assert [step["code"] for step in row.steps].count("recounted") == 1


@pytest.fixture
def admin(town: Town, client: Client) -> Client:
    user = town.user(Role.ADMINISTRATOR)
    user.is_staff = user.is_superuser = True
    user.language = "en"
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_administration_says_what_would_move_before_it_saves(town: Town, admin: Client) -> None:
    today = datetime.now(UTC).date()
    entry = town.register(arrived_at=datetime.now(UTC))
    last = last_days(entry)["answer"]
    add = reverse("admin:registry_closedday_add")
    form = {"on": last.isoformat(), "name": "Planleggingsdag"}
    text = admin.post(add, form).content.decode()
    assert "moves 2 of 2 running deadlines" in text
    assert not ClosedDay.objects.exists()
    assert admin.post(add, {**form, "confirmed": "on"}).status_code == 302
    assert Recount.objects.get().on == last
    past = {"on": (today - timedelta(days=1)).isoformat(), "name": "Stengt"}
    assert "The day is over." in admin.post(add, past).content.decode()
    rule = {
        "key": "answer",
        "number": "3",
        "unit": "workdays",
        "paragraph": "serviceerklæringen",
        "valid_from": today.isoformat(),
        "valid_to": "",
    }
    url = reverse("admin:registry_ruleoverride_add")
    text = admin.post(url, rule).content.decode()
    assert "moves 1 of 1 running deadlines" in text
    assert admin.post(url, {**rule, "confirmed": "on"}).status_code == 302
    assert Recount.objects.filter(reason="rule", kind="answer").exists()
    # What moves nothing asks nothing.
    assert admin.post(url, {**rule, "key": "refusal_reasons"}).status_code == 302
    queries.own_rules.forget()
    assert admin.get(reverse("admin:registry_recount_changelist")).status_code == 200
