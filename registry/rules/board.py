"""How the deadlines board groups what runs, and how old what waits is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum


class Group(StrEnum):
    """A heading of the board, in its order."""

    OVERDUE = "overdue"
    SOON = "soon"  # today and tomorrow
    WEEK = "week"  # the rest of this week, to Sunday
    LATER = "later"


def group_of(due_on: date, today: date) -> Group:
    """Under which heading a last day stands."""
    if due_on < today:
        return Group.OVERDUE
    if due_on <= today + timedelta(days=1):
        return Group.SOON
    if due_on <= today + timedelta(days=6 - today.weekday()):
        return Group.WEEK
    return Group.LATER


class Series(StrEnum):
    """What the picture of the load tells apart; four patterns are as many as one can."""

    ARRIVAL = "arrival"
    ANSWER = "answer"
    ACCESS_REQUEST = "access_request"
    OTHER = "other"


_SERIES: Mapping[str, Series] = {
    "acknowledgement": Series.ARRIVAL,
    "registration_target": Series.ARRIVAL,
    "registration_alarm": Series.ARRIVAL,
    "answer": Series.ANSWER,
    "interim_reply": Series.ANSWER,
    "interim_reply_promised": Series.ANSWER,
    "access_request_target": Series.ACCESS_REQUEST,
    "access_request_hard": Series.ACCESS_REQUEST,
}


def series_of(kind: str) -> Series:
    """The series of the picture that a deadline of this kind belongs to."""
    return _SERIES.get(kind, Series.OTHER)


class Age(StrEnum):
    """How long something has waited."""

    DAYS = "days"  # less than a week
    WEEKS = "weeks"  # less than four weeks
    MONTHS = "months"  # less than three months
    OLDER = "older"


def age_of(since: date, today: date) -> Age:
    """How old what waits since that day is: under 7, 28 and 90 days, or more."""
    days = (today - since).days
    if days < 7:
        return Age.DAYS
    if days < 28:
        return Age.WEEKS
    return Age.MONTHS if days < 90 else Age.OLDER
