"""What the front door and the outbox ask about the cases that their messages and letters are in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Q
from django.utils import timezone

from accounts.access import may
from accounts.rules.roles import Task
from registry import queries
from registry.access import reads_in_full
from registry.models import Case, Entry


def in_withheld_case(user: Any, number: Any) -> Exists:
    """Whether the message of this number (an expression) is registered in a case withheld from
    the user. Whoever has registered it just now may still undo that."""
    mine = Q(case__caseworker=user.pk) | Q(case__in=queries.cases_named_to_read(user))
    just_now = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    own = Q(registered_by=user.actor, registered_at__gt=just_now)
    entries = Entry.objects.filter(case__is_restricted=True, message_number=number)
    return Exists(entries.exclude(mine | own))


def letters_to_read(user: Any, about: Collection[str]) -> set[str]:
    """Of what letters are about (numbers of cases, entries, messages), that of which the user may
    read letters. The outbox asks this (settings.LETTERS_TO_READ).

    What is not in the record yet is for those who triage.
    """
    found: dict[str, bool] = {}
    entries = Entry.objects.select_related("case").filter(
        Q(reference__in=about) | Q(message_number__in=about)
    )
    for entry in entries:
        full = reads_in_full(user, entry.case, entry.access)
        for number in {entry.reference, entry.message_number} & set(about):
            found[number] = found.get(number, True) and full
    for case in Case.objects.filter(reference__in=about):
        found[case.reference] = reads_in_full(user, case, case.access)
    triages = may(user, Task.TRIAGE)
    return {number for number in about if found.get(number, triages)}
