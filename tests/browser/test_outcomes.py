"""What else becomes of post, by keyboard and without scripts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from intake.actions.set_up import set_up_body
from registry.models import Entry
from tests.office import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def of(message, name="message"):
    return reverse(f"intake:{name}", args=[message.pk])


def test_misdirected_post_takes_three_keys_and_two_take_it_back(office, signed_in):
    set_up_body(
        name="NAV", email="post@nav.example", postal_address="Postboks 1", words=("dagpeng",)
    )
    message, following = office.mail("Dagpengene mine"), office.mail("The next one")
    page = signed_in(of(message))
    page.keyboard.press("m")
    page.wait_for_url(f"**{of(message, 'misdirected')}")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.keyboard.press("1")
    page.wait_for_selector("#letter-preview >> text=NAV")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{of(following)}")
    assert "its sender is told, and the mail is sent on" in page.inner_text(".queue-pane")
    message.refresh_from_db()
    assert message.state == "registered"
    page.keyboard.press("z")
    page.wait_for_url(f"**{of(message)}")
    message.refresh_from_db()
    assert message.state == "screened"
    assert set(Entry.objects.values_list("status", flat=True)) == {"void"}


def test_what_is_asked_for_survives_being_signed_out_word_for_word(office, signed_in):
    message = office.mail()
    page = signed_in(of(message, "ask"))
    page.fill("#id_other", "Hvilken lampe?\nHvilken «gate»?")
    page.focus("#id_language")
    page.wait_for_selector("text=What you have typed is kept.")
    page.context.clear_cookies(name="sessionid")
    # Typed after that, it cannot be kept, and the page says so and stays.
    page.fill("#id_other", "Hvilken lampe?\nHvilken «gate»? Æøå.")
    page.focus("#id_language")
    page.wait_for_selector("text=What you type is not being kept.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#id_username")
    page.fill("#id_username", office.registrar.email)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{of(message, 'ask')}")
    assert page.input_value("#id_other") == "Hvilken lampe?\nHvilken «gate»? Æøå."
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-undo-seconds]")
    assert Entry.objects.filter(direction="outgoing").count() == 1


def test_without_scripts_the_letter_is_shown_by_a_button_and_sent(office, signed_in):
    body = set_up_body(name="NAV", email="", postal_address="Postboks 1", words=("dagpeng",))
    message = office.mail("Dagpengene mine")
    page = signed_in(of(message, "misdirected"), java_script_enabled=False)
    page.check(f"input[value='{body.pk}']")
    page.click("button:has-text('Show the letter')")
    assert "Det har NAV." in page.inner_text("#letter-preview")
    assert page.is_checked(f"input[value='{body.pk}']")
    page.click("button:has-text('Tell the sender and register')")
    message.refresh_from_db()
    assert message.state == "registered"
