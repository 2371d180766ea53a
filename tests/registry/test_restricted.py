"""Restricted cases, units and named readers: who sees that there is a case, and what is in it."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import Unit, User
from accounts.rules.roles import Role
from registry import access
from registry.models import Case, CaseReader, Document, Entry
from tests.registry.cast import MORNING, REGISTRAR, Town


def outcome(user: User, case: Case) -> tuple[str, str, str, str]:
    """What the user gets: the case page, and what is in the lists of cases, entries, in full."""
    user = User.objects.get(pk=user.pk)
    try:
        page = access.case_for(user, case.pk).reference
    except Http404:
        page = "unknown"
    except PermissionDenied:
        page = "refused"
    entry = case.entries.get()
    document = entry.documents.get(number=1)
    for call in (
        lambda: access.entry_for(user, entry.pk),
        lambda: access.document_for(user, document.pk),
    ):
        try:
            call()
            assert page == case.reference
        except Http404:
            assert page == "unknown"
        except PermissionDenied:
            assert page == "refused" or case.access != "open"
    return (
        page,
        ", ".join(each.reference for each in access.cases_for(user)),
        ", ".join(each.reference for each in access.entries_for(user)),
        ", ".join(
            sorted(
                {each.reference for each in Case.objects.filter(access.readable(user))}
                | {each.reference for each in Entry.objects.filter(access.readable(user, "case__"))}
                | {
                    f"document {each.number}"
                    for each in Document.objects.filter(access.readable(user, "entry__case__"))
                }
            )
        ),
    )


ALL = ("2026/1", "2026/1", "2026/1-1", "2026/1, 2026/1-1, document 1, document 2")
PUBLIC = ("2026/1", "2026/1", "2026/1-1", "")
NUMBER = ("refused", "2026/1", "", "")
NONE = ("unknown", "", "", "")


@pytest.mark.parametrize(("restricted", "column"), [(False, 0), (True, 1)])
def test_who_gets_what_of_a_case_and_of_a_restricted_one(
    town: Town, restricted: bool, column: int
) -> None:
    above = Unit.objects.create(code="welfare", name="Velferd")
    Unit.objects.filter(pk=town.health.pk).update(parent=above)
    entry = town.register()
    case = entry.case
    has_it, named, was_named, named_without_role = (
        town.user(Role.CASEWORKER, unit=town.roads),
        town.user(Role.CASEWORKER, unit=town.roads),
        town.user(Role.CASEWORKER, unit=town.roads),
        town.user(Role.OFFICIAL),
    )
    Case.objects.filter(pk=case.pk).update(caseworker=has_it, is_restricted=restricted)
    for user, ended in ((named, None), (was_named, MORNING), (named_without_role, None)):
        CaseReader.objects.create(
            case=case,
            user=user,
            reason="Vikar",
            named_at=MORNING,
            named_by=REGISTRAR,
            ended_at=ended,
        )
    expected = {
        "its caseworker, of another unit": (has_it, ALL, ALL),
        "a named reader of another unit": (named, ALL, ALL),
        "one who was named": (was_named, NONE, NONE),
        "named, but without a role that reads cases": (named_without_role, NONE, NONE),
        "registrar": (town.user(Role.REGISTRAR), ALL, NUMBER),
        "registrar of the unit": (
            town.user(Role.REGISTRAR, granted_for=town.health),
            ALL,
            NUMBER,
        ),
        "registrar of the unit above": (town.user(Role.REGISTRAR, granted_for=above), ALL, NUMBER),
        "registrar of another unit": (
            town.user(Role.REGISTRAR, unit=town.health, granted_for=town.roads),
            NONE,
            NONE,
        ),
        "secretary": (town.user(Role.SECRETARY), PUBLIC, NUMBER),
        "secretary of the unit": (town.user(Role.SECRETARY, unit=town.health), ALL, NUMBER),
        "caseworker of the unit": (town.user(Role.CASEWORKER, unit=town.health), ALL, NONE),
        "caseworker for the unit": (
            town.user(Role.CASEWORKER, unit=town.roads, granted_for=town.health),
            ALL,
            NONE,
        ),
        "caseworker of the unit for another": (
            town.user(Role.CASEWORKER, unit=town.health, granted_for=town.roads),
            NONE,
            NONE,
        ),
        "caseworker of the unit above": (town.user(Role.CASEWORKER, unit=above), NONE, NONE),
        "leader of the unit": (town.user(Role.UNIT_LEADER, unit=town.health), ALL, NONE),
        "leader of the unit above": (town.user(Role.UNIT_LEADER, unit=above), ALL, NONE),
        "leader of another unit": (town.user(Role.UNIT_LEADER, unit=town.roads), NONE, NONE),
        "administrator": (town.user(Role.ADMINISTRATOR, unit=town.health), NONE, NONE),
        "official": (town.user(Role.OFFICIAL, unit=town.health), NONE, NONE),
        "without a role": (town.user(unit=town.health), NONE, NONE),
    }
    case.refresh_from_db()
    found = {who: outcome(user, case) for who, (user, *_) in expected.items()}
    assert found == {who: row[1 + column] for who, row in expected.items()}


def test_of_a_restricted_case_no_title_shows_and_no_search_finds_one(town: Town) -> None:
    case = town.register(town.new_case(access="open"), access="open").case
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    case.refresh_from_db()
    registrar = town.user(Role.REGISTRAR)
    assert access.title_of(registrar, case) == ""
    assert access.timeline_for(registrar, case) == []
    assert not access.reads_in_full(registrar, case, "open")
    assert not access.works_on(registrar, case)
    for text in ("Støttekontakt", "Nordmann"):
        assert not access.find_cases(registrar, text).exists()
    assert access.find_cases(registrar, "2026/1").exists()


def test_a_ring_of_units_ends(town: Town) -> None:
    Unit.objects.filter(pk=town.health.pk).update(parent=town.roads)
    Unit.objects.filter(pk=town.roads.pk).update(parent=town.health)
    case = town.register().case
    assert access.cases_for(town.user(Role.UNIT_LEADER, unit=town.roads)).get() == case
