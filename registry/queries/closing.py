"""What stands open in a case that somebody wants to close, each thing with where to settle it."""

from __future__ import annotations

from dataclasses import dataclass

from registry.models import Case, Deadline, Entry, Hold
from registry.models.case import Access
from registry.models.deadline import RUNNING
from registry.models.entry import Direction, EntryStatus

# As many of each as somebody settles before looking again.
_MOST = 50


@dataclass(frozen=True)
class Standing:
    """The things that `queries.standing_open` counts."""

    holds: list[Hold]
    unanswered: list[Entry]
    # Only of entries that are settled otherwise: signing off ends the deadlines of the others.
    running: list[Deadline]
    unassessed: list[Entry]


def standing_in(case: Case) -> Standing:
    """What keeps a case open, in the order of its numbers."""
    entries = case.entries.filter(status=EntryStatus.REGISTERED).order_by("document")
    unanswered = entries.filter(direction=Direction.INCOMING, sign_off=None, copy_of=None)
    running = Deadline.objects.filter(case=case, state__in=RUNNING)
    return Standing(
        holds=list(case.holds.filter(released_at=None)[:_MOST]),
        unanswered=list(unanswered[:_MOST]),
        running=list(
            running.exclude(entry__in=unanswered).select_related("entry").order_by("due_at")[:_MOST]
        ),
        unassessed=list(entries.filter(access=Access.UNASSESSED)[:_MOST]),
    )
