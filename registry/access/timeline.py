"""What has happened in a case, as a person may see it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from registry import queries
from registry.access import Shown, is_withheld, knows_of, reads_in_full
from registry.models import Case, Entry

Choice = Callable[[list[Entry]], Collection[int]]


def timeline_for(user: Any, case: Case, choose: Choice | None = None) -> list[Shown]:
    """The entries of a case as the user may see them, in the order of their numbers.

    `choose` names those of which all is read; the others are shown in short. Every one has its
    running deadlines, and what was acknowledged by it.
    """
    if is_withheld(user, case):
        return []
    entries = queries.timeline(case)
    chosen = {entry.pk for entry in entries} if choose is None else set(choose(entries))
    queries.read_details([entry for entry in entries if entry.pk in chosen])
    read: dict[str, bool] = {}
    shown = []
    for entry in entries:
        if entry.access not in read:
            read[entry.access] = reads_in_full(user, case, entry.access)
        full = read[entry.access]
        title = entry.title if full else entry.public_title
        if entry.pk not in chosen:
            shown.append(Shown(entry, title, is_protected=not full, in_short=True))
            continue
        first = entry.copy_of if entry.copy_of and knows_of(user, entry.copy_of.case) else None
        copies = tuple(each for each in entry.copies.all() if knows_of(user, each.case))
        shown.append(Shown(entry, title, is_protected=not full, first=first, copies=copies))
    return shown
