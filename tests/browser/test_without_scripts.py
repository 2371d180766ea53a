"""The work of registrars, caseworkers and leaders in a browser that runs no scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from outbox.models import LetterRecipient
from registry.models import Answer, Deadline, Entry, SavedView

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plain(signed_in):
    """`plain(path, …)` opens a page in a browser without scripts."""
    return lambda path, **options: signed_in(path, java_script_enabled=False, **options)


def of(name, pk):
    return reverse(name, args=[pk])


def test_registrar_asks_splits_and_joins(office, plain):
    case = office.town.register(at=timezone.now(), message_number="").case
    asked, mixed, joined = office.mail("Garasje"), office.with_files(), office.mail("Hull i veien")
    page = plain(of("intake:message", asked.pk))
    page.click(f"a[href^='{of('intake:ask', asked.pk)}']")
    page.check("input[value=signature]")
    page.click("button:has-text('Show the letter')")
    assert "– underskriften din" in page.inner_text("#letter-preview")
    page.click("button:has-text('Ask the sender and register')")
    asked.refresh_from_db()
    assert asked.state == "registered"
    assert LetterRecipient.objects.get().letter.kind == "missing_information"

    page.goto(page.url.split("/messages/")[0] + of("intake:message", mixed.pk))
    page.click(f"a[href^='{of('intake:split', mixed.pk)}']")
    for number, title in enumerate(("Søknad", "Kart")):
        page.locator("[name$='-title']").nth(number).fill(title)
    page.click("button:has-text('Register all')")
    entries = Entry.objects.filter(message_number=mixed.number, direction="incoming")
    assert set(entries.values_list("title", flat=True)) == {"Søknad", "Kart"}

    page.goto(page.url.split("/messages/")[0] + of("intake:message", joined.pk))
    page.click(f"a[href^='{of('intake:join', joined.pk)}']")
    page.fill("#id_q", "Støttekontakt")
    page.click("button:has-text('Find')")
    page.click(f"#found-cases a:has-text('{case.reference}')")
    page.click("button:has-text('Register in this case')")
    assert Entry.objects.get(message_number=joined.number, direction="incoming").case == case


def test_caseworker_pauses_and_signs_off_and_a_leader_approves(office, plain):
    town = office.town
    now = timezone.now()
    entry = town.register(at=now, arrived_at=now - timedelta(hours=1), message_number="")
    caseworker = town.user(Role.CASEWORKER, unit=town.health)
    leader = town.user(Role.UNIT_LEADER, unit=town.health)
    for user in (caseworker, leader):
        user.language = "en"
        user.save()
    page = plain(of("registry:entry-pause", entry.pk), user=caseworker)
    page.select_option("[name=reason]", "missing_information")
    page.click("button:has-text('Pause')")
    page.wait_for_selector("text=Paused. The last day moves when it runs again.")
    assert Deadline.objects.filter(entry=entry, state="paused").exists()

    page.click(f"a[href='{of('registry:answer', entry.pk)}'] >> nth=0")
    page.fill("#id_text", "Takk for brevet.")
    page.click("button:has-text('Ask for approval')")
    answer = Answer.objects.get()
    assert answer.state == "waiting"
    page = plain(reverse("registry:my-work"), user=leader)
    page.click(f"a[href='{of('registry:answer-approval', answer.pk)}']")
    assert "Takk for brevet." in page.inner_text("main")
    page.click("button:has-text('Approve and send')")
    answer.refresh_from_db()
    assert answer.state == "sent"

    other = town.register(entry.case_id, at=timezone.now(), message_number="")
    page = plain(of("registry:entry-sign-off", other.pk), user=caseworker)
    page.check("input[value=TE]")
    page.fill("[name=reason]", "Bare til orientering.")
    page.click("button:has-text('Sign off')")
    other.refresh_from_db()
    assert other.sign_off.way == "TE"


def test_a_search_is_saved_as_a_view_and_forgotten(office, plain):
    office.town.register(at=timezone.now(), message_number="")
    page = plain(reverse("registry:cases"))
    page.fill("[name=q]", "Støttekontakt")
    page.click(".search button[type=submit]")
    assert page.locator(".registry-list tbody tr").count() == 1
    page.fill("#view-name", "Støtte")
    page.click(".save-view button")
    assert SavedView.objects.get().name == "Støtte"
    page.click(".views a:has-text('Støtte')")
    assert page.input_value("[name=q]") == "Støttekontakt"
    page.click("button:has-text('Forget')")
    assert not SavedView.objects.exists()
