"""Which roles there are, and what each may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role is granted to a person, for the whole municipality or for one unit."""

    REGISTRAR = "registrar"
    CASEWORKER = "caseworker"
    UNIT_LEADER = "unit_leader"
    OFFICIAL = "official"
    SECRETARY = "secretary"
    PREPAREDNESS = "preparedness"
    ADMINISTRATOR = "administrator"


class Task(StrEnum):
    """What a page or an action asks for."""

    TRIAGE = "triage"
    REGISTER = "register"
    READ_CASES = "read_cases"
    READ_PROTECTED = "read_protected"
    CORRECT = "correct"
    ANSWER = "answer"  # write in a case: reply, comment, sign off, pause a deadline
    ASSIGN = "assign"  # give work to a unit or a person
    APPROVE = "approve"  # let somebody else's answer leave
    REPORT = "report"
    WATCH = "watch"
    ADMINISTER = "administer"


_MAY: dict[Role, frozenset[Task]] = {
    Role.REGISTRAR: frozenset(
        {
            Task.TRIAGE,
            Task.REGISTER,
            Task.READ_CASES,
            Task.READ_PROTECTED,
            Task.CORRECT,
            Task.ANSWER,
            Task.ASSIGN,
            Task.REPORT,
            Task.WATCH,
        }
    ),
    Role.SECRETARY: frozenset(
        {
            Task.TRIAGE,
            Task.REGISTER,
            Task.READ_CASES,
            Task.CORRECT,
            Task.ANSWER,
            Task.ASSIGN,
            Task.APPROVE,
            Task.REPORT,
        }
    ),
    Role.CASEWORKER: frozenset({Task.READ_CASES, Task.ANSWER, Task.ASSIGN}),
    Role.UNIT_LEADER: frozenset(
        {Task.READ_CASES, Task.ANSWER, Task.ASSIGN, Task.APPROVE, Task.REPORT}
    ),
    Role.OFFICIAL: frozenset(),
    Role.PREPAREDNESS: frozenset(),
    Role.ADMINISTRATOR: frozenset({Task.ADMINISTER, Task.WATCH, Task.REPORT}),
}


def may(roles: frozenset[Role], task: Task) -> bool:
    """Whether a person with these roles may do the task; nobody may unless a role says so."""
    return any(task in _MAY[role] for role in roles)
