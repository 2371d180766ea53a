"""Say when a person is away and who stands in, and take it back."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Absence, User
from accounts.rules.absence import closes_a_ring
from ledger.actions.record import record
from lib.refusal import Refused

_LOCK = 0x6B70_0002  # absences are weighed against each other, one at a time
_SENTENCES = {
    "no_such_person": _("There is no such person, or the person may not sign in."),
    "ends_before_it_begins": _("The last day is before the first."),
    "is_over": _("These days are over."),
    "stands_in_for_oneself": _("Nobody stands in for oneself."),
    "overlaps": _("The person is away on some of these days already."),
    "comes_back": _("The work would come back: the one chosen is away then, and hands it on."),
    "no_such_absence": _("There is no such absence, or it has been taken back."),
}


@transaction.atomic
def set_absence(
    *,
    user_id: int,
    delegate_id: int,
    from_on: date,
    to_on: date,
    today: date,
    by: str,
    at: datetime,
) -> Absence:
    """The person is away from the one local date to the other, and the delegate stands in.

    Raises Refused: "no_such_person", "ends_before_it_begins", "is_over", "stands_in_for_oneself",
    "overlaps", "comes_back".
    """
    people = User.objects.select_for_update().filter(pk__in=[user_id, delegate_id], is_active=True)
    _check(len(people.order_by("pk")), user_id, delegate_id, from_on, to_on, today)
    _one_at_a_time()
    others = Absence.objects.filter(
        from_on__lte=to_on, to_on__gte=from_on, withdrawn_at=None
    ).values_list("user", "delegate")
    if any(user == user_id for user, _delegate in others):
        raise _refused("overlaps")
    if closes_a_ring(user_id, delegate_id, others):
        raise _refused("comes_back")
    made = Absence.objects.create(
        user_id=user_id,
        delegate_id=delegate_id,
        from_on=from_on,
        to_on=to_on,
        made_at=at,
        made_by=by,
    )
    record(
        verb="accounts.absence_set",
        subject=f"user:{user_id}",
        by=by,
        at=at,
        absence=made.pk,
        delegate=delegate_id,
        from_on=from_on.isoformat(),
        to_on=to_on.isoformat(),
    )
    return made


@transaction.atomic
def withdraw_absence(*, absence_id: int, by: str, at: datetime) -> Absence:
    """The person is here after all. Raises Refused ("no_such_absence")."""
    found = Absence.objects.select_for_update().filter(pk=absence_id, withdrawn_at=None).first()
    if found is None:
        raise _refused("no_such_absence")
    found.withdrawn_at, found.withdrawn_by = at, by
    found.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        verb="accounts.absence_withdrawn",
        subject=f"user:{found.user_id}",
        by=by,
        at=at,
        absence=found.pk,
    )
    return found


def _check(
    found: int, user_id: int, delegate_id: int, from_on: date, to_on: date, today: date
) -> None:
    if user_id == delegate_id:
        raise _refused("stands_in_for_oneself")
    if found != 2:
        raise _refused("no_such_person")
    if to_on < from_on:
        raise _refused("ends_before_it_begins")
    if to_on < today:
        raise _refused("is_over")


def _one_at_a_time() -> None:
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _refused(code: str) -> Refused:
    return Refused(code, _SENTENCES[code])
