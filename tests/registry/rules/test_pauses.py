from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lib.jurisdictions import Pause, due, profile_for, rule
from lib.workdays import StepCode, steps_from_data, steps_to_data
from registry.rules.pauses import may_pause

NO, SE = profile_for("NO"), profile_for("SE")


def test_a_month_that_stood_still_for_ten_days_ends_ten_days_later_on_a_working_day() -> None:
    # Received Monday 2 March 2026; a month ends on Thursday 2 April, Maundy Thursday, so that the
    # municipality's own duty is planned for Wednesday 1 April. Ten days more: Sunday 12 April, so
    # Friday 10 April; counted from the planned day it would have been Saturday 11 and the same.
    received = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    answer = rule(NO, "answer", received.date())
    assert due(answer, received, NO).on == date(2026, 4, 1)
    paused = due(answer, received, NO, pauses=[Pause(date(2026, 3, 10), date(2026, 3, 20))])
    assert paused.on == date(2026, 4, 10)
    told = [(step.code, step.on, step.args) for step in paused.steps]
    assert (StepCode.PAUSED, date(2026, 3, 10), ("2026-03-20",)) in told
    assert (StepCode.EXTENDED, date(2026, 4, 12), ("10", "calendar_days")) in told
    assert (StepCode.ROLLED_BACK, date(2026, 4, 10), ("2026-04-12",)) in told
    assert steps_from_data(steps_to_data(paused.steps)) == paused.steps


def test_two_pauses_add_up() -> None:
    # Received 13 April, a month ends on Wednesday 13 May; 1 + 4 days: Monday 18 May.
    received = datetime(2026, 4, 13, 8, 0, tzinfo=UTC)
    pauses = [
        Pause(date(2026, 4, 15), date(2026, 4, 16)),
        Pause(date(2026, 4, 27), date(2026, 5, 1)),
    ]
    found = due(rule(NO, "answer", received.date()), received, NO, pauses=pauses)
    assert found.on == date(2026, 5, 18)


def test_a_promise_in_working_days_moves_by_the_working_days_paused() -> None:
    # Sweden, received Friday 27 March 2026: three working days end on Wednesday 1 April. Paused
    # from Monday 30 March to Tuesday 7 April: 31 March, 1, 2 (Maundy Thursday is ordinary) and
    # 7 April are four working days. Four after 1 April: 2, 7, 8, 9 April.
    received = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)
    answer = rule(SE, "answer", received.date())
    found = due(answer, received, SE, pauses=[Pause(date(2026, 3, 30), date(2026, 4, 7))])
    assert found.on == date(2026, 4, 9)
    # In Norway Maundy Thursday is a holiday.
    norway = due(answer, received, NO, pauses=[Pause(date(2026, 3, 30), date(2026, 4, 7))])
    # 31 March, 1 and 7 April are three; after 1 April: 7, 8, 9 April.
    assert norway.on == date(2026, 4, 9)


def test_a_closed_day_lengthens_the_municipalitys_promise_but_no_limit_of_the_law() -> None:
    closed = {date(2026, 3, 31): "Planleggingsdag"}
    received = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
    target = rule(NO, "registration_target", received.date())
    assert due(target, received, NO, closed=closed).on == date(2026, 4, 1)
    # offl. § 32: five working days all the same: 31 March, 1, 7, 8, 9 April.
    hard = rule(NO, "access_request_hard", received.date())
    assert due(hard, received, NO, closed=closed).on == date(2026, 4, 9)
    # A party's last day (21 days, forward) does not move either: Monday 20 April.
    window = rule(NO, "appeal_window", received.date())
    assert due(window, received, NO, closed={date(2026, 4, 20): "Stengt"}).on == date(2026, 4, 20)
    # The municipality's own duty is planned before the closed day: 27 February -> 27 March.
    interim = rule(NO, "interim_reply", received.date())
    february = datetime(2026, 2, 27, 9, 0, tzinfo=UTC)
    planned = due(interim, february, NO, closed={date(2026, 3, 27): "Stengt"})
    assert planned.on == date(2026, 3, 26)


@pytest.mark.parametrize("country", ["NO", "SE"])
def test_only_the_clock_of_the_answer_may_stand_still(country: str) -> None:
    assert may_pause("answer", country).yes  # type: ignore[arg-type]
    assert may_pause("answer", country).paragraph  # type: ignore[arg-type]
    for kind in (
        "acknowledgement",
        "registration_target",
        "registration_alarm",
        "interim_reply",
        "access_request_target",
        "access_request_hard",
        "missing_information",
        "appeal_window",
        "something new",
    ):
        assert not may_pause(kind, country).yes  # type: ignore[arg-type]
