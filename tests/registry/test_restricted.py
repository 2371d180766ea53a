"""Restricted cases, units and named readers: who sees that there is a case, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Absence, Unit, User
from accounts.rules.roles import Role
from ledger.queries import history
from lib.refusal import Refused
from registry import access
from registry.access.timeline import timeline_for
from registry.actions.assign import assign_case
from registry.actions.restrict import end_reader, name_reader, restrict_case, unrestrict_case
from registry.models import Case, CaseReader, Document, Entry
from tests.registry.cast import MORNING, REGISTRAR, Town


def refused(call: Callable[[], object]) -> str:
    """The code that the call is refused with."""
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


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
    stands_in, stood_in = town.user(Role.CASEWORKER), town.user(Role.CASEWORKER)
    today = timezone.localdate()
    for user, last in ((stands_in, today), (stood_in, today - timedelta(days=1))):
        Absence.objects.create(
            user=has_it,
            delegate=user,
            from_on=today - timedelta(days=7),
            to_on=last,
            made_at=MORNING,
            made_by=REGISTRAR,
        )
    expected = {
        "its caseworker, of another unit": (has_it, ALL, ALL),
        "who stands in for its caseworker": (stands_in, ALL, NONE),
        "who stood in until yesterday": (stood_in, NONE, NONE),
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
    assert timeline_for(registrar, case) == []
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


def test_restricting_naming_and_lifting_leave_their_trace(town: Town) -> None:
    case = town.register().case
    has_it, other = town.user(Role.CASEWORKER, unit=town.health), town.user(Role.CASEWORKER)
    official, gone = town.user(Role.OFFICIAL), town.user(Role.CASEWORKER, unit=town.health)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    done = {"case_id": case.pk, "by": has_it.actor, "at": MORNING}
    # Nobody has the case: once it were restricted, nobody could work on it.
    assert refused(lambda: restrict_case(reason="Trusler", **done)) == "nobody_left"
    for user, code in ((official, "no_such_reader"), (gone, "no_such_reader")):
        assert refused(lambda: name_reader(user_id=user.pk, reason="Vikar", **done)) == code  # noqa: B023
    name_reader(user_id=other.pk, reason=" Vikar ", **done)
    assert refused(lambda: name_reader(user_id=other.pk, reason="x", **done)) == "already_named"
    assert refused(lambda: restrict_case(reason=" ", **done)) == "reason_missing"
    assert refused(lambda: restrict_case(reason="x" * 201, **done)) == "reason_too_long"
    restrict_case(reason="Trusler", **done)
    assert refused(lambda: restrict_case(reason="Trusler", **done)) == "already_restricted"
    # The last who can work on it can neither be ended nor given away.
    assert refused(lambda: end_reader(user_id=other.pk, reason="x", **done)) == "nobody_left"
    assign_case(caseworker_id=has_it.pk, unit_id=town.health.pk, **done)
    end_reader(user_id=other.pk, reason="Tilbake fra permisjon", **done)
    assert refused(lambda: end_reader(user_id=other.pk, reason="x", **done)) == "not_named"
    for person in (None, gone.pk, official.pk):
        assert (
            refused(lambda: assign_case(caseworker_id=person, unit_id=town.roads.pk, **done))  # noqa: B023
            == "nobody_left"
        )
    unrestrict_case(reason="Saken er over", **done)
    assert refused(lambda: unrestrict_case(reason="x", **done)) == "not_restricted"
    case.refresh_from_db()
    assert not case.is_restricted
    (reader,) = case.readers.all()
    assert (reader.reason, reader.end_reason, reader.ended_at) == (
        "Vikar",
        "Tilbake fra permisjon",
        MORNING,
    )
    (restriction,) = case.restrictions.all()
    assert (restriction.reason, restriction.lift_reason) == ("Trusler", "Saken er over")
    events = [(event.verb, event.data) for event in history(f"case:{case.pk}")]
    assert [verb for verb, _data in events if verb != "registry.case_opened"] == [
        "registry.reader_named",
        "registry.case_restricted",
        "registry.case_assigned",
        "registry.reader_ended",
        "registry.case_unrestricted",
    ]
    assert "Trusler" not in str(events)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM registry_casereader",
        "UPDATE registry_casereader SET reason = 'another'",
        "UPDATE registry_casereader SET ended_at = NULL",
        "DELETE FROM registry_restriction",
        "UPDATE registry_restriction SET reason = 'another'",
    ],
)
def test_the_database_keeps_who_could_read_what(town: Town, change: str) -> None:
    case = town.register().case
    readers = [town.user(Role.CASEWORKER), town.user(Role.CASEWORKER)]
    done = {"case_id": case.pk, "reason": "Vikar", "by": REGISTRAR, "at": MORNING}
    for reader in readers:
        name_reader(user_id=reader.pk, **done)
    end_reader(user_id=readers[0].pk, **done)
    restrict_case(**done)
    with pytest.raises(
        DatabaseError, match=r"removed from the record|may not be changed|and stays"
    ):
        connection.cursor().execute(change)


def test_the_pages_name_restrict_and_lift(town: Town, client: Client) -> None:
    case = town.register().case
    here, elsewhere = (
        town.user(Role.CASEWORKER, unit=town.health),
        town.user(Role.CASEWORKER, unit=town.roads),
    )
    readers = reverse("registry:case-readers", args=[case.pk])
    client.force_login(here)
    assert readers in client.get(reverse("registry:case", args=[case.pk])).content.decode()
    assert client.post(readers, {"person": "", "reason": ""}).status_code == 422
    for person in (here, elsewhere):
        named = client.post(readers, {"person": person.pk, "reason": "Kjenner saken"})
        assert named["Location"] == readers
    assert client.post(readers, {"person": here.pk, "reason": "Igjen"}).status_code == 422
    restrict = reverse("registry:case-restrict", args=[case.pk])
    assert client.post(restrict, {"reason": ""}).status_code == 422
    assert client.post(restrict, {"reason": "Trusler"}).status_code == 302
    assert "Trusler" in client.get(readers).content.decode()
    # Who ends the own naming has no way back to the case.
    end = reverse("registry:case-reader-end", args=[case.pk, here.pk])
    assert client.get(end).status_code == 200
    assert client.post(end, {"reason": "Ferdig"})["Location"] == reverse("registry:cases")
    assert client.get(readers).status_code == 404
    client.force_login(elsewhere)
    unrestrict = reverse("registry:case-unrestrict", args=[case.pk])
    assert client.get(unrestrict).status_code == 200
    assert client.post(unrestrict, {"reason": "Over"}).status_code == 302
    case.refresh_from_db()
    assert not case.is_restricted
    assert client.get(end).status_code == 404


def test_an_operator_names_a_reader_where_all_have_left(town: Town) -> None:
    case = town.register().case
    gone, new = (town.user(Role.CASEWORKER, unit=town.health) for _ in range(2))
    done = {"case_id": case.pk, "reason": "Vikar", "by": REGISTRAR, "at": MORNING}
    name_reader(user_id=gone.pk, **done)
    restrict_case(**done)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for number, email in (("2026/9", new.email), ("2026/1", "x@y.z"), ("2026/1", gone.email)):
        with pytest.raises(CommandError):
            call_command("name_reader", number, email, reason="Alle har sluttet")
    call_command("name_reader", "2026/1", new.email.upper(), reason="Alle har sluttet")
    assert access.case_for(User.objects.get(pk=new.pk), case.pk) == case
    assert history(f"case:{case.pk}").last().actor == "system:console"
