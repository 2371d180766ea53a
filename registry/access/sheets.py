"""What a person may see on paper: a case with all that is in it, and the journal of a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from registry.access import Shown, cases_for, is_withheld, reads_in_full
from registry.models import Case, Version
from registry.queries.sheets import registered_between, versions_of_entries


def journal_for(user: Any, start: datetime, end: datetime, *, limit: int) -> list[Shown]:
    """Entries registered from `start` until `end`, void ones too, by their running numbers.

    The list of those who register has no gaps (offl. § 10; OSL 5 kap. 2 §): of a restricted case
    that is not theirs it has the numbers, and nothing else.
    """
    shown = []
    for entry in registered_between(start, end, cases_for(user), limit):
        if is_withheld(user, entry.case):
            shown.append(Shown(entry, "", is_protected=True, is_withheld=True))
            continue
        full = reads_in_full(user, entry.case, entry.access)
        title = entry.title if full else entry.public_title
        shown.append(Shown(entry, title, is_protected=not full))
    return shown


def corrections_for(user: Any, case: Case) -> dict[int, list[Version]]:
    """The versions of each entry of a case that the user may read in full, by entry."""
    found: dict[int, list[Version]] = {}
    for version in versions_of_entries(case):
        entry = version.entry
        if entry is not None and reads_in_full(user, case, entry.access):
            found.setdefault(entry.pk, []).append(version)
    return found
