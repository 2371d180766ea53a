"""What a role covers: the municipality, a unit, the units below it, or nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.access import covers, home_units, may, scope
from accounts.actions.grant import grant_role, withdraw_role
from accounts.models import User
from accounts.rules.roles import Held, Role, Task, held, may_so
from accounts.rules.roles import scope as scope_of
from tests.registry.cast import MORNING, Town, build_town

# 1 is above 2 and 3, and 3 above 4.
PARTS = {1: [2, 3], 3: [4]}


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.mark.parametrize(
    ("role", "granted_for", "own", "units"),
    [
        (Role.REGISTRAR, None, 2, None),
        (Role.REGISTRAR, 1, 2, {1, 2, 3, 4}),
        (Role.SECRETARY, 3, None, {3, 4}),
        (Role.CASEWORKER, None, 3, {3}),
        (Role.CASEWORKER, 3, 2, {3}),
        (Role.CASEWORKER, None, None, set()),
        (Role.UNIT_LEADER, None, 3, {3, 4}),
        (Role.UNIT_LEADER, 1, 2, {1, 2, 3, 4}),
        (Role.ADMINISTRATOR, None, 2, None),
    ],
)
def test_what_a_grant_covers(
    role: Role, granted_for: int | None, own: int | None, units: set[int] | None
) -> None:
    assert held(role, granted_for=granted_for, own=own, parts=PARTS).units == units


def test_scopes_add_up_and_the_house_as_a_whole_is_not_had_in_parts() -> None:
    health, parks = frozenset({1}), frozenset({2})
    roles = [Held(Role.REGISTRAR, health), Held(Role.UNIT_LEADER, parks)]
    assert scope_of(roles, Task.READ_CASES) == {1, 2}
    assert scope_of(roles, Task.TRIAGE) == {1}
    assert scope_of(roles, Task.APPROVE) == {2}
    assert scope_of(roles, Task.WATCH) == frozenset()
    assert not may_so(roles, Task.WATCH)
    assert may_so(roles, Task.TRIAGE)
    everywhere = [*roles, Held(Role.REGISTRAR, None)]
    assert scope_of(everywhere, Task.READ_CASES) is None
    assert may_so(everywhere, Task.WATCH)


def test_a_person_without_a_role_or_without_a_right_to_sign_in_may_nothing(town: Town) -> None:
    nobody, gone = town.user(unit=town.health), town.user(Role.REGISTRAR, unit=town.health)
    gone.is_active = False
    for user in (nobody, gone, None):
        assert not any(may(user, task) for task in Task)
        assert all(scope(user, task) == frozenset() for task in Task)
    assert not covers(gone, Task.READ_CASES, town.health.pk)
    assert home_units(town.user(Role.SECRETARY, unit=town.roads)) == {town.roads.pk}


def test_the_administration_is_open_as_long_as_the_role_is_held(town: Town, client: Client) -> None:
    user = town.user()
    grant = {"user": user, "by": "system:test", "at": MORNING}
    for_a_unit = grant_role(role=Role.ADMINISTRATOR, unit=town.health, **grant)
    client.force_login(user)
    assert client.get("/admin/").status_code == 302
    everywhere = grant_role(role=Role.ADMINISTRATOR, unit=None, **grant)
    assert client.get("/admin/registry/series/").status_code == 200
    withdraw_role(grant_id=everywhere.pk, by="system:test", at=MORNING)
    assert client.get("/admin/").status_code == 302
    assert not User.objects.get(pk=user.pk).is_superuser
    assert for_a_unit.withdrawn_at is None
