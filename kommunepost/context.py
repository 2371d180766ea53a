"""What every page of the staff's web shows: the municipality, the person, the way around."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.queries import municipality
from accounts.rules.roles import Task


def page(request: HttpRequest) -> dict[str, Any]:
    """Context for templates/base.html (the contract stands at its top)."""
    user = getattr(request, "user", None)
    items: list[tuple[str, str, bool]] = []
    if user is not None and user.is_authenticated:
        items = [
            (_("Queue"), "intake:queue", may(user, Task.TRIAGE)),
            (_("Held"), "intake:held", may(user, Task.TRIAGE)),
            (_("Cases"), "registry:cases", may(user, Task.READ_CASES)),
            (_("Outbox"), "outbox:letters", may(user, Task.WATCH)),
            (_("Reconciliation"), "intake:reconciliation", may(user, Task.WATCH)),
            (_("Administration"), "admin:index", user.is_staff),
        ]
    return {
        "municipality": municipality(),
        "navigation": [
            {
                "label": label,
                "url": reverse(name),
                "current": request.path.startswith(reverse(name))
                and reverse(name) != "/"
                or request.path == reverse(name),
            }
            for label, name, allowed in items
            if allowed
        ],
    }
