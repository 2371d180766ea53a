from __future__ import annotations

import json
from datetime import date

import pytest

from lib import workdays
from lib.workdays import Country, StepCode

# Easter Sunday: 20 April 2025, 5 April 2026, 28 March 2027.


@pytest.mark.parametrize(
    ("day", "country", "name"),
    [
        (date(2026, 4, 2), "NO", "Skjærtorsdag"),
        (date(2026, 5, 17), "NO", "Grunnlovsdag"),
        (date(2026, 5, 25), "NO", "Andre pinsedag"),
        (date(2026, 1, 6), "SE", "Trettondedag jul"),
        (date(2026, 6, 6), "SE", "Nationaldagen"),
        (date(2026, 6, 19), "SE", "Midsommarafton"),
        (date(2026, 6, 20), "SE", "Midsommardagen"),
        (date(2026, 10, 31), "SE", "Alla helgons dag"),
        (date(2026, 12, 24), "SE", "Julafton"),
        (date(2026, 12, 31), "SE", "Nyårsafton"),
    ],
)
def test_a_holiday_has_its_name_in_the_language_of_its_country(
    day: date, country: Country, name: str
) -> None:
    assert workdays.is_holiday(day, country) == name
    assert not workdays.is_workday(day, country)


@pytest.mark.parametrize(
    ("day", "country"),
    [
        (date(2026, 12, 24), "NO"),
        (date(2026, 12, 31), "NO"),
        (date(2026, 4, 1), "NO"),  # the Wednesday before Maundy Thursday
        (date(2026, 1, 6), "NO"),
        (date(2026, 6, 19), "NO"),
        (date(2026, 4, 2), "SE"),  # Maundy Thursday
        (date(2026, 1, 5), "SE"),
        (date(2026, 4, 30), "SE"),
        (date(2027, 5, 17), "SE"),  # Whit Monday 2027, and 17 May
        (date(2026, 5, 15), "SE"),  # a bridge day
    ],
)
def test_days_off_by_custom_or_abroad_are_ordinary_working_days(
    day: date, country: Country
) -> None:
    assert workdays.is_workday(day, country)


def test_a_common_sunday_is_no_holiday_but_no_working_day_either() -> None:
    for country in ("NO", "SE"):
        assert workdays.is_holiday(date(2026, 3, 15), country) is None
        assert not workdays.is_workday(date(2026, 3, 15), country)


def test_midsummer_eve_is_the_friday_from_the_19th_to_the_25th_in_every_year() -> None:
    for year, day in ((2020, 19), (2021, 25), (2025, 20), (2027, 25), (2031, 20)):
        assert workdays.is_holiday(date(year, 6, day), "SE") == "Midsommarafton"


def test_five_working_days_over_easter_end_on_wednesday_after_it() -> None:
    # Received Friday 27 March 2026: 30, 31 March, 1 April, 7 and 8 April.
    counted = workdays.add_workdays(date(2026, 3, 27), 5, "NO")
    assert counted.day == date(2026, 4, 8)
    assert [(step.code, step.on.day) for step in counted.steps] == [
        (StepCode.SATURDAY, 28),
        (StepCode.SUNDAY, 29),
        (StepCode.HOLIDAY, 2),
        (StepCode.HOLIDAY, 3),
        (StepCode.SATURDAY, 4),
        (StepCode.HOLIDAY, 5),
        (StepCode.HOLIDAY, 6),
        (StepCode.COUNTED, 8),
    ]
    assert counted.steps[2].args == ("Skjærtorsdag",)


def test_the_same_five_days_are_one_shorter_in_sweden_where_maundy_thursday_is_ordinary() -> None:
    assert workdays.add_workdays(date(2026, 3, 27), 5, "SE").day == date(2026, 4, 7)


def test_no_working_day_at_all_means_today_or_the_first_working_day() -> None:
    assert workdays.add_workdays(date(2026, 3, 13), 0, "SE").day == date(2026, 3, 13)
    assert workdays.add_workdays(date(2026, 3, 14), 0, "SE").day == date(2026, 3, 16)


def test_the_day_of_receipt_is_not_counted_even_on_a_saturday() -> None:
    assert workdays.add_workdays(date(2026, 3, 14), 1, "NO").day == date(2026, 3, 16)


def test_christmas_is_walked_over_differently_in_the_two_countries() -> None:
    # Wednesday 23 December 2026; 25 and 26 December are a Friday and a Saturday.
    assert workdays.next_workday(date(2026, 12, 23), "NO").day == date(2026, 12, 24)
    assert workdays.next_workday(date(2026, 12, 23), "SE").day == date(2026, 12, 28)
    assert workdays.next_workday(date(2026, 12, 30), "NO").day == date(2026, 12, 31)
    assert workdays.next_workday(date(2026, 12, 30), "SE").day == date(2027, 1, 4)


def test_a_month_ends_on_the_same_number_or_on_the_last_day() -> None:
    assert workdays.add_months(date(2026, 1, 15), 1, "NO").day == date(2026, 2, 15)
    short = workdays.add_months(date(2026, 1, 31), 1, "NO")
    assert short.day == date(2026, 2, 28)
    assert short.steps[0].code is StepCode.SHORT_MONTH
    assert short.steps[0].args == ("31",)
    assert workdays.add_months(date(2028, 1, 31), 1, "SE").day == date(2028, 2, 29)
    assert workdays.add_months(date(2026, 11, 30), 3, "SE").day == date(2027, 2, 28)
    assert workdays.add_months(date(2026, 12, 31), 12, "NO").day == date(2027, 12, 31)


def test_a_month_to_a_saturday_ends_after_it_for_a_party_and_before_it_for_the_organ() -> None:
    saturday = workdays.add_months(date(2026, 1, 31), 1, "NO").day
    assert workdays.roll_forward(saturday, "NO").day == date(2026, 3, 2)
    assert workdays.roll_back(saturday, "NO").day == date(2026, 2, 27)


def test_a_week_ends_on_the_weekday_of_the_same_name_over_a_change_of_clocks() -> None:
    # Clocks change on 29 March and 25 October 2026.
    assert workdays.add_weeks(date(2026, 3, 24), 1, "SE").day == date(2026, 3, 31)
    assert workdays.add_weeks(date(2026, 10, 20), 3, "NO").day == date(2026, 11, 10)


def test_a_working_day_is_not_rolled_and_needs_no_explanation() -> None:
    for roll in (workdays.roll_forward, workdays.roll_back):
        assert roll(date(2026, 3, 12), "NO") == workdays.Counted(date(2026, 3, 12))


def test_rolling_says_from_where_and_over_what() -> None:
    rolled = workdays.roll_forward(date(2026, 6, 19), "SE")
    assert rolled.day == date(2026, 6, 22)
    assert [step.args for step in rolled.steps] == [
        ("Midsommarafton",),
        ("Midsommardagen",),
        (),
        ("2026-06-19",),
    ]


def test_a_negative_period_is_an_error() -> None:
    for add in (
        workdays.add_days,
        workdays.add_workdays,
        workdays.add_weeks,
        workdays.add_months,
    ):
        with pytest.raises(ValueError, match="negative"):
            add(date(2026, 1, 1), -1, "NO")


def test_steps_survive_json() -> None:
    steps = workdays.add_workdays(date(2026, 3, 27), 5, "NO").steps
    data = json.loads(json.dumps(workdays.steps_to_data(steps)))
    assert workdays.steps_from_data(data) == steps


def test_something_else_than_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="args"):
        workdays.steps_from_data([{"code": "saturday", "on": "2026-03-28", "args": "x"}])
