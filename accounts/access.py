"""From a user to what the user may do. Deny by default."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from accounts import queries
from accounts.models import User
from accounts.rules import roles
from accounts.rules.roles import Task

View = Callable[..., HttpResponseBase]


def may(user: Any, task: Task) -> bool:
    """Whether this (perhaps anonymous) user may do the task. Roles are read once per request."""
    if not isinstance(user, User) or not user.is_active:
        return False
    held = getattr(user, "_held_roles", None)
    if held is None:
        held = user._held_roles = queries.roles_of(user)  # type: ignore[attr-defined]
    return roles.may(held, task)


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
