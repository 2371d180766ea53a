"""From a user to cases, entries and documents: the only way for anything that shows them.

Who may read cases sees all of them by number and public title. What is exempt, or not assessed
yet, is for those with the right to read what is protected and for the unit that has the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.access import may
from accounts.rules.roles import Task
from registry import queries
from registry.models import Case, Document, Entry
from registry.models.case import Access


@dataclass(frozen=True)
class Shown:
    """An entry as a person may see it; what is withheld is empty, not hidden."""

    entry: Entry
    title: str
    is_protected: bool


def cases_for(user: Any) -> QuerySet[Case]:
    """The cases that a user may see in a list: all of them, or none."""
    if not may(user, Task.READ_CASES):
        return queries.case_list().none()
    return queries.case_list()


def case_for(user: Any, case_id: int) -> Case:
    """A case that the user may see. Raises Http404."""
    case = cases_for(user).filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case


def entry_for(user: Any, entry_id: int) -> Entry:
    """An entry of a case that the user may see, with its case. Raises Http404."""
    if not may(user, Task.READ_CASES):
        raise Http404
    entry = Entry.objects.select_related("case__unit").filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    return entry


def protected_entry_for(user: Any, entry_id: int) -> Entry:
    """An entry that the user may read in full. Raises Http404, or PermissionDenied."""
    entry = entry_for(user, entry_id)
    if not reads_in_full(user, entry.case, entry.access):
        raise PermissionDenied
    return entry


def document_for(user: Any, document_id: int) -> Document:
    """A document whose content the user may read. Raises Http404, or PermissionDenied."""
    if not may(user, Task.READ_CASES):
        raise Http404
    document = Document.objects.select_related("entry__case").filter(pk=document_id).first()
    if document is None:
        raise Http404
    if not reads_in_full(user, document.entry.case, document.entry.access):
        raise PermissionDenied
    return document


def reads_in_full(user: Any, case: Case, access: str) -> bool:
    """Whether the user may read what has this access in the case: titles, parties, content."""
    if not may(user, Task.READ_CASES):
        return False
    if access == Access.OPEN:
        return True
    if may(user, Task.READ_PROTECTED):
        return True
    return user.unit_id is not None and user.unit_id == case.unit_id


def title_of(user: Any, case: Case) -> str:
    """The title of a case that the user may see; "" where there is no public one."""
    return case.title if reads_in_full(user, case, case.access) else case.public_title


def timeline_for(user: Any, case: Case) -> list[Shown]:
    """The entries of a case as the user may see them, in the order of their numbers."""
    shown = []
    for entry in queries.timeline(case):
        full = reads_in_full(user, case, entry.access)
        title = entry.title if full else entry.public_title
        shown.append(Shown(entry, title, is_protected=not full))
    return shown


def find_cases(user: Any, text: str) -> QuerySet[Case]:
    """Cases whose number or title holds the text; never by a title that the user may not see."""
    cases = cases_for(user)
    text = text.strip()
    if not text:
        return cases
    readable = Q() if may(user, Task.READ_PROTECTED) else _readable(user)
    return cases.filter(
        Q(reference__icontains=text)
        | Q(public_title__icontains=text)
        | (Q(title__icontains=text) & readable)
    )


def _readable(user: Any) -> Q:
    own = Q(unit=user.unit_id) if user.unit_id is not None else Q(pk__in=())
    return Q(access=Access.OPEN) | own


def works_on(user: Any, case: Case) -> bool:
    """Whether the user may sign off in, assign and close the case: registrars, and its own unit."""
    if may(user, Task.REGISTER):
        return True
    if not may(user, Task.READ_CASES):
        return False
    return user.unit_id is not None and user.unit_id == case.unit_id


def case_to_work_on(user: Any, case_id: int) -> Case:
    """A case that the user may work on. Raises Http404, or PermissionDenied."""
    case = case_for(user, case_id)
    if not works_on(user, case):
        raise PermissionDenied
    return case


def entry_to_work_on(user: Any, entry_id: int) -> Entry:
    """An entry that the user may work on. Raises Http404, or PermissionDenied."""
    entry = entry_for(user, entry_id)
    if not works_on(user, entry.case):
        raise PermissionDenied
    return entry


def protected_case_for(user: Any, case_id: int) -> Case:
    """A case whose title the user may read. Raises Http404, or PermissionDenied."""
    case = case_for(user, case_id)
    if not reads_in_full(user, case, case.access):
        raise PermissionDenied
    return case
