from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from decisions.rules.appeal_period import (
    Consider,
    Regime,
    TimelinessReason,
    is_timely,
    last_day_to_appeal,
)
from lib.jurisdictions import Country, Due, due_on, profile_for, rule
from lib.workdays import StepCode

NO, SE = profile_for("NO"), profile_for("SE")


def period(country: Country, notified_on: date, key: str = "appeal_window") -> Due:
    profile = profile_for(country)
    return last_day_to_appeal(notified_on, profile, rule(profile, key, notified_on))


@pytest.mark.parametrize(
    ("notified_on", "norway", "sweden"),
    [
        (date(2026, 3, 12), date(2026, 4, 7), date(2026, 4, 2)),  # skjærtorsdag only in Norway
        (date(2026, 5, 29), date(2026, 6, 19), date(2026, 6, 22)),  # midsommarafton only in Sweden
        (date(2026, 5, 4), date(2026, 5, 26), date(2026, 5, 25)),  # 2. pinsedag only in Norway
        (date(2026, 12, 3), date(2026, 12, 24), date(2026, 12, 28)),  # julafton only in Sweden
    ],
)
def test_three_weeks_end_on_the_day_that_each_country_says(
    notified_on: date, norway: date, sweden: date
) -> None:
    assert period("NO", notified_on).on == norway
    assert period("SE", notified_on).on == sweden


def test_a_legality_review_runs_three_weeks_from_the_notice_board() -> None:
    assert period("SE", date(2024, 6, 20), "legality_review_window").on == date(2024, 7, 11)


def test_two_parties_notified_on_two_days_have_two_last_days() -> None:
    assert period("NO", date(2026, 9, 1)).on == date(2026, 9, 22)
    assert period("NO", date(2026, 9, 4)).on == date(2026, 9, 25)


def test_the_explanation_names_the_holidays_passed_over() -> None:
    steps = period("NO", date(2026, 3, 12)).steps
    names = [step.args[0] for step in steps if step.code is StepCode.HOLIDAY]
    assert names == ["Skjærtorsdag", "Langfredag", "Første påskedag", "Andre påskedag"]
    assert steps[0].code is StepCode.NOT_COUNTED
    assert steps[-1].on == date(2026, 4, 7)


# The last day is Tuesday 22 September 2026; it ends at 22:00 UTC in both countries.
LAST = period("NO", date(2026, 9, 1))
END = datetime(2026, 9, 22, 22, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_last_second_of_the_last_day_is_in_time_and_the_next_is_not() -> None:
    assert LAST.at == END
    for profile in (NO, SE):
        at = is_timely(profile=profile, period=LAST, sent_at=None, received_at=END - SECOND)
        assert at.in_time is True
        late = is_timely(profile=profile, period=LAST, sent_at=None, received_at=END)
        assert late.in_time is False


def test_sent_in_time_and_received_late_is_in_time_in_norway_and_late_in_sweden() -> None:
    sent, received = END - timedelta(minutes=3), END + timedelta(minutes=27)
    norway = is_timely(profile=NO, period=LAST, sent_at=sent, received_at=received)
    sweden = is_timely(profile=SE, period=LAST, sent_at=sent, received_at=received)
    assert (norway.in_time, norway.reason) == (True, TimelinessReason.SENT_IN_TIME)
    assert norway.paragraph == "forvaltningsloven § 30"
    assert (sweden.in_time, sweden.reason) == (False, TimelinessReason.RECEIVED_LATE)


def test_an_appeal_sent_at_midnight_is_sent_the_day_after() -> None:
    found = is_timely(profile=NO, period=LAST, sent_at=END, received_at=None)
    assert (found.in_time, found.reason) == (False, TimelinessReason.SENT_LATE)
    in_time = is_timely(profile=NO, period=LAST, sent_at=END - SECOND, received_at=None)
    assert in_time.in_time is True


def test_a_late_appeal_always_comes_with_what_a_person_must_weigh() -> None:
    norway = is_timely(profile=NO, period=LAST, sent_at=None, received_at=END + SECOND)
    assert Consider.EXCUSE_OR_SPECIAL_REASONS in norway.consider
    assert Consider.ASK_FOR_PROOF_OF_SENDING in norway.consider
    sweden = is_timely(profile=SE, period=LAST, sent_at=None, received_at=END + SECOND)
    assert Consider.FAULTY_APPEAL_INFORMATION in sweden.consider


def test_after_a_year_a_norwegian_appeal_is_flagged_and_still_left_to_a_person() -> None:
    decided_on = date(2026, 8, 31)
    year = due_on(rule(NO, "appeal_absolute_limit", decided_on), decided_on, NO)
    found = is_timely(
        profile=NO,
        period=LAST,
        sent_at=None,
        received_at=datetime(2027, 9, 1, 8, 0, tzinfo=UTC),
        absolute_limit=year,
    )
    assert Consider.ABSOLUTE_LIMIT_PASSED in found.consider
    assert Consider.EXCUSE_OR_SPECIAL_REASONS not in found.consider


def test_a_swedish_appeal_that_reached_the_court_in_time_is_not_late() -> None:
    found = is_timely(
        profile=SE,
        period=LAST,
        sent_at=None,
        received_at=END + timedelta(days=2),
        received_by_appeal_body_at=END - SECOND,
    )
    assert (found.in_time, found.paragraph) == (True, "FL 45 §")


def test_a_legality_review_sent_to_the_municipality_is_not_received_by_the_court() -> None:
    found = is_timely(
        profile=SE,
        period=LAST,
        sent_at=None,
        received_at=END - timedelta(days=2),
        regime=Regime.LEGALITY_REVIEW,
    )
    assert (found.in_time, found.reason) == (None, TimelinessReason.NOT_RECEIVED_BY_COURT)
    assert found.consider == (Consider.FORWARD_TO_COURT,)


def test_a_legality_review_is_tried_by_its_arrival_at_the_court() -> None:
    for moment, answer in ((END - SECOND, True), (END, False)):
        found = is_timely(
            profile=SE,
            period=LAST,
            sent_at=None,
            received_at=None,
            regime=Regime.LEGALITY_REVIEW,
            received_by_appeal_body_at=moment,
        )
        assert found.in_time is answer


def test_without_any_time_nothing_is_claimed() -> None:
    for profile in (NO, SE):
        found = is_timely(profile=profile, period=LAST, sent_at=None, received_at=None)
        assert (found.in_time, found.reason) == (None, TimelinessReason.TIME_UNKNOWN)
