"""When a deadline that nobody has touched goes to the unit's leader."""

from __future__ import annotations

from datetime import date, timedelta

from lib.workdays import NONE_CLOSED, Closed, Country, is_workday

# What the unit owes somebody outside. Receipts and registration have alarms of their own, and a
# party's time is the party's.
ESCALATES = (
    "answer",
    "interim_reply",
    "interim_reply_promised",
    "access_request_target",
    "access_request_hard",
)


def escalates_until(today: date, days: int, country: Country, closed: Closed = NONE_CLOSED) -> date:
    """The last last day that the leader hears of today: `days` working days ahead.

    With 0 that is today itself. Free days after it come along, for nobody works on those.
    """
    day = today
    left = days
    while True:
        following = day + timedelta(days=1)
        if is_workday(following, country, closed):
            if left == 0:
                return day
            left -= 1
        day = following
