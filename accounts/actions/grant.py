"""Give a person a role, and withdraw it; the trace stays."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import RoleGrant, Unit, User
from accounts.rules.roles import Role
from ledger.actions.record import record


def grant_role(*, user: User, role: Role, unit: Unit | None, by: str, at: datetime) -> RoleGrant:
    """Give the role; one that the person holds already is left as it is."""
    with transaction.atomic():
        standing = RoleGrant.objects.filter(
            user=user, role=role, unit=unit, withdrawn_at=None
        ).first()
        if standing is not None:
            return standing
        made = RoleGrant.objects.create(
            user=user, role=role, unit=unit, granted_at=at, granted_by=by
        )
        record(verb="accounts.role_granted", subject=user.actor, by=by, at=at, reason=role.value)
    return made


def withdraw_role(*, grant_id: int, by: str, at: datetime) -> None:
    """End a role that stands; one that has ended is left as it is."""
    with transaction.atomic():
        held = RoleGrant.objects.select_for_update().get(pk=grant_id)
        if held.withdrawn_at is not None:
            return
        held.withdrawn_at = at
        held.withdrawn_by = by
        held.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record(
            verb="accounts.role_withdrawn",
            subject=f"user:{held.user_id}",
            by=by,
            at=at,
            reason=held.role,
        )
