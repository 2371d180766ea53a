"""Who has what, who stands in, who is told each day, and what goes to the leader."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.actions.absence import set_absence, withdraw_absence
from accounts.models import RoleGrant, User
from accounts.rules.roles import Role
from lib.refusal import Refused
from outbox.actions.notify import notify_person
from outbox.models import Letter
from registry import access
from registry.actions.assign import assign_case
from registry.actions.comment import comment
from registry.actions.escalate import escalate
from registry.actions.pause import pause_deadlines
from registry.actions.restrict import name_reader
from registry.actions.send_digests import send_digests
from registry.actions.sign_off import sign_off
from registry.models import Answer, AnswerStep, Case, ClosedDay, Deadline, Entry, Escalation
from registry.queries import board
from tests.registry.cast import MORNING, Town

BY = "system:test"
# Monday 30 March 2026, 08:00 in Oslo. What came on 2 March is to be answered by Wednesday 1 April.
MONDAY = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)


def give(entry: Entry, user: User | None) -> None:
    Case.objects.filter(pk=entry.case_id).update(caseworker=user)


def caseworker(town: Town, name: str, *roles: Role, **fields: Any) -> User:
    user = town.user(*(roles or (Role.CASEWORKER,)), unit=fields.pop("unit", town.health))
    user.name, user.language = name, "en"
    user.email = f"{name.lower()}@nn.example"
    for field, value in fields.items():
        setattr(user, field, value)
    user.save()
    return user


def away(user: User, delegate: User, from_on: date, to_on: date) -> Any:
    return set_absence(
        user_id=user.pk,
        delegate_id=delegate.pk,
        from_on=from_on,
        to_on=to_on,
        today=date(2026, 3, 2),
        by=user.actor,
        at=MORNING,
    )


def digests() -> dict[str, str]:
    return {
        letter.recipients.get().address: letter.text
        for letter in Letter.objects.filter(kind="digest")
    }


def test_the_daily_letter_comes_once_with_numbers_and_no_titles(town: Town) -> None:
    kari, per = caseworker(town, "Kari"), caseworker(town, "Per")
    caseworker(town, "Lise", digest=False)
    first = town.register()
    give(first, kari)
    late = town.register(arrived_at=MORNING - timedelta(days=10), message_number="M18")
    give(late, kari)
    give(town.register(message_number="M19"), User.objects.get(name="Lise"))
    assert send_digests(by=BY, at=MONDAY - timedelta(hours=2)) == 0, "not before seven"
    assert send_digests(by=BY, at=MONDAY) == 1
    assert send_digests(by=BY, at=MONDAY + timedelta(minutes=10)) == 0
    text = digests()["kari@nn.example"]
    # Answer and interim reply by 20 March: overdue. By 1 April: this week. Each case once.
    assert f"Overdue: 1 ({late.case.reference})" in text
    assert f"This week: 1 ({first.case.reference})" in text
    assert "today" not in text.lower()
    assert "Støttekontakt" not in text
    assert send_digests(by=BY, at=MONDAY + timedelta(days=1)) == 1
    assert per.email not in digests()


def test_no_daily_letter_on_a_holiday_a_closed_day_or_at_the_weekend(town: Town) -> None:
    ClosedDay.objects.create(on=MONDAY.date(), name="Planleggingsdag")
    give(town.register(), caseworker(town, "Kari"))
    # Closed; Saturday 28 March; Good Friday 3 April.
    for day in (MONDAY, MONDAY - timedelta(days=2), MONDAY + timedelta(days=4)):
        assert send_digests(by=BY, at=day) == 0


def test_the_one_who_stands_in_gets_the_letter_the_work_and_may_do_it(town: Town) -> None:
    kari, per = caseworker(town, "Kari"), caseworker(town, "Per", unit=town.roads)
    entry = town.register()
    give(entry, kari)
    today = datetime.now(UTC).date()
    with pytest.raises(Http404):
        access.entry_to_work_on(per, entry.pk)
    made = away(kari, per, date(2026, 3, 29), today + timedelta(days=7))
    assert send_digests(by=BY, at=MONDAY) == 1
    assert list(digests()) == ["per@nn.example"]
    per = User.objects.get(pk=per.pk)
    assert access.entry_to_work_on(per, entry.pk) == entry
    assert access.deadlines_for(per).count() == 2
    # A restricted case is for those who were chosen for it one by one.
    Case.objects.filter(pk=entry.case_id).update(is_restricted=True)
    with pytest.raises(Http404):
        access.entry_to_work_on(User.objects.get(pk=per.pk), entry.pk)
    assert not access.deadlines_for(User.objects.get(pk=per.pk)).exists()
    assert access.deadlines_for(kari).count() == 2
    Case.objects.filter(pk=entry.case_id).update(is_restricted=False)
    withdraw_absence(absence_id=made.pk, by=kari.actor, at=MORNING)
    with pytest.raises(Http404):
        access.entry_to_work_on(User.objects.get(pk=per.pk), entry.pk)


def test_absences_neither_overlap_nor_form_a_ring(town: Town) -> None:
    kari, per, lise = (caseworker(town, name) for name in ("Kari", "Per", "Lise"))
    away(kari, per, date(2026, 3, 2), date(2026, 3, 6))
    away(per, lise, date(2026, 3, 5), date(2026, 3, 9))
    for who, other, from_on, to_on, code in [
        (lise, kari, date(2026, 3, 6), date(2026, 3, 6), "comes_back"),
        (kari, lise, date(2026, 3, 6), date(2026, 3, 7), "overlaps"),
        (lise, lise, date(2026, 3, 6), date(2026, 3, 7), "stands_in_for_oneself"),
        (lise, kari, date(2026, 3, 9), date(2026, 3, 8), "ends_before_it_begins"),
        (lise, kari, date(2026, 2, 1), date(2026, 3, 1), "is_over"),
    ]:
        with pytest.raises(Refused) as refused:
            away(who, other, from_on, to_on)
        assert refused.value.code == code
    away(lise, kari, date(2026, 3, 10), date(2026, 3, 11))


def test_a_deadline_goes_to_the_leader_once_unless_somebody_has_touched_it(town: Town) -> None:
    kari = caseworker(town, "Kari")
    leader = caseworker(town, "Lise", Role.UNIT_LEADER)
    entry = town.register()
    town.acknowledge(entry)
    give(entry, kari)
    # Last day Wednesday 1 April: a working day before it is Tuesday 31 March.
    assert escalate(by=BY, at=MONDAY) == 0
    tuesday = MONDAY + timedelta(days=1)
    assert escalate(by=BY, at=tuesday) == 2, "the answer and the interim reply"
    assert escalate(by=BY, at=tuesday + timedelta(days=1)) == 0
    assert set(Escalation.objects.values_list("leader", flat=True)) == {leader.pk}
    notice = Letter.objects.get(kind="notice_escalated")
    assert notice.subject == f"The deadline in {entry.case.reference} is near"
    assert send_digests(by=BY, at=tuesday) == 2
    assert "Passed on to you: 1 (" in digests()["lise@nn.example"]
    answered = town.register(message_number="M20", access="open")
    give(answered, kari)
    sign_off(entry_id=answered.pk, way="TE", reason="Noted.", by=kari.actor, at=MORNING)
    waits = town.register(message_number="M21")
    pause_deadlines(entry_id=waits.pk, reason="party", by=kari.actor, at=MORNING)
    Deadline.objects.filter(entry=waits, kind="interim_reply").update(state="met", ended_at=MORNING)
    assert escalate(by=BY, at=tuesday) == 0


def test_without_a_leader_it_waits_and_the_unit_above_is_asked(town: Town) -> None:
    entry = town.register()
    tuesday = MONDAY + timedelta(days=1)
    assert escalate(by=BY, at=tuesday) == 0
    town.health.parent = town.roads
    town.health.save()
    above = caseworker(town, "Ola", Role.UNIT_LEADER, unit=town.roads)
    give(entry, above)
    assert escalate(by=BY, at=tuesday) == 0, "the leader has it already"
    give(entry, None)
    assert escalate(by=BY, at=tuesday) == 2


@pytest.fixture
def page(client: Client) -> Any:
    def get(user: User, name: str, query: str = "") -> str:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(reverse(name) + query)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    return get


def test_the_board_shows_what_one_may_see_in_groups_with_the_reason_of_each_date(
    town: Town, page: Any
) -> None:
    kari = caseworker(town, "Kari")
    stranger = caseworker(town, "Per", unit=town.roads)
    registrar = caseworker(town, "Reg", Role.REGISTRAR, unit=None)
    entry = town.register()
    give(entry, kari)
    Deadline.objects.create(
        kind="registration_alarm",
        message_number="M99",
        starts_at=MORNING,
        due_on=date(2026, 3, 5),
        due_at=datetime(2026, 3, 5, 23, 0, tzinfo=UTC),
        paragraph="arkivforskrifta 2025 § 15",
    )
    own = page(kari, "registry:deadlines")
    for words in ("Overdue", "Why this date?", entry.reference, "Kari", "forvaltningsloven"):
        assert words in own
    assert "M99" not in own
    assert entry.reference not in page(stranger, "registry:deadlines")
    everything = page(registrar, "registry:deadlines")
    assert "M99" in everything
    assert entry.reference in everything
    assert entry.reference not in page(registrar, "registry:deadlines", "?who=nobody&unit=1x")
    assert entry.reference not in page(kari, "registry:deadlines", f"?unit={town.roads.pk}")
    assert entry.reference in page(kari, "registry:deadlines", "?sort=case&kind=answer&who=mine")
    page(kari, "registry:deadlines", "?after=rubbish~1")
    page(kari, "registry:deadlines", "?after=2026-03-05T00:00:00~1")


def test_pages_of_the_board_follow_each_other_without_gap_or_double(town: Town, page: Any) -> None:
    registrar = caseworker(town, "Reg", Role.REGISTRAR)
    case = town.register().case_id
    for n in range(34):
        town.register(case, message_number=f"M{100 + n}")
    for sort in ("due", "case"):
        query, seen = f"?sort={sort}", []
        for _ in range(3):
            text = page(registrar, "registry:deadlines", query)
            seen += [part.split('"')[0] for part in text.split("#entry-")[1:]]
            following = text.split('rel="next" href="')
            if len(following) < 2:
                break
            query = following[1].split('"')[0].replace("&amp;", "&")
        assert len(seen) == 70, "35 entries with two deadlines each"
        assert all(seen.count(entry) == 2 for entry in seen)


def test_one_pauses_and_resumes_from_the_board(town: Town, client: Client, page: Any) -> None:
    kari = caseworker(town, "Kari")
    entry = town.register(arrived_at=datetime.now(UTC) - timedelta(days=1))
    give(entry, kari)
    assert "Pause" in page(kari, "registry:deadlines")
    url = reverse("registry:entry-pause", args=[entry.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "other"}).status_code == 422
    board = reverse("registry:deadlines")
    done = client.post(url, {"reason": "party", "words": "Ferie", "next": board})
    assert (done.status_code, done["Location"]) == (302, board)
    paused = page(kari, "registry:deadlines", "?state=paused")
    assert "Ferie" in paused
    assert "Let it run again" in paused
    work = page(kari, "registry:my-work")
    assert "Waits for others" in work
    assert "Ferie" in work
    again = client.post(reverse("registry:entry-resume", args=[entry.pk]), {"next": "//evil"})
    assert again["Location"] == reverse("registry:case", args=[entry.case_id])
    assert Deadline.objects.get(entry=entry, kind="answer").state == "open"
    stranger = caseworker(town, "Per", unit=town.roads)
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(url, {"reason": "party"}).status_code == 404
    client.force_login(town.user(), backend="django.contrib.auth.backends.ModelBackend")
    for name in ("registry:deadlines", "registry:my-work", "accounts:absences"):
        assert client.get(reverse(name)).status_code == 403


def test_my_work_tells_what_is_mine_and_who_stands_in(
    town: Town, client: Client, page: Any
) -> None:
    kari = caseworker(town, "Kari")
    per = caseworker(town, "Per", unit=town.roads)
    leader = caseworker(town, "Lise", Role.UNIT_LEADER)
    entry = town.register()
    give(entry, kari)
    text = page(kari, "registry:my-work")
    for words in ("Due soon", entry.reference, "Sign off", "Give to another"):
        assert words in text
    assert entry.reference not in page(per, "registry:my-work")
    today = datetime.now(UTC).date()
    form = {
        "user": kari.pk,
        "delegate": per.pk,
        "from_on": (today - timedelta(days=1)).isoformat(),
        "to_on": (today + timedelta(days=2)).isoformat(),
    }
    absences = reverse("accounts:absences")
    # Per may not speak for Kari; her leader may.
    client.force_login(per, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(absences, form).status_code == 422
    client.force_login(leader, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(absences, form).status_code == 302
    assert client.post(absences, form).status_code == 422, "she is away already"
    instead = page(per, "registry:my-work")
    assert entry.reference in instead
    assert "for Kari" in instead
    assert "Per stands in" in page(kari, "registry:deadlines")
    made = kari.absences.get()
    withdraw = reverse("accounts:absence-withdraw", args=[made.pk])
    assert client.post(withdraw).status_code == 302
    made.refresh_from_db()
    assert made.withdrawn_by == kari.actor
    client.force_login(per, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(withdraw).status_code == 404


def test_what_is_returned_asked_and_said_to_one_stands_on_top_of_my_work(
    town: Town, page: Any
) -> None:
    kari = caseworker(town, "Kari")
    leader = caseworker(town, "Lise", Role.UNIT_LEADER)
    entry = town.register()
    given = assign_case(
        case_id=entry.case_id, unit_id=town.health.pk, caseworker_id=kari.pk, by=BY, at=MORNING
    )
    told = Letter.objects.get(kind="notice_assigned")
    assert told.subject == f"{given.reference} has been assigned to you"
    now = datetime.now(UTC)
    draft = Answer.objects.create(
        kind="answer", entry=entry, author=kari, language="nb", started_at=now, saved_at=now
    )
    AnswerStep.objects.create(
        answer=draft,
        step="returned",
        version=1,
        reason="Say when the lamp is mended.",
        made_at=now,
        made_by=leader.actor,
    )
    comment(case_id=entry.case_id, text="Kari, look", mentions=[kari.pk], by=leader.actor, at=now)
    text = page(kari, "registry:my-work")
    for words in ("Returned to you", "Say when the lamp is mended.", "Mentions"):
        assert words in text
    assert "Waits for approval since" not in text
    Answer.objects.update(state="waiting")
    assert "Waits for approval since" in page(kari, "registry:my-work")
    asked = page(leader, "registry:my-work")
    assert "Waits for your approval" in asked
    assert entry.reference in asked


def test_a_broken_deadline_of_a_restricted_case_reaches_who_may_know_of_it_by_its_number(
    town: Town, page: Any
) -> None:
    kari, reader = caseworker(town, "Kari"), caseworker(town, "Per", unit=town.roads)
    leader = caseworker(town, "Lise", Role.UNIT_LEADER)
    registrar = caseworker(town, "Reg", Role.REGISTRAR, unit=None)
    of_roads = caseworker(town, "Rita", Role.OFFICIAL, unit=None)
    RoleGrant.objects.create(
        user=of_roads,
        role=Role.REGISTRAR,
        unit=town.roads,
        granted_at=MORNING,
        granted_by=BY,
    )
    entry = town.register(title="Trusler mot Lise", public_title="Henvendelse")
    give(entry, kari)
    Case.objects.update(is_restricted=True)
    tuesday = MONDAY + timedelta(days=1)

    def told() -> set[int]:
        assert escalate(by=BY, at=tuesday) > 0
        return set(Escalation.objects.values_list("leader", flat=True))

    # The leader may be whom it is about. Those who register see the number of every case.
    answer = Deadline.objects.filter(kind="answer")
    answer.update(state="met")
    assert told() == {registrar.pk}
    (notice,) = Letter.objects.filter(kind="notice_escalated")
    assert notice.recipients.get().address == registrar.email
    assert entry.case.reference in notice.text
    work = page(registrar, "registry:my-work")
    assert entry.reference in work
    assert "Protected title" in work
    assert reverse("registry:case", args=[entry.case_id]) not in work
    for text in (work, notice.text):
        assert "Trusler" not in text
        assert "Henvendelse" not in text
    send_digests(by=BY, at=tuesday)
    assert f"Passed on to you: 1 ({entry.case.reference})" in digests()[registrar.email]
    assert leader.email not in digests()
    # One who is named comes before them, and a leader who is named before the others.
    name_reader(case_id=entry.case_id, user_id=reader.pk, reason="Jurist", by=BY, at=MORNING)
    answer.update(state="open")
    assert told() == {registrar.pk, reader.pk}
    assert reverse("registry:case", args=[entry.case_id]) in page(reader, "registry:my-work")


def test_no_letter_names_a_restricted_case_to_who_stands_in_or_leads(
    town: Town, client: Client, page: Any
) -> None:
    kari, per = caseworker(town, "Kari"), caseworker(town, "Per")
    leader = caseworker(town, "Lise", Role.UNIT_LEADER)
    open_one, secret = town.register(), town.register(message_number="M18")
    give(open_one, kari)
    give(secret, kari)
    Case.objects.filter(pk=secret.case_id).update(is_restricted=True)
    tuesday = MONDAY + timedelta(days=1)
    assert escalate(by=BY, at=tuesday) == 2, (
        "the open case's two deadlines; nobody may know of more"
    )
    made = away(kari, per, MONDAY.date(), tuesday.date())
    send_digests(by=BY, at=tuesday)
    assert open_one.case.reference in digests()["per@nn.example"]
    assert secret.case.reference not in "".join(digests().values())
    # Whoever watches the outbox sees that the letter of the day left, and not what it lists.
    watcher = caseworker(town, "Ada", Role.ADMINISTRATOR)
    client.force_login(watcher, backend="django.contrib.auth.backends.ModelBackend")
    letter = Letter.objects.get(kind="digest", recipients__address=per.email).recipients.get()
    text = client.get(reverse("outbox:letter", args=[letter.pk])).content.decode()
    assert per.email in text
    assert open_one.case.reference not in text
    told = notify_person(
        user_id=kari.pk, kind="mention", about="2026/2", is_restricted=True, by=BY, at=tuesday
    )
    assert [each.recipients.get().address for each in told] == [kari.email]
    # The one who has it is told of it, and the leader who is named to read it.
    withdraw_absence(absence_id=made.pk, by=kari.actor, at=MORNING)
    send_digests(by=BY, at=tuesday)
    assert secret.case.reference in digests()["kari@nn.example"]
    name_reader(case_id=secret.case_id, user_id=leader.pk, reason="Leder", by=BY, at=MORNING)
    assert escalate(by=BY, at=tuesday) == 2
    # What is restricted afterwards is in no list of the leader any more.
    assert open_one.reference in page(leader, "registry:my-work")
    Case.objects.filter(pk=open_one.case_id).update(is_restricted=True)
    assert open_one.reference not in page(leader, "registry:my-work")
    assert board.escalated_references(leader.pk, [leader.pk]) == [secret.case.reference] * 2
