"""Give a person a role, and withdraw it; the trace stays."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import RoleGrant, Unit, User
from accounts.rules.roles import Role
from ledger.actions.record import record


def grant_role(*, user: User, role: Role, unit: Unit | None, by: str, at: datetime) -> RoleGrant:
    """Give the role; one that the person holds already is left as it is.

    Who administers the whole municipality may use the administration, as long as the role is held.
    """
    with transaction.atomic():
        standing = RoleGrant.objects.filter(
            user=user, role=role, unit=unit, withdrawn_at=None
        ).first()
        if standing is not None:
            return standing
        made = RoleGrant.objects.create(
            user=user, role=role, unit=unit, granted_at=at, granted_by=by
        )
        if role is Role.ADMINISTRATOR and unit is None:
            _may_use_the_administration(user.pk, allowed=True)
        record(
            verb="accounts.role_granted",
            subject=user.actor,
            by=by,
            at=at,
            reason=role.value,
            unit=unit.pk if unit else None,
        )
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
        if held.role == Role.ADMINISTRATOR and held.unit_id is None:
            _may_use_the_administration(held.user_id, allowed=False)
        record(
            verb="accounts.role_withdrawn",
            subject=f"user:{held.user_id}",
            by=by,
            at=at,
            reason=held.role,
        )


def _may_use_the_administration(user_id: int, *, allowed: bool) -> None:
    User.objects.filter(pk=user_id).update(is_staff=allowed, is_superuser=allowed)
