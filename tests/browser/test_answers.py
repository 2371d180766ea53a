"""Answering in a real browser: by keyboard, without scripts, on a phone, and what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from outbox.models import LetterRecipient
from registry.models import Answer, SignOff
from tests.lib.pictures.files import page as picture
from tests.registry.test_answer_pages import written

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry(office):
    return office.town.register(at=timezone.now() - timedelta(hours=1), message_number="")


def test_a_reply_by_keyboard_is_kept_while_written_survives_sign_out_and_leaves(
    entry, signed_in, live_server
):
    case = reverse("registry:case", args=[entry.case_id])
    page = signed_in(case)
    page.keyboard.press("r")
    page.wait_for_url(f"**{reverse('registry:answer', args=[entry.pk])}")
    page.focus("#id_text")
    page.keyboard.type("Diagnosen din er mottatt.")
    # Kept without a button, shown as the letter, and stopped.
    page.wait_for_selector("[data-stopped] mark:has-text('Diagnosen')")
    assert Answer.objects.get().text == "Diagnosen din er mottatt."
    page.context.clear_cookies()
    assert page.evaluate("document.activeElement.id") == "id_text"

    page = signed_in(reverse("registry:answer", args=[entry.pk]))
    assert page.input_value("#id_text") == "Diagnosen din er mottatt."
    page.fill("#id_text", "Søknaden din er mottatt.")
    page.wait_for_selector(".sent-letter:has-text('Søknaden din er mottatt.')")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{case}")
    assert LetterRecipient.objects.get().fate == "queued"
    assert SignOff.objects.get(entry=entry).way == "BE"
    page.keyboard.press("z")
    page.wait_for_url(f"**{reverse('registry:answer', args=[entry.pk])}")
    assert LetterRecipient.objects.get().fate == "cancelled"


def test_an_answer_is_written_and_sent_without_scripts(entry, signed_in):
    page = signed_in(reverse("registry:case", args=[entry.case_id]), java_script_enabled=False)
    page.click(f"a[href='{reverse('registry:answer', args=[entry.pk])}'] >> nth=0")
    page.fill("#id_text", "Takk for brevet.")
    # Enter in a field keeps the draft and sends nothing.
    page.press("#id_heading", "Enter")
    page.wait_for_selector(".sent-letter:has-text('Takk for brevet.')")
    assert not LetterRecipient.objects.exists()
    page.click("button[value=send]")
    page.wait_for_selector("text=2026/1-2 >> nth=0")
    assert LetterRecipient.objects.count() == 1


def test_whoever_approves_looks_at_the_attachment_beside_the_letter(entry, office, signed_in, axe):
    author, leader = (
        office.town.user(role, unit=office.town.health)
        for role in (Role.CASEWORKER, Role.UNIT_LEADER)
    )
    client = Client()
    client.force_login(author)
    file = SimpleUploadedFile("kart.pdf", picture(b"1 0 0 rg 0 0 100 200 re f", count=2))
    form = written(entry, "attach", channel="post")
    client.post(reverse("registry:answer", args=[entry.pk]), {**form, "upload": file})
    asked = written(entry, "ask", version=Answer.objects.get().version, channel="post")
    client.post(reverse("registry:answer", args=[entry.pk]), asked)
    answer = Answer.objects.get(state="waiting")
    page = signed_in(reverse("registry:answer-approval", args=[answer.pk]), 320, user=leader)
    page.keyboard.press("p")
    page.wait_for_selector(".page-image")
    page.wait_for_load_state("networkidle")
    assert page.eval_on_selector(".page-image", "image => image.naturalWidth") > 0
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{reverse('registry:answer-letter', args=[answer.pk])}")
    assert "Storgata 1" in page.inner_text(".sheet")
