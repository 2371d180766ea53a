"""The registry office's pages as a whole, in a real browser: keys, no scripts, a hostile letter."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from outbox.models import LetterRecipient
from registry.models import Entry
from tests.office import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def of(message):
    return reverse("intake:message", args=[message.pk])


def test_person_signs_in_and_registers_a_common_message_by_keyboard_alone(
    office, page_at, live_server
):
    entry = office.town.register(at=timezone.now(), message_number="")
    known = office.mail(f"Re: {entry.case.reference} Støttekontakt")
    clean = office.mail("Spørsmål om veglys")
    page = page_at(1280)
    page.goto(live_server.url)
    page.focus("#id_username")
    page.keyboard.type(office.registrar.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".queue-row[data-selected]")

    # A known thread: two keys.
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{of(clean)}")
    known.refresh_from_db()
    assert known.state == "registered"
    # A new case with a clean title: one key is enough.
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".empty")
    clean.refresh_from_db()
    assert clean.state == "registered"
    assert LetterRecipient.objects.count() == 2
    assert {each.address for each in LetterRecipient.objects.all()} == {"ola@example.net"}

    # And z takes the last one back.
    page.keyboard.press("z")
    page.wait_for_url(f"**{of(clean)}")
    page.wait_for_selector("text=Undone.")
    clean.refresh_from_db()
    assert clean.state == "screened"
    assert {e.status for e in Entry.objects.filter(message_number=clean.number)} == {"void"}


def test_everything_works_without_scripts(office, signed_in):
    message = office.mail("Without scripts")
    aside = office.mail("Advertising")
    page = signed_in(of(message), java_script_enabled=False)
    page.fill("#id_title", "My own title")
    page.click("text=Register >> nth=-1")
    page.wait_for_url(f"**{of(aside)}")
    assert Entry.objects.order_by("pk").first().title == "My own title"
    page.click("button:has-text('Undo')")
    page.wait_for_url(f"**{of(message)}")
    message.refresh_from_db()
    assert message.state == "screened"
    page.click(f"a[href='{of(aside)}'] >> nth=0")
    page.click(".register-panel button:has-text('Spam')")
    page.wait_for_url(f"**{of(message)}")
    page.click("text=Set aside >> nth=0")
    page.click("button:has-text('Put back')")
    page.wait_for_url(f"**{of(aside)}")
    aside.refresh_from_db()
    assert aside.state == "screened"


def test_shortcuts_that_are_off_do_nothing_and_typing_only_types(office, signed_in):
    first, second = office.mail("First"), office.mail("Second")
    page = signed_in(of(first))
    page.focus("#id_title")
    page.keyboard.type("j1ezn?")
    assert "j1ezn?" in page.input_value("#id_title")
    assert page.url.endswith(of(first))
    office.registrar.shortcuts = False
    office.registrar.save()
    page = signed_in(of(first))
    for key in ["j", "1", "e", "1", "z", "?"]:
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert page.url.endswith(of(first))
    second.refresh_from_db()
    assert second.state == "screened"


def test_keys_walk_the_queue_also_when_the_letter_has_focus(office, signed_in):
    messages = [office.mail(f"Number {number}") for number in range(3)]
    page = signed_in(of(messages[0]))
    page.frame_locator("iframe").locator("pre").click()
    page.keyboard.press("j")
    page.wait_for_url(f"**{of(messages[1])}")
    page.wait_for_selector("h1:focus")
    page.frame_locator("iframe").locator("pre").click()
    page.keyboard.press("k")
    page.wait_for_url(f"**{of(messages[0])}")
    page.wait_for_selector("h1:text('Number 0')")
    # Two keys set advertising aside.
    page.keyboard.press("e")
    page.keyboard.press("2")
    page.wait_for_url(f"**{of(messages[1])}")
    messages[0].refresh_from_db()
    assert messages[0].state == "spam"


def test_keys_show_the_text_and_the_headers_and_lead_back(office, signed_in):
    message = office.hostile()
    page = signed_in(of(message))
    page.keyboard.press("t")
    page.wait_for_url(f"**{of(message)}?as=text")
    page.frame_locator("iframe").locator("pre").wait_for()
    page.keyboard.press("h")
    page.wait_for_url("**/headers")
    assert "Subject: Hostile" in page.inner_text(".raw-headers")
    page.keyboard.press("u")
    page.wait_for_url(f"**{of(message)}")
    page.keyboard.press("0")
    assert page.evaluate("document.activeElement.name") == "other_case"


def test_hostile_letter_loads_nothing_runs_nothing_and_asks_nothing(office, signed_in):
    message = office.hostile()
    asked = []
    page = signed_in("/held/")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url.replace("/held/", of(message)))
    letter = page.frame_locator("iframe")
    letter.locator("text=Good day").wait_for()
    page.wait_for_timeout(500)
    assert [url for url in asked if urlsplit(url).hostname not in {"localhost", "127.0.0.1"}] == []
    assert "owned" not in page.title()
    frame = page.frame(url="**/body")
    assert frame.title() == message.number
    for selector in ["form", "input", "script", "svg", "iframe", "meta[http-equiv]", "base"]:
        assert letter.locator(selector).count() == 0, selector
    assert letter.locator("img[src]").count() == 0
    assert "external image" in letter.locator(".ours").first.inner_text()
    assert "evil.example" in letter.locator(".ours").last.inner_text()


def test_error_takes_focus_keeps_the_text_and_is_told_in_the_title(office, signed_in, axe):
    message = office.mail()
    page = signed_in(of(message))
    page.fill("#id_title", "")
    page.fill("#id_legal_basis", "offl. § 13")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".error-summary:focus")
    assert page.title().startswith("Error:")
    assert page.input_value("#id_legal_basis") == "offl. § 13"
    axe(page)
    page.click(".error-summary a")
    assert page.locator("#id_title:focus").count() == 1


def test_locked_out_person_is_told_so(office, page_at, live_server, settings):
    settings.AXES_FAILURE_LIMIT = 2
    page = page_at(390)
    for _try in range(2):
        page.goto(f"{live_server.url}/sign-in/")
        page.fill("#id_username", office.registrar.email)
        page.fill("#id_password", "wrong")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert "15 minutes" in page.inner_text("main")
    assert page.locator("input[type=password]").count() == 0
