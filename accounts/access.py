"""From a user to what the user may do. Deny by default."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from accounts import queries
from accounts.models import User
from accounts.rules import roles
from accounts.rules.roles import Held, Role, Task

View = Callable[..., HttpResponseBase]


def may(user: Any, task: Task) -> bool:
    """Whether this (perhaps anonymous) user may do the task at all, be it in one unit only."""
    return roles.may_so(_held(user), task)


def scope(user: Any, task: Task) -> frozenset[int] | None:
    """The units in which the user may do the task: None is everywhere, an empty set nowhere."""
    return roles.scope(_held(user), task)


def covers(user: Any, task: Task, unit_id: int) -> bool:
    """Whether the user may do the task in that unit."""
    units = scope(user, task)
    return units is None or unit_id in units


def home_units(user: Any) -> frozenset[int]:
    """The units that the user belongs to: the own one, and those that a unit's role is held for."""
    units = {user.unit_id} if isinstance(user, User) and user.unit_id is not None else set()
    of_a_unit = [held for held in _held(user) if held.role in roles.OF_A_UNIT]
    if of_a_unit:
        return frozenset().union(*(held.units or () for held in of_a_unit))
    return frozenset(units)


def works_for(user: Any) -> frozenset[int]:
    """Ids of the user and of those for whom the user stands in today; read once per request."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    people = getattr(user, "_works_for", None)
    if people is None:
        people = {user.pk, *queries.stands_in_for(user, timezone.localdate())}
        people = user._works_for = frozenset(people)  # type: ignore[attr-defined]
    return frozenset(people)


def leads(user: Any) -> frozenset[int]:
    """The units that the user leads."""
    led = [held.units for held in _held(user) if held.role is Role.UNIT_LEADER]
    return frozenset().union(*(units or () for units in led))


def held_roles(user: Any) -> frozenset[Role]:
    """The roles that the user holds, for whatever units."""
    return frozenset(held.role for held in _held(user))


def _held(user: Any) -> list[Held]:
    """The user's roles, read once per request."""
    if not isinstance(user, User) or not user.is_active:
        return []
    held = getattr(user, "_held_roles", None)
    if held is None:
        held = user._held_roles = queries.roles_of(user)  # type: ignore[attr-defined]
    return list(held)


def requires(task: Task) -> Callable[[View], View]:
    """A view for those who may do the task; everyone else gets 403. Tests read its task."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user, task):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.required_task = task  # type: ignore[attr-defined]
        return guarded

    return decorate
