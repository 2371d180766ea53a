"""Which roles there are, and what each may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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


def may(roles: Iterable[Role], task: Task) -> bool:
    """Whether a person with these roles may do the task; nobody may unless a role says so."""
    return any(task in _MAY[role] for role in roles)


# Held for the own unit, or for the unit that they are granted for. Every other role is for the
# whole municipality, unless it is granted for a unit.
OF_A_UNIT = frozenset({Role.CASEWORKER, Role.UNIT_LEADER})


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds, and the units that it covers; None is the whole municipality."""

    role: Role
    units: frozenset[int] | None


def held(
    role: Role, *, granted_for: int | None, own: int | None, parts: Mapping[int, Sequence[int]]
) -> Held:
    """What a grant of the role covers.

    `granted_for` is the unit that it names, `own` the person's, `parts` the units right below each
    unit. A caseworker's role covers the one unit, every other one those below it as well. Of a
    person without a unit, a role that is of a unit covers none: then only what is given to that
    person counts.
    """
    if granted_for is None:
        if role not in OF_A_UNIT:
            return Held(role, None)
        granted_for = own
    if granted_for is None:
        return Held(role, frozenset())
    if role is Role.CASEWORKER:
        return Held(role, frozenset({granted_for}))
    return Held(role, _down_from(granted_for, parts))


def _down_from(unit: int, parts: Mapping[int, Sequence[int]]) -> frozenset[int]:
    found: set[int] = set()
    waiting = [unit]
    while waiting:
        unit = waiting.pop()
        # A ring of units, which nothing forbids, ends here.
        if unit not in found:
            found.add(unit)
            waiting.extend(parts.get(unit, ()))
    return frozenset(found)


# About the house as a whole: a role that is held for a unit does not give them.
_OF_THE_HOUSE = frozenset({Task.WATCH, Task.ADMINISTER})


def may_so(roles: Iterable[Held], task: Task) -> bool:
    """Whether a person with these roles, as they are held, may do the task, be it in one unit."""
    return any(
        task in _MAY[each.role] and (each.units is None or task not in _OF_THE_HOUSE)
        for each in roles
    )


def scope(roles: Iterable[Held], task: Task) -> frozenset[int] | None:
    """The units in which a person with these roles may do the task; None is everywhere."""
    units: set[int] = set()
    for each in roles:
        if task in _MAY[each.role]:
            if each.units is None:
                return None
            if task not in _OF_THE_HOUSE:
                units |= each.units
    return frozenset(units)
