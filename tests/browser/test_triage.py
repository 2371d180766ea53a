"""Triage in a real browser: how many keys each outcome takes, and what is kept when it fails."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.models import Draft
from outbox.models import LetterRecipient
from registry.models import Case, Entry
from tests.office import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

# Of the public synthetic test population; its control digits are right.
NUMBER = "01010750160"


@pytest.fixture
def keys():
    """`keys(page, "1", "y")` presses keys one by one: what it is given is how many there are."""

    def press(page, *pressed):
        for key in pressed:
            page.keyboard.press(key)

    return press


def of(message):
    return reverse("intake:message", args=[message.pk])


def test_each_outcome_takes_no_more_keys_than_it_may(office, signed_in, keys):
    entry = office.town.register(at=timezone.now(), message_number="")
    known = office.mail(f"Re: {entry.case.reference} Støttekontakt")
    sensitive = office.mail(f"Sv: {entry.case.reference} Støttekontakt for Kari {NUMBER}")
    clean = office.mail("Hull i veien", sender="per@example.org")
    advertising = office.mail("Tilbud", sender="ads@example.org")
    moved = office.mail(f"Re: {entry.case.reference} Mer om dette")
    page = signed_in(of(known))

    # A common message with a known thread: 2.
    keys(page, "1", "Control+Enter")
    page.wait_for_url(f"**{of(sensitive)}")
    known.refresh_from_db()
    assert known.state == "registered"
    assert LetterRecipient.objects.filter(address="ola@example.net").exists()

    # A title with something sensitive: refused after "1" alone, done with "y" in between: 3.
    keys(page, "1")
    assert "an identity number" in page.inner_text("#title-check")
    keys(page, "y")
    page.wait_for_selector("#title-check .found", state="detached")
    assert page.evaluate("document.activeElement.id") == "register-heading"
    keys(page, "Control+Enter")
    page.wait_for_url(f"**{of(clean)}")
    public = Entry.objects.get(message_number=sensitive.number, direction="incoming")
    assert public.public_title == "Støttekontakt for *****"
    assert public.title == f"Støttekontakt for Kari {NUMBER}"

    # A new case with a clean title: at most 2.
    cases = Case.objects.count()
    keys(page, "n", "Control+Enter")
    page.wait_for_url(f"**{of(advertising)}")
    assert Case.objects.count() == cases + 1
    assert Case.objects.order_by("pk").last().public_title == "Hull i veien"

    # Advertising: 2.
    keys(page, "e", "1")
    page.wait_for_url(f"**{of(moved)}")
    advertising.refresh_from_db()
    assert advertising.state == "minor"

    # Another unit than proposed, by its first letter: 4, and the case goes along.
    assert entry.case.unit_id == office.town.health.pk
    keys(page, "1", "a", "v", "Control+Enter")
    page.wait_for_selector(".empty")
    entry.case.refresh_from_db()
    assert entry.case.unit_id == office.town.roads.pk


def test_identity_number_is_refused_by_key_and_by_a_direct_post(office, signed_in):
    message = office.mail(f"Søknad for {NUMBER}")
    page = signed_in(of(message))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".error-summary:focus")
    page.fill("#id_public_title", f"Søknad for {NUMBER}")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".error-summary:has-text('The public title holds an identity number.')")
    assert NUMBER in page.input_value("#id_public_title")
    assert not Entry.objects.filter(message_number=message.number).exists()
    # Looked at in place when the field is left, and again when it is mended.
    page.fill("#id_public_title", "Klage fra Hansen")
    page.keyboard.press("Tab")
    page.wait_for_selector("#title-check:has-text('what seems to be a name')")
    page.fill("#id_public_title", "Søknad")
    page.keyboard.press("Tab")
    page.wait_for_selector("#title-check .found", state="detached")
    page.wait_for_selector(
        "#status:has-text('Nothing in the public title is marked.')", state="attached"
    )
    assert page.evaluate("document.activeElement !== document.body")


def test_several_are_chosen_by_keys_and_clicks_and_set_aside_and_brought_back(office, signed_in):
    mails = [office.mail(f"Number {number}") for number in range(5)]
    page = signed_in(of(mails[0]))
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")  # chosen already, and on
    page.wait_for_url(f"**{of(mails[1])}")
    page.keyboard.press("Shift+J")
    page.wait_for_url(f"**{of(mails[2])}")
    page.wait_for_selector("summary:has-text('(2)')")
    boxes = page.locator("input[name=chosen]")
    boxes.nth(3).click()
    boxes.nth(4).click(modifiers=["Shift"])
    page.wait_for_selector("summary:has-text('(4)')")
    page.keyboard.press("e")
    page.keyboard.press("2")
    page.wait_for_selector("text=4 messages are set aside.")
    for mail in mails:
        mail.refresh_from_db()
    assert [mail.state for mail in mails] == ["spam", "spam", "screened", "spam", "spam"]
    page.keyboard.press("z")
    page.wait_for_selector("text=4 messages are back.")
    mails[0].refresh_from_db()
    assert mails[0].state == "screened"


def kept_with(page, **values):
    """Wait until the draft on the server holds these; the page may speak of an earlier one."""
    for _ in range(100):
        if Draft.objects.filter(values__contains=values).exists():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never kept: {values}")


def test_what_was_typed_first_is_never_kept_last(office, signed_in):
    page = signed_in(of(office.mail()))
    sent, held = [], []

    def answer(route):
        sent.append(route.request.post_data)
        if len(sent) == 1:
            held.append(route)
        else:
            route.continue_()

    page.route("**/draft*", answer)
    page.fill("#id_title", "Veglys")
    page.fill("#id_legal_basis", "offl. § 13")
    page.focus("#id_access")
    page.wait_for_timeout(1500)
    assert len(sent) == 1
    held[0].continue_()
    kept_with(page, title="Veglys", legal_basis="offl. § 13")
    assert len(sent) == 2


def test_what_is_typed_survives_being_signed_out(office, signed_in, live_server):
    message = office.mail()
    page = signed_in(of(message))
    page.fill("#id_title", "Word for word: æøå, «hermetegn»")
    page.fill("#id_legal_basis", "offl. § 13")
    page.focus("#id_access")
    page.wait_for_selector("text=What you have typed is kept.")
    kept_with(page, legal_basis="offl. § 13")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#id_username")
    page.fill("#id_username", office.registrar.email)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{of(message)}")
    assert page.input_value("#id_title") == "Word for word: æøå, «hermetegn»"
    assert page.input_value("#id_legal_basis") == "offl. § 13"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=is registered and acknowledged")
    assert not Draft.objects.exists()


def test_second_person_sees_the_first_and_keeps_the_text_when_it_is_too_late(office, signed_in):
    message = office.mail()
    first = signed_in(of(message), user=office.user("registrar"))
    name = first.inner_text(".user-menu summary")
    second = signed_in(of(message))
    assert f"{name} is registering this now" in second.inner_text("#presence")
    second.fill("#id_title", "My own words")
    first.keyboard.press("Control+Enter")
    first.wait_for_selector(".empty")
    second.keyboard.press("Control+Enter")
    second.wait_for_selector("text=Somebody has dealt with this message already.")
    assert second.input_value("#id_title") == "My own words"
    assert Entry.objects.filter(direction="incoming").count() == 1


def test_z_is_too_late_after_its_time_and_leads_to_the_correction(office, signed_in, settings):
    settings.UNDO_SECONDS = 1
    message = office.mail()
    page = signed_in(of(message))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=It is too late to undo.")
    page.keyboard.press("z")
    link = page.locator("a:has-text('Correct the entry instead')")
    assert link.evaluate("element => element === document.activeElement")
    page.wait_for_selector("#status:has-text('It is too late to undo.')", state="attached")
    page.keyboard.press("Enter")
    page.wait_for_url("**/correct/")
    message.refresh_from_db()
    assert message.state == "registered"


def test_new_post_is_announced_and_no_row_moves(office, signed_in):
    office.mail("First")
    page = signed_in("/")
    page.evaluate(
        "const a = document.getElementById('arrivals');"
        "a.setAttribute('hx-trigger', 'kp-now'); htmx.process(a)"
    )
    office.mail("Second", at=timezone.now())
    page.evaluate("htmx.trigger('#arrivals', 'kp-now')")
    page.wait_for_selector("text=1 new – show")
    assert page.locator(".queue-row").count() == 1
    page.click("text=1 new – show")
    page.wait_for_selector(".queue-row:nth-child(2)")


def test_triage_without_scripts_to_its_end(office, signed_in):
    first = office.mail(f"Søknad for {NUMBER}")
    second, third = office.mail("Second"), office.mail("Third")
    page = signed_in(of(first), java_script_enabled=False)
    # Refused, with what was found and the way out on the page.
    page.click("button:has-text('Register')")
    page.wait_for_selector(".error-summary")
    page.click("button:has-text('Use it')")
    page.wait_for_selector("text=This is as you left it")
    assert page.input_value("#id_public_title") == "Søknad for *****"
    page.click("button:has-text('Register') >> nth=0")
    page.wait_for_url(f"**{of(second)}")
    first.refresh_from_db()
    assert first.state == "registered"
    # Several at once, with boxes and a button.
    for box in page.locator("input[name=chosen]").all():
        box.check()
    page.click("summary:has-text('With those chosen')")
    page.select_option("#bulk-person", label=office.registrar.name)
    page.click("#bulk button:has-text('Give')")
    page.wait_for_selector("text=2 messages are given.")
    page.click("a:has-text('Mine')")
    assert page.locator(".queue-row").count() == 2
    third.refresh_from_db()
    assert third.assignee == office.registrar
