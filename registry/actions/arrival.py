"""What runs from the arrival of a message until a person has decided on it."""

from __future__ import annotations

from datetime import datetime

from accounts.queries import municipality
from lib import rows
from lib.jurisdictions import profile_for
from registry import queries
from registry.actions.deadlines import deadline, end_deadlines
from registry.actions.refusals import refusal
from registry.models import Deadline
from registry.models.deadline import DeadlineState
from registry.rules.deadlines import ACKNOWLEDGEMENT, REGISTRATION, deadlines_for_arrival


def start_arrival_deadlines(
    *, message_number: str, received_at: datetime, is_acknowledged: bool
) -> None:
    """Start the deadlines of a message that has arrived, in the caller's transaction.

    Registration has one in any case; the acknowledgement only if one is owed. What runs or has run
    already is left as it is, so a second call adds nothing. Raises Refused ("no_municipality").
    """
    body = municipality()
    if body is None:
        raise refusal("no_municipality")
    profile = profile_for(body.profile)
    planned = deadlines_for_arrival(
        received_at=received_at,
        profile=profile,
        overrides=queries.own_rules(profile),
        closed=queries.closed_days(),
    )
    rows.insert_missing(
        [
            deadline(each, starts_at=received_at, message_number=message_number)
            for each in planned
            if is_acknowledged or each.key != ACKNOWLEDGEMENT
        ]
    )


def end_registration_deadlines(*, message_number: str, at: datetime) -> None:
    """The message was decided on and is not registered: nothing has to be."""
    end_deadlines(
        state=DeadlineState.CANCELLED, at=at, kinds=REGISTRATION, message_number=message_number
    )


def reopen_registration_deadlines(*, message_number: str) -> None:
    """The message waits again, from its arrival as before."""
    Deadline.objects.filter(
        message_number=message_number, kind__in=REGISTRATION, entry=None
    ).update(state=DeadlineState.OPEN, ended_at=None)
