"""Sheets for paper: all of a case and the journal of a day, as their reader may see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.rules.roles import Role
from registry.actions.void import void_entry
from registry.models import Case
from tests.registry.cast import MORNING, RAW, REGISTRAR


def client_of(user: User) -> Client:
    user.language = "en"
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def case(town):
    """A case of an entry that was registered, its acknowledgement, and one that is void."""
    entry = town.register()
    town.acknowledge(entry)
    wrong = town.register(entry.case_id, message_number="M18", title="Feil", public_title="")
    void_entry(entry_id=wrong.pk, reason="Registered twice", by=REGISTRAR, at=MORNING)
    return entry.case


def test_sheet_of_a_case_has_all_that_is_known_of_it(town, case):
    page = client_of(town.user(Role.REGISTRAR)).get(reverse("registry:case-sheet", args=[case.pk]))
    text = page.content.decode()
    for word in [
        case.title,
        "Søknad om støttekontakt for Ola Nordmann",
        "ola@example.net",
        "Storgata 1",
        RAW,
        "kart.pdf",
        "Registered twice",
        f"{case.reference}-2",
        "M17",
        # The role and the person, on each sheet.
        "by registrar Kari Arkivar",
        f"{case.reference} ·",
    ]:
        assert word in text, word


def test_sheet_holds_no_more_than_its_reader_may_see(town, case):
    secretary = client_of(town.user(Role.SECRETARY))
    text = secretary.get(reverse("registry:case-sheet", args=[case.pk])).content.decode()
    assert "Støttekontakt" in text
    for word in ["Ola Nordmann", "ola@example.net", "kart.pdf", RAW, "Registered twice"]:
        assert word not in text, word
    stranger = client_of(town.user(Role.CASEWORKER, unit=town.roads))
    assert stranger.get(reverse("registry:case-sheet", args=[case.pk])).status_code == 404
    nobody = client_of(town.user(Role.OFFICIAL))
    assert nobody.get(reverse("registry:case-sheet", args=[case.pk])).status_code == 403
    assert nobody.get(reverse("registry:journal")).status_code == 403
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    registrar = client_of(town.user(Role.REGISTRAR))
    assert registrar.get(reverse("registry:case-sheet", args=[case.pk])).status_code == 403


def test_journal_lists_a_day_by_number_and_marks_what_is_void(town, case):
    # Registered half past midnight of 3 March in Oslo, when it is still 2 March in UTC.
    late = MORNING + timedelta(hours=14)
    other = town.register(at=late, arrived_at=MORNING, message_number="M30")
    client = client_of(town.user(Role.REGISTRAR))
    page = client.get(reverse("registry:journal"), {"on": "2026-03-02"})
    rows = page.context["rows"]
    assert [shown.entry.running_number for shown in rows] == [1, 2, 3]
    assert [shown.entry.status for shown in rows] == ["registered", "registered", "void"]
    text = page.content.decode()
    assert "3 entries were registered; 1 of them is void." in " ".join(text.split())
    assert "Registered twice" in text
    next_day = client.get(reverse("registry:journal"), {"on": "2026-03-03"})
    assert [shown.entry.pk for shown in next_day.context["rows"]] == [other.pk]


def test_the_journal_of_those_who_register_is_complete_and_withholds_what_is_restricted(town, case):
    # OSL 5 kap. 2 §; offl. § 10: the list itself is whole, and what is protected left out of it.
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    other = town.register(message_number="M40")
    day = {"on": "2026-03-02"}
    for role in (Role.REGISTRAR, Role.SECRETARY):
        page = client_of(town.user(role)).get(reverse("registry:journal"), day)
        assert [shown.entry.running_number for shown in page.context["rows"]] == [1, 2, 3, 4]
        text = page.content.decode().split("<tbody>")[1].split("</tbody>")[0]
        withheld, rest = text.split("4/2026")
        for number in (1, 2, 3):
            assert f"{number}/2026" in withheld
        assert other.reference in rest
        assert withheld.count("Protected") == 3
        assert f"{case.reference}-1" in withheld
        # Neither title, parties, unit, direction nor what became of it.
        for word in ["støttekontakt", "Støttekontakt", "Ola", "Helse", "Void", "Incoming", "href"]:
            assert word not in withheld, word
        assert "void" not in page.content.decode().split("<table")[0].split("<main")[1]
    own = client_of(town.user(Role.CASEWORKER, unit=town.health))
    rows = own.get(reverse("registry:journal"), day).context["rows"]
    assert [shown.entry for shown in rows] == [other], "not even the numbers"


@pytest.mark.parametrize("on", ["x", "2026-02-31", "0001-01-01", "9999-12-31"])
def test_any_day_gives_a_page(town, on):
    client = client_of(town.user(Role.REGISTRAR))
    assert client.get(reverse("registry:journal"), {"on": on}).status_code == 200
