from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from lib.jurisdictions import profile_for, rule
from registry.rules.deadlines import deadlines_for_arrival, deadlines_for_incoming

NO, SE = profile_for("NO"), profile_for("SE")
# Friday 27 March 2026, 10:00 local; Easter follows.
FRIDAY = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)


def test_a_norwegian_inquiry_gets_an_interim_reply_date_with_two_warnings_before() -> None:
    planned = {
        each.key: each
        for each in deadlines_for_incoming(received_at=FRIDAY, profile=NO, needs_answer=True)
    }
    assert set(planned) == {"answer", "interim_reply"}
    interim = planned["interim_reply"]
    assert interim.due.on == date(2026, 4, 27)
    # 21 and 28 days: 17 April (Friday) and 24 April (Friday).
    assert interim.warn_on == (date(2026, 4, 17), date(2026, 4, 24))
    assert interim.rule.paragraph.startswith("forvaltningsloven § 11 a")


def test_a_swedish_inquiry_is_to_be_answered_within_three_working_days() -> None:
    planned = deadlines_for_incoming(received_at=FRIDAY, profile=SE, needs_answer=True)
    assert [(each.key, each.due.on) for each in planned] == [("answer", date(2026, 4, 1))]


def test_an_access_request_has_its_own_clocks() -> None:
    norway = deadlines_for_incoming(
        received_at=FRIDAY, profile=NO, needs_answer=True, is_access_request=True
    )
    assert [(each.key, each.due.on) for each in norway] == [
        ("access_request_target", date(2026, 4, 1)),
        ("access_request_hard", date(2026, 4, 8)),
    ]
    sweden = deadlines_for_incoming(
        received_at=FRIDAY, profile=SE, needs_answer=True, is_access_request=True
    )
    assert [each.due.on for each in sweden] == [date(2026, 3, 27), date(2026, 3, 31)]


def test_what_needs_no_answer_gets_no_deadline() -> None:
    assert deadlines_for_incoming(received_at=FRIDAY, profile=NO, needs_answer=False) == ()


def test_the_receipt_is_due_on_saturday_in_norway_and_on_monday_in_sweden() -> None:
    norway = deadlines_for_arrival(received_at=FRIDAY, profile=NO)
    assert [(each.key, each.due.on) for each in norway] == [
        ("acknowledgement", date(2026, 3, 28)),
        ("registration_target", date(2026, 3, 30)),
        ("registration_alarm", date(2026, 4, 1)),
    ]
    sweden = deadlines_for_arrival(received_at=FRIDAY, profile=SE)
    assert [each.due.on for each in sweden] == [
        date(2026, 3, 30),
        date(2026, 3, 27),
        date(2026, 3, 30),
    ]


def test_the_municipalitys_own_number_is_used_and_kept_with_the_deadline() -> None:
    own = replace(rule(SE, "answer", FRIDAY.date()), number=1, note="vårt löfte")
    (planned,) = deadlines_for_incoming(
        received_at=FRIDAY, profile=SE, needs_answer=True, overrides=[own]
    )
    assert planned.due.on == date(2026, 3, 30)
    assert planned.rule.note == "vårt löfte"


def test_a_reminder_that_would_not_come_before_the_last_day_is_none() -> None:
    # Saturday 31 January 2026: the month ends on Saturday 28 February, planned on Friday the 27th.
    # 21 days: Saturday the 21st, so Friday the 20th; 28 days: Saturday, so the last day itself.
    saturday = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
    planned = deadlines_for_incoming(received_at=saturday, profile=NO, needs_answer=True)
    interim = next(each for each in planned if each.key == "interim_reply")
    assert interim.due.on == date(2026, 2, 27)
    assert interim.warn_on == (date(2026, 2, 20),)
