from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from lib.jurisdictions import (
    NoRuleError,
    Roll,
    Rule,
    RuleKind,
    Unit,
    due,
    due_on,
    profile_for,
    rule,
    rules_for,
)
from lib.workdays import Country, StepCode

NO, SE = profile_for("NO"), profile_for("SE")
DAY = date(2026, 3, 12)

KEYS = {
    "acknowledgement",
    "registration_target",
    "registration_alarm",
    "mailbox_check",
    "answer",
    "access_request_target",
    "access_request_hard",
    "appeal_window",
    "correction",
    "missing_information",
    "decision_unopened_repeat",
}


def test_both_countries_know_every_common_rule_today() -> None:
    for profile in (NO, SE):
        for key in KEYS:
            assert rule(profile, key, DAY).paragraph


def test_only_norway_has_a_number_for_the_interim_reply() -> None:
    found = rule(NO, "interim_reply", DAY)
    assert (found.number, found.unit, found.roll) == (1, Unit.MONTHS, Roll.BACK)
    with pytest.raises(NoRuleError):
        rule(SE, "interim_reply", DAY)


@pytest.mark.parametrize(
    ("country", "key", "number", "unit"),
    [
        ("NO", "acknowledgement", 1, Unit.CALENDAR_DAYS),
        ("NO", "access_request_hard", 5, Unit.WORKDAYS),
        ("NO", "appeal_window", 3, Unit.WEEKS),
        ("NO", "decision_unopened_repeat", 7, Unit.CALENDAR_DAYS),
        ("SE", "acknowledgement", 1, Unit.WORKDAYS),
        ("SE", "answer", 3, Unit.WORKDAYS),
        ("SE", "access_request_hard", 2, Unit.WORKDAYS),
        ("SE", "appeal_window", 3, Unit.WEEKS),
        ("SE", "delay_request", 6, Unit.MONTHS),
        ("SE", "delay_reply", 4, Unit.WEEKS),
    ],
)
def test_the_numbers_of_the_law_are_these(
    country: Country, key: str, number: int, unit: Unit
) -> None:
    found = rule(profile_for(country), key, DAY)
    assert (found.number, found.unit) == (number, unit)


def test_an_acknowledgement_is_law_in_norway_and_a_service_in_sweden() -> None:
    assert rule(NO, "acknowledgement", DAY).kind is RuleKind.STATUTE
    assert rule(SE, "acknowledgement", DAY).kind is RuleKind.SERVICE


def test_a_new_act_takes_over_on_its_day() -> None:
    old = rule(NO, "registration_target", date(2025, 12, 31))
    new = rule(NO, "registration_target", date(2026, 1, 1))
    assert old.paragraph == "arkivforskriften 2017 § 9"
    assert new.paragraph == "arkivforskrifta 2025 § 15"


def test_no_two_shipped_rules_hold_for_the_same_thing_on_one_day() -> None:
    for country in ("NO", "SE"):
        by_key: dict[str, list[Rule]] = defaultdict(list)
        for each in rules_for(country):
            by_key[each.key].append(each)
        for same in by_key.values():
            same.sort(key=lambda each: each.valid_from)
            for earlier, later in pairwise(same):
                assert earlier.valid_to is not None
                assert earlier.valid_to < later.valid_from


def test_a_municipality_overrides_a_number_from_a_day_to_a_day() -> None:
    shipped = rule(SE, "answer", DAY)
    own = replace(shipped, number=2, valid_from=date(2026, 3, 1), valid_to=date(2026, 3, 31))
    assert rule(SE, "answer", date(2026, 2, 28), [own]) == shipped
    assert rule(SE, "answer", date(2026, 3, 1), [own]) == own
    assert rule(SE, "answer", date(2026, 3, 31), [own]) == own
    assert rule(SE, "answer", date(2026, 4, 1), [own]) == shipped


