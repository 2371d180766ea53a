"""Questions about the municipality, its units and its people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import F, Q

from accounts.models import Absence, Municipality, RoleGrant, Unit, User
from accounts.rules import absence
from accounts.rules.roles import Held, Role, Task, held, may, scope
from lib.recent import recent


@recent(seconds=5)
def municipality() -> Municipality | None:
    """The municipality that this installation serves; None before it has been set up."""
    return Municipality.objects.first()


@recent(seconds=5)
def unit_name(pk: int) -> str:
    """The name of a unit. Raises Unit.DoesNotExist."""
    return Unit.objects.values_list("name", flat=True).get(pk=pk)


def roles_of(user: User) -> list[Held]:
    """The roles that a person holds now, each with the units that it covers."""
    grants = RoleGrant.objects.filter(user=user, withdrawn_at=None).values_list("role", "unit")
    return [
        held(Role(role), granted_for=unit, own=user.unit_id, parts=parts_of_units())
        for role, unit in grants
    ]


def those_who_may(people: Iterable[int], task: Task) -> set[int]:
    """Which of these people may sign in and do the task, be it in one unit only."""
    grants = RoleGrant.objects.filter(
        user__in=list(people),
        user__is_active=True,
        role__in=_roles_for(task),
        withdrawn_at=None,
    )
    return set(grants.values_list("user", flat=True))


def people_by_unit(task: Task) -> list[tuple[str, list[tuple[int, str]]]]:
    """People who may do the task, as (id, name) by the name of their unit ("" comes last)."""
    found: dict[str, list[tuple[int, str]]] = {}
    holders = RoleGrant.objects.filter(role__in=_roles_for(task), withdrawn_at=None)
    rows = User.objects.filter(is_active=True, pk__in=holders.values("user"))
    rows = rows.order_by(F("unit__name").asc(nulls_last=True), "name")
    for pk, name, unit in rows.values_list("pk", "name", "unit__name"):
        found.setdefault(unit or "", []).append((pk, name))
    return list(found.items())


def _roles_for(task: Task) -> list[Role]:
    return [role for role in Role if may([role], task)]


def people_with_roles() -> list[User]:
    """People who may sign in and hold a role, by name; their roles are read at once."""
    grants = RoleGrant.objects.filter(withdrawn_at=None, user__is_active=True).select_related(
        "user"
    )
    people: dict[int, User] = {}
    for grant in grants:
        user = people.setdefault(grant.user_id, grant.user)
        held_by = user.__dict__.setdefault("_held_roles", [])
        held_by.append(
            held(
                Role(grant.role),
                granted_for=grant.unit_id,
                own=user.unit_id,
                parts=parts_of_units(),
            )
        )
    return sorted(people.values(), key=lambda each: each.name)


@recent(seconds=5)
def parts_of_units() -> dict[int, list[int]]:
    """The units right below each unit, also those no longer in use: they still have cases."""
    found: dict[int, list[int]] = {}
    for pk, parent in Unit.objects.values_list("pk", "parent"):
        if parent is not None:
            found.setdefault(parent, []).append(pk)
    return found


def unit_names() -> dict[int, str]:
    """The name of each unit, also of those no longer in use."""
    return dict(Unit.objects.values_list("pk", "name"))


@recent(seconds=5)
def units_in_use() -> list[Unit]:
    """Units that cases may be given to, by name."""
    return list(Unit.objects.filter(is_active=True))


def people_of(unit: Unit) -> list[User]:
    """People of a unit who may sign in, by name."""
    return list(User.objects.filter(unit=unit, is_active=True))


def person(pk: int) -> User | None:
    """A person by id."""
    return User.objects.filter(pk=pk).first()


def person_by_email(email: str) -> User | None:
    """A person by e-mail address, whatever its case."""
    return User.objects.filter(email__iexact=email).first()


def people_who_may(task: Task) -> list[User]:
    """People who may sign in and do the task, by name."""
    roles = [role for role in Role if may([role], task)]
    return list(
        User.objects.filter(
            is_active=True, grants__role__in=roles, grants__withdrawn_at=None
        ).distinct()
    )


def people_who_may_in(unit_id: int, task: Task) -> list[int]:
    """Ids of those who may sign in and do the task in this unit, by name."""
    found = []
    for user in people_with_roles():
        units = scope(user.__dict__["_held_roles"], task)
        if units is None or unit_id in units:
            found.append(user.pk)
    return found


def names(actors: Iterable[str]) -> dict[str, str]:
    """What to call the actors of ledger events and records: "user:12" → "Kari Nordmann"."""
    ids = {int(actor[5:]) for actor in actors if actor.startswith("user:")}
    return {
        f"user:{pk}": name for pk, name in User.objects.filter(pk__in=ids).values_list("pk", "name")
    }


def leaders_of(unit_id: int) -> list[int]:
    """Who leads a unit: by a role for it, or by the own unit; else who leads the one above."""
    above = dict(Unit.objects.values_list("pk", "parent"))
    unit: int | None = unit_id
    seen: set[int] = set()
    while unit is not None and unit not in seen:
        seen.add(unit)
        grants = RoleGrant.objects.filter(
            Q(unit=unit) | Q(unit=None, user__unit=unit),
            role=Role.UNIT_LEADER,
            withdrawn_at=None,
            user__is_active=True,
        )
        found = sorted(set(grants.values_list("user", flat=True)))
        if found:
            return found
        unit = above.get(unit)
    return []


def people_for_digest(at_most: int = 10_000) -> list[User]:
    """Those who want a daily e-mail, and may sign in."""
    return list(User.objects.filter(is_active=True, digest=True).order_by("pk")[:at_most])


def absences_to_come(user_ids: Iterable[int], today: date) -> list[Absence]:
    """Absences of these people that are not over, the first to begin first."""
    return list(
        Absence.objects.select_related("user", "delegate")
        .filter(user__in=list(user_ids), to_on__gte=today, withdrawn_at=None)
        .order_by("from_on", "pk")
    )


def people_in(units: Iterable[int]) -> list[User]:
    """People of these units who may sign in, by name."""
    return list(User.objects.filter(unit__in=list(units), is_active=True))


def away(on: date) -> dict[int, int]:
    """Who is away on a local date, each with the one who stands in."""
    return dict(
        Absence.objects.filter(from_on__lte=on, to_on__gte=on, withdrawn_at=None).values_list(
            "user", "delegate"
        )
    )


def stands_in_for(user: User, on: date) -> set[int]:
    """Ids of those for whom a person stands in on a local date."""
    return absence.stands_in_for(user.pk, away(on))


def absences_on(on: date) -> dict[int, Absence]:
    """Who is away on a local date, with the absence and the one who stands in."""
    rows = Absence.objects.select_related("user", "delegate")
    found = rows.filter(from_on__lte=on, to_on__gte=on, withdrawn_at=None)
    return {row.user_id: row for row in found}
