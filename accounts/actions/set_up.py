"""Set up the municipality, its units and people; what is there already is brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts import queries
from accounts.actions.grant import grant_role
from accounts.models import Municipality, Unit, User
from accounts.rules.roles import Role


def set_up_municipality(**fields: str) -> Municipality:
    """Make or update the one municipality; the fields are those of the model."""
    body = Municipality.objects.update_or_create(pk=1, defaults=fields)[0]
    queries.municipality.forget()
    return body


def set_up_unit(*, code: str, name: str, parent: str = "") -> Unit:
    """Make or update a unit; `parent` is the code of a unit that exists, or empty."""
    above = Unit.objects.get(code=parent) if parent else None
    unit = Unit.objects.update_or_create(code=code, defaults={"name": name, "parent": above})[0]
    queries.unit_name.forget()
    queries.units_in_use.forget()
    return unit


def set_up_person(
    *,
    email: str,
    name: str,
    unit: str,
    language: str,
    roles: Sequence[Role],
    password: str,
    by: str,
    at: datetime,
) -> User:
    """Make or update a person with a password and roles.

    Those who administer may use the administration, with all its pages.
    """
    administers = Role.ADMINISTRATOR in roles
    with transaction.atomic():
        user, _made = User.objects.update_or_create(
            email=email.lower(),
            defaults={
                "name": name,
                "unit": Unit.objects.filter(code=unit).first(),
                "language": language,
                "is_staff": administers,
                "is_superuser": administers,
            },
        )
        user.set_password(password)
        user.save(update_fields=["password"])
        for role in roles:
            grant_role(user=user, role=role, unit=None, by=by, at=at)
    return user