def test_the_newest_of_several_overrides_wins() -> None:
    shipped = rule(SE, "answer", DAY)
    first = replace(shipped, number=5, valid_from=date(2025, 1, 1))
    second = replace(shipped, number=2, valid_from=date(2026, 1, 1))
    assert rule(SE, "answer", DAY, [second, first]).number == 2


def test_an_acknowledgement_is_due_the_next_day_even_on_a_sunday() -> None:
    found = rule(NO, "acknowledgement", DAY)
    # Saturday 14 March 2026 at 09:00 in Oslo.
    planned = due(found, datetime(2026, 3, 14, 8, 0, tzinfo=UTC), NO)
    assert planned.on == date(2026, 3, 15)
    assert planned.at == datetime(2026, 3, 15, 23, 0, tzinfo=UTC)


def test_mail_before_midnight_local_belongs_to_the_old_day_and_after_it_to_the_new() -> None:
    found = rule(NO, "acknowledgement", DAY)
    before = due(found, datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC), NO)  # 23:59:59
    after = due(found, datetime(2026, 7, 1, 22, 0, 0, tzinfo=UTC), NO)  # 00:00 on 2 July
    assert before.on == date(2026, 7, 2)
    assert after.on == date(2026, 7, 3)


def test_a_day_ends_at_local_midnight_on_both_sides_of_a_change_of_clocks() -> None:
    week = rule(NO, "decision_unopened_repeat", DAY)
    # 25 March to 1 April 2026: clocks go forward on the 29th, so seven days less one hour.
    start = datetime(2026, 3, 24, 23, 0, tzinfo=UTC)  # 00:00 on the 25th
    spring = due(week, start, NO)
    assert spring.on == date(2026, 4, 1)
    assert spring.at == datetime(2026, 4, 1, 22, 0, tzinfo=UTC)
    assert spring.at - start == timedelta(days=8) - timedelta(hours=1)
    # 21 to 28 October 2026: clocks go back on the 25th.
    autumn = due(week, datetime(2026, 10, 21, 10, 0, tzinfo=UTC), NO)
    assert autumn.at == datetime(2026, 10, 28, 23, 0, tzinfo=UTC)


def test_a_month_that_ends_on_a_saturday_is_planned_on_the_friday_before() -> None:
    found = rule(NO, "interim_reply", DAY)
    planned = due(found, datetime(2026, 1, 31, 12, 0, tzinfo=UTC), NO)
    assert planned.on == date(2026, 2, 27)
    assert [step.code for step in planned.steps] == [
        StepCode.RECEIVED,
        StepCode.NOT_COUNTED,
        StepCode.SHORT_MONTH,
        StepCode.COUNTED,
        StepCode.SATURDAY,
        StepCode.ROLLED_BACK,
        StepCode.ENDS,
    ]
    assert planned.steps[0].args == ("13:00",)


def test_an_own_duty_never_ends_before_it_began() -> None:
    short = Rule(
        key="x",
        number=1,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.BACK,
        paragraph="p",
        note="",
        valid_from=date(2000, 1, 1),
        kind=RuleKind.SERVICE,
    )
    # Good Friday 2026 plus one day: the working day before is Wednesday.
    assert due_on(short, date(2026, 4, 3), NO).on == date(2026, 4, 4)


def test_hours_run_by_the_clock_and_weekends_count() -> None:
    breach = Rule(
        key="gdpr_breach",
        number=72,
        unit=Unit.HOURS,
        roll=Roll.NONE,
        paragraph="GDPR art. 33",
        note="",
        valid_from=date(2018, 5, 25),
        kind=RuleKind.STATUTE,
    )
    planned = due(breach, datetime(2026, 3, 27, 12, 0, tzinfo=UTC), SE)
    assert planned.at == datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
    assert planned.steps[-1].args == ("14:00",)  # summer time since the 29th
    with pytest.raises(ValueError, match="instant"):
        due_on(breach, DAY, SE)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        due(rule(NO, "acknowledgement", DAY), datetime(2026, 3, 12, 12, 0), NO)  # noqa: DTZ001
