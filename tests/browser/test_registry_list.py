"""The registry's list in a browser."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from registry.actions.quality import ask_for_control
from tests.registry.test_search import party

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_list_is_searched_and_a_view_saved_by_keyboard(office, signed_in, live_server):
    town = office.town
    made = []
    for number, (title, access) in enumerate(
        [
            ("Søknad om støttekontakt for Ola Nordmann, Storgata 12 i Ålesund", "unassessed"),
            ("Klage på vedtak om byggetillatelse for garasje på gnr. 12 bnr. 7", "open"),
            ("Ansökan om förskoleplats från augusti", "open"),
            ("Spørsmål om veilys", "open"),
        ]
    ):
        entry = town.register(
            title=title,
            public_title=title[:20],
            access=access,
            message_number="",
            at=timezone.now(),
            direction="outgoing" if number == 1 else "incoming",
            parties=(party("Ola Nordmann"),),
        )
        made.append(entry)
    for entry in made[:2]:
        ask_for_control(entry, by="system:test", at=timezone.now())
    town.user(Role.CASEWORKER, unit=town.health)
    page = signed_in(reverse("registry:cases"))
    page.keyboard.press("f")
    page.keyboard.type("vedtak")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=vedtak**")
    assert page.locator(".registry-list tbody tr").count() == 1
    page.fill("#view-name", "Vedtak")
    page.keyboard.press("Enter")
    page.wait_for_selector(".views a[aria-current]")
    page.goto(f"{live_server.url}{reverse('registry:cases')}?status=unchecked")
    for box in page.locator("input[name=chosen]").all():
        box.press("Space")
    page.keyboard.press("x")
    page.wait_for_selector("text=1 entry is journalled.")
    assert page.locator("input[name=chosen]").count() == 1, "access was not assessed for the other"
