"""The only way from a user to a letter."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import may
from accounts.rules.roles import Task
from outbox import queries
from outbox.models import LetterRecipient


def recipients_for(user: Any, fate: str = "") -> QuerySet[LetterRecipient]:
    """Letters to recipients that the user may see: all for those who watch, none for others."""
    if not may(user, Task.WATCH):
        return LetterRecipient.objects.none()
    return queries.recipients([fate] if fate else ())


def recipient_for(user: Any, recipient_id: int) -> LetterRecipient:
    """One letter to one recipient, or 404 whether it does not exist or may not be seen."""
    found = recipients_for(user).filter(pk=recipient_id).first()
    if found is None:
        raise Http404
    return found
