"""The only way from a user to a letter.

That there is a letter, about which number, and what has become of it is for those who watch. What
it says and to whom is for those who may read the case that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils.module_loading import import_string

from accounts.access import may
from accounts.rules.roles import Task
from outbox import queries
from outbox.models import LetterKind, LetterRecipient


@dataclass(frozen=True)
class Shown:
    """A letter to a recipient as a person may see it."""

    recipient: LetterRecipient
    # Whether its words, its address and what the mail server said of that are withheld.
    is_protected: bool
    # Whether only its words are: a letter of the day names cases that others may not know of.
    is_personal: bool


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


def shown(user: Any, recipients: Iterable[LetterRecipient]) -> list[Shown]:
    """Letters that the user may see (`recipients_for`), with what may be read of each."""
    found = list(recipients)
    about = {each.letter.about for each in found} - {""}
    # Without a number it is about the system itself.
    to_read = {"", *import_string(settings.LETTERS_TO_READ)(user, about)}
    return [
        Shown(
            each,
            is_protected=each.letter.about not in to_read,
            is_personal=each.letter.kind == LetterKind.DIGEST,
        )
        for each in found
    ]
