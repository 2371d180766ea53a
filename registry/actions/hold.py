"""Place and release a hold: while one stands, its case is neither closed, voided nor weeded."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from registry.actions.refusals import refusal
from registry.models import Case, Entry, Hold


@transaction.atomic
def place_hold(
    *, case_id: int, reason: str, by: str, at: datetime, entry_id: int | None = None
) -> Hold:
    """Place a hold on a case, or on account of one entry of it.

    Raises Refused: "no_such_case", "no_such_entry", "reason_missing", "reason_too_long".
    """
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise refusal("no_such_case")
    if entry_id is not None and not Entry.objects.filter(pk=entry_id, case=case).exists():
        raise refusal("no_such_entry")
    if not reason.strip():
        raise refusal("reason_missing")
    if len(reason) > 200:
        raise refusal("reason_too_long")
    hold = Hold.objects.create(
        case=case, entry_id=entry_id, reason=reason.strip(), placed_at=at, placed_by=by
    )
    record(
        verb="registry.hold_placed",
        subject=f"hold:{hold.pk}",
        by=by,
        at=at,
        case=case_id,
        entry=entry_id,
    )
    return hold


@transaction.atomic
def release_hold(*, hold_id: int, by: str, at: datetime) -> Hold:
    """Release a hold. Raises Refused ("already_released"), also when there is no such hold."""
    hold = Hold.objects.select_for_update().filter(pk=hold_id, released_at=None).first()
    if hold is None:
        raise refusal("already_released")
    hold.released_at = at
    hold.released_by = by
    hold.save(update_fields=["released_at", "released_by"])
    record(verb="registry.hold_released", subject=f"hold:{hold.pk}", by=by, at=at)
    return hold
