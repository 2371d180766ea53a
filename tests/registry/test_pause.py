"""Deadlines that stand still, and run again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from ledger.queries import history
from lib.refusal import Refused
from registry import queries
from registry.actions.assign import assign_case
from registry.actions.pause import pause_deadlines, resume_deadlines
from registry.actions.sign_off import sign_off
from registry.models import Deadline, DeadlinePause, Entry
from tests.registry.cast import MORNING, Town

BY = "user:7"


def answer(entry: Entry) -> Deadline:
    return Deadline.objects.get(entry=entry, kind="answer")


def test_the_answer_stands_still_over_the_change_of_clocks_and_moves_by_local_days(
    town: Town,
) -> None:
    # Received Tuesday 10 March 2026, to be answered by Friday 10 April.
    received = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    entry = town.register(arrived_at=received, at=received)
    assert answer(entry).due_on == date(2026, 4, 10)
    # 27 March 23:30 in Oslo; clocks go forward on the 29th.
    paused = pause_deadlines(
        entry_id=entry.pk,
        reason="missing_information",
        by=BY,
        at=datetime(2026, 3, 27, 22, 30, tzinfo=UTC),
    )
    assert [(each.kind, each.state) for each in paused] == [("answer", "paused")]
    # The interim reply runs on (fvl. § 11 a), and a second call finds nothing more.
    assert Deadline.objects.get(entry=entry, kind="interim_reply").state == "open"
    assert not pause_deadlines(entry_id=entry.pk, reason="party", by=BY, at=received)
    # 30 March 00:30 in Oslo: 48 hours later, but three local days. 10 + 3 April is a Monday.
    resumed = resume_deadlines(
        entry_id=entry.pk, by=BY, at=datetime(2026, 3, 29, 22, 30, tzinfo=UTC)
    )
    assert [each.due_on for each in resumed] == [date(2026, 4, 13)]
    assert answer(entry).due_at == datetime(2026, 4, 13, 22, 0, tzinfo=UTC)
    assert not resume_deadlines(entry_id=entry.pk, by=BY, at=MORNING)
    pause = DeadlinePause.objects.get()
    assert (pause.paragraph, pause.ended_by) == ("forvaltningslovforskriften § 39", BY)
    subject = f"deadline:{answer(entry).pk}"
    events = {event.verb: event for event in history(subject)}
    assert events["registry.deadline_paused"].reason == "missing_information"
    assert events["registry.deadline_resumed"].data["before"] == "2026-04-10"
    assert events["registry.deadline_resumed"].data["due_on"] == "2026-04-13"


def test_what_is_over_is_not_paused_away_and_a_reason_is_needed(town: Town) -> None:
    entry = town.register()
    after = answer(entry).due_at
    assert pause_deadlines(entry_id=entry.pk, reason="party", by=BY, at=after) == []
    for reason, words, code in [
        ("because", "", "no_such_reason"),
        ("other", " ", "reason_missing"),
        ("other", "x" * 201, "reason_too_long"),
    ]:
        with pytest.raises(Refused) as refused:
            pause_deadlines(entry_id=entry.pk, reason=reason, words=words, by=BY, at=MORNING)
        assert refused.value.code == code
    with pytest.raises(Refused):
        pause_deadlines(entry_id=0, reason="party", by=BY, at=MORNING)
    access = town.register(document_type_id=town.access_request.pk, message_number="M18")
    assert pause_deadlines(entry_id=access.pk, reason="party", by=BY, at=MORNING) == []


def test_an_answer_ends_a_paused_deadline_and_its_pause(town: Town) -> None:
    entry = town.register(access="open")
    pause_deadlines(entry_id=entry.pk, reason="party", by=BY, at=MORNING + timedelta(days=1))
    # With the interim reply that is two, and the case is not closed meanwhile.
    assert queries.standing_open(entry.case)["open_deadlines"] == 2
    at = MORNING + timedelta(days=3)
    sign_off(entry_id=entry.pk, way="TE", reason="Avklart", by=BY, at=at)
    assert answer(entry).state == "met"
    assert DeadlinePause.objects.get().ended_at == at
    assert not resume_deadlines(entry_id=entry.pk, by=BY, at=at)


def test_a_pause_is_ended_once_and_never_removed(town: Town) -> None:
    entry = town.register()
    pause_deadlines(entry_id=entry.pk, reason="party", by=BY, at=MORNING)
    resume_deadlines(entry_id=entry.pk, by=BY, at=MORNING + timedelta(days=1))
    for statement in (
        "UPDATE registry_deadlinepause SET reason = 'other', words = 'x'",
        "UPDATE registry_deadlinepause SET ended_at = now()",
        "DELETE FROM registry_deadlinepause",
    ):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_deadline_knows_who_has_its_case_also_after_it_was_given_to_another(town: Town) -> None:
    entry = town.register()
    row = answer(entry)
    assert (row.case_id, row.unit_id, row.caseworker_id) == (entry.case_id, town.health.pk, None)
    kari = town.user(unit=town.roads)
    assign_case(
        case_id=entry.case_id, unit_id=town.roads.pk, caseworker_id=kari.pk, by=BY, at=MORNING
    )
    row.refresh_from_db()
    assert (row.unit_id, row.caseworker_id) == (town.roads.pk, kari.pk)
