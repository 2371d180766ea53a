"""What every page of the staff's web shows: the municipality, the person, the way around."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.queries import municipality
from accounts.rules.roles import Task


def page(request: HttpRequest) -> dict[str, Any]:
    """Context for templates/base.html (the contract stands at its top)."""
    user = getattr(request, "user", None)
    return {
        "municipality": municipality(),
        "preferences": user if user is not None and user.is_authenticated else None,
        "languages": [(code, own_name(code)) for code, _name in settings.LANGUAGES],
        "navigation": [
            {
                "label": label,
                "url": reverse(name),
                "key": key,
                "current": _is_here(request.path, name),
            }
            for label, name, key in sections(user)
        ],
    }


def sections(user: Any) -> list[tuple[str, str, str]]:
    """Label, URL name and key (after g) of the sections that the user may open, in their order."""
    if user is None or not user.is_authenticated:
        return []
    items = [
        (_("Queue"), "intake:queue", "q", may(user, Task.TRIAGE)),
        (_("Held"), "intake:held", "h", may(user, Task.TRIAGE)),
        (_("My work"), "registry:my-work", "w", may(user, Task.ANSWER)),
        (_("Deadlines"), "registry:deadlines", "f", may(user, Task.READ_CASES)),
        (_("Cases"), "registry:cases", "s", may(user, Task.READ_CASES)),
        (_("Time to appeal"), "decisions:appeal-period", "k", may(user, Task.READ_CASES)),
        (_("Outbox"), "outbox:letters", "o", may(user, Task.WATCH)),
        (_("Reconciliation"), "intake:reconciliation", "r", may(user, Task.WATCH)),
        (_("Reports"), "intake:reports", "b", may(user, Task.REPORT)),
        (_("Administration"), "admin:index", "", user.is_staff),
    ]
    return [(label, name, key) for label, name, key, allowed in items if allowed]


def own_name(code: str) -> str:
    """What a language calls itself."""
    return str(get_language_info(code)["name_local"])


# What stands under a section though its address does not begin so.
_UNDER = {
    "intake:queue": ("/messages/", "/set-aside/"),
    "registry:my-work": ("/account/absences/",),
    "registry:cases": ("/entries/", "/answers/", "/documents/", "/journal/"),
}


def _is_here(path: str, name: str) -> bool:
    section = reverse(name)
    if path == section:
        return True
    return path.startswith(_UNDER.get(name, ()) + ((section,) if section != "/" else ()))
