"""From a user to what is written in answer, and to the people who may be asked to look at it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from accounts.access import covers, may
from accounts.queries import away, people_with_roles
from accounts.rules.absence import stands_in_for
from accounts.rules.roles import Task
from registry import queries
from registry.access import entry_to_work_on, protected_entry_for, reads_in_full, works_on
from registry.models import Answer, AnswerFile, Case, Entry
from registry.models.answer import AnswerState
from registry.queries import answers

# What others than its author may read.
LAID_BEFORE = (AnswerState.WAITING, AnswerState.SENT)


def entry_to_answer(user: Any, entry_id: int) -> Entry:
    """An entry that the user may read in full and answer. Raises Http404, or PermissionDenied."""
    entry = entry_to_work_on(user, entry_id)
    if not reads_in_full(user, entry.case, entry.access):
        raise PermissionDenied
    return entry


def answer_for(user: Any, answer_id: int) -> Answer:
    """What is or was written in answer to an entry that the user may read in full.

    The answer has an access of its own, which may be less than that of what it answers. Raises
    Http404, or PermissionDenied.
    """
    answer = answers.answer_with_all(answer_id)
    if answer is None:
        raise Http404
    protected_entry_for(user, answer.entry_id)
    if answer.author_id != user.pk and not reads_in_full(user, answer.entry.case, answer.access):
        raise PermissionDenied
    return answer


def may_approve(user: Any, answer: Answer) -> bool:
    """Whether the user may let the answer leave: its author may not."""
    case = answer.entry.case
    return (
        answer.author_id != user.pk
        and covers(user, Task.APPROVE, case.unit_id)
        and reads_in_full(user, case, answer.entry.access)
        and reads_in_full(user, case, answer.access)
    )


def may_read_files(user: Any, answer: Answer) -> bool:
    """Whether the user may open what goes with an answer: its author, and who may approve it.

    Nobody else reads what is not sent yet, and a draft that is laid before nobody is its author's.
    Once it is sent, its files are documents of the record.
    """
    if answer.author_id == user.pk:
        return may(user, Task.ANSWER) and works_on(user, answer.entry.case)
    return answer.state in LAID_BEFORE and may_approve(user, answer)


def answer_file_for(user: Any, answer_id: int, file_id: int) -> AnswerFile:
    """A file that goes with an answer. Raises Http404, or PermissionDenied."""
    answer = answer_for(user, answer_id)
    if not may_read_files(user, answer):
        raise PermissionDenied
    found = answers.file_of(answer, file_id)
    if found is None:
        raise Http404
    return found


def waiting_for_approval(user: Any) -> list[Answer]:
    """The answers that wait for a second person and that the user may approve, oldest first."""
    if not may(user, Task.APPROVE):
        return []
    return [each for each in answers.answers_waiting() if may_approve(user, each)]


def people_who_read(case: Case) -> list[Any]:
    """The people who read a case in full, by name: whoever else is mentioned could not."""
    named = {each.user_id for each in queries.readers_of_case(case) if each.ended_at is None}
    people, absent = people_with_roles(), away(timezone.localdate())
    for each in people:
        # What would be asked for each of them.
        each._works_for = frozenset({each.pk} | stands_in_for(each.pk, absent))  # type: ignore[attr-defined]
        each._named_cases = frozenset({case.pk} if each.pk in named else ())  # type: ignore[attr-defined]
    return [each for each in people if reads_in_full(each, case, case.access)]
