from __future__ import annotations

from datetime import date

import pytest

from registry.rules.board import Age, Group, age_of, group_of, series_of
from registry.rules.escalation import escalates_until

WEDNESDAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("due_on", "group"),
    [
        (date(2026, 3, 3), Group.OVERDUE),
        (date(2026, 3, 4), Group.SOON),
        (date(2026, 3, 5), Group.SOON),
        (date(2026, 3, 6), Group.WEEK),
        (date(2026, 3, 8), Group.WEEK),  # Sunday
        (date(2026, 3, 9), Group.LATER),
    ],
)
def test_the_board_has_four_headings(due_on: date, group: Group) -> None:
    assert group_of(due_on, WEDNESDAY) == group


def test_on_a_sunday_tomorrow_is_monday_and_the_week_is_over() -> None:
    sunday = date(2026, 3, 8)
    assert group_of(date(2026, 3, 9), sunday) == Group.SOON
    assert group_of(date(2026, 3, 10), sunday) == Group.LATER


def test_ages_and_series() -> None:
    assert [age_of(date(2026, 3, 4), date(2026, 3, n)) for n in (4, 10, 11, 31)] == [
        Age.DAYS,
        Age.DAYS,
        Age.WEEKS,
        Age.WEEKS,
    ]
    assert age_of(date(2026, 3, 4), date(2026, 4, 1)) == Age.MONTHS
    assert age_of(date(2026, 1, 1), date(2026, 4, 1)) == Age.OLDER
    assert series_of("interim_reply") == series_of("answer")
    assert series_of("missing_information") == "other"


def test_the_leader_hears_a_working_day_before_over_easter_too() -> None:
    # Wednesday 1 April 2026: in Norway the next working day is Tuesday 7 April, after Maundy
    # Thursday, Good Friday, the weekend and Easter Monday.
    wednesday = date(2026, 4, 1)
    assert escalates_until(wednesday, 1, "NO") == date(2026, 4, 7)
    assert escalates_until(wednesday, 0, "NO") == date(2026, 4, 6)
    # In Sweden Maundy Thursday is ordinary: with one day ahead, Thursday and the free days after.
    assert escalates_until(wednesday, 1, "SE") == date(2026, 4, 6)
    assert escalates_until(wednesday, 1, "NO", {date(2026, 4, 7): "Stengt"}) == date(2026, 4, 8)
