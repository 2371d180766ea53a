"""Questions about the municipality, its units and its people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import F

from accounts.models import Absence, Municipality, RoleGrant, Unit, User
from accounts.rules import absence
from accounts.rules.roles import Held, Role, Task, held, may
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


@recent(seconds=5)
def parts_of_units() -> dict[int, list[int]]:
    """The units right below each unit, also those no longer in use: they still have cases."""
    found: dict[int, list[int]] = {}
    for pk, parent in Unit.objects.values_list("pk", "parent"):
        if parent is not None:
            found.setdefault(parent, []).append(pk)
    return found


def units_in_use() -> list[Unit]:
    """Units that cases may be given to, by name."""
    return list(Unit.objects.filter(is_active=True))


def people_of(unit: Unit) -> list[User]:
    """People of a unit who may sign in, by name."""
    return list(User.objects.filter(unit=unit, is_active=True))


def person(pk: int) -> User | None:
    """A person by id."""
    return User.objects.filter(pk=pk).first()


def names(actors: Iterable[str]) -> dict[str, str]:
    """What to call the actors of ledger events and records: "user:12" → "Kari Nordmann"."""
    ids = {int(actor[5:]) for actor in actors if actor.startswith("user:")}
    return {
        f"user:{pk}": name for pk, name in User.objects.filter(pk__in=ids).values_list("pk", "name")
    }


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


def absence_of(user_id: int, on: date) -> Absence | None:
    """The absence of a person on a local date, with the one who stands in."""
    return (
        Absence.objects.select_related("user", "delegate")
        .filter(user=user_id, from_on__lte=on, to_on__gte=on, withdrawn_at=None)
        .first()
    )
