"""Give waiting messages to a unit, or to a person who triages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries import people_who_may, units_in_use
from accounts.rules.roles import Task
from intake.models import Message
from intake.queries import WAITING
from intake.rules.placing import UnitReason
from ledger.actions.record import record
from lib.refusal import Refused
from outbox.actions.notify import notify_person

_MOST_NAMED = 5


def assign_messages(
    *,
    message_ids: Sequence[int],
    unit_id: int | None,
    assignee_id: int | None,
    by: str,
    at: datetime,
) -> int:
    """Give messages to a unit, to a person, or both (None leaves as it is); how many were given.

    The unit is what registering proposes from then on. What is dealt with already is passed over.
    The person is told once, by the numbers of the messages alone.
    Raises Refused ("nobody_named", "no_such_unit", "no_such_person").
    """
    if unit_id is None and assignee_id is None:
        raise Refused("nobody_named", _("Choose a unit or a person to give it to."))
    if unit_id is not None and unit_id not in {each.pk for each in units_in_use()}:
        raise Refused("no_such_unit", _("There is no such unit, or it is not in use."))
    if assignee_id is not None and assignee_id not in {
        each.pk for each in people_who_may(Task.TRIAGE)
    }:
        raise Refused("no_such_person", _("This person does not work with the queue."))
    given: list[str] = []
    with transaction.atomic():
        for message in (
            Message.objects.select_for_update()
            .filter(pk__in=message_ids, state__in=WAITING)
            .defer("text", "html")
            .order_by("pk")
        ):
            if unit_id is not None:
                message.unit_id = unit_id
                message.unit_reason = UnitReason.ASSIGNED
            if assignee_id is not None:
                message.assignee_id = assignee_id
            message.save(update_fields=["unit", "unit_reason", "assignee"])
            record(
                verb="intake.message_assigned",
                subject=f"message:{message.pk}",
                by=by,
                at=at,
                unit=unit_id,
                person=assignee_id,
            )
            given.append(message.number)
        if given and assignee_id is not None:
            more = " …" if len(given) > _MOST_NAMED else ""
            about = ", ".join(given[:_MOST_NAMED]) + more
            notify_person(user_id=assignee_id, kind="assigned", about=about, by=by, at=at)
    return len(given)
