"""Attachments beside the letter, and sheets on paper, in a real browser."""

from __future__ import annotations

import base64

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone

from tests.lib.pictures.files import page as pdf_page

pytestmark = pytest.mark.django_db(transaction=True)


def with_pdf(office):
    content = base64.encodebytes(pdf_page(b"1 0 0 rg 0 0 100 200 re f", count=3))
    return office.raw(
        b"From: Ola <ola@example.net>\r\nSubject: Kart\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nHei\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename=kart.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + content + b"--b--\r\n"
    )


# 200 points, at the largest scale of four.
WIDTH = "image => image.decode().then(() => image.naturalWidth)"


def test_attachment_opens_beside_the_letter_and_its_pages_turn_by_keys(office, signed_in, axe):
    message = with_pdf(office)
    page = signed_in(reverse("intake:message", args=[message.pk]), 1280, "dark")
    here = page.url
    page.keyboard.press("p")
    page.wait_for_selector("img[alt='Page 1 of 3 of kart.pdf']")
    assert page.locator(".page-image").evaluate(WIDTH) == 800
    assert page.evaluate("document.activeElement !== document.body")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("img[alt='Page 2 of 3 of kart.pdf']")
    page.wait_for_selector("#status:has-text('Page 2 of 3')", state="attached")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("img[alt='Page 1 of 3 of kart.pdf']")
    assert page.url == here
    page.goto(here.split("/messages/")[0] + reverse("intake:preview", args=[message.pk, "2"]))
    axe(page)


def test_pages_of_an_attachment_turn_without_scripts_on_a_phone(office, signed_in):
    message = with_pdf(office)
    page = signed_in(reverse("intake:message", args=[message.pk]), 390, java_script_enabled=False)
    page.click(".attachments >> text=Show")
    page.wait_for_selector("img[alt='Page 1 of 3 of kart.pdf']")
    page.click("text=Next page")
    page.wait_for_selector("img[alt='Page 2 of 3 of kart.pdf']")
    page.click("text=Back")
    page.wait_for_url(f"**{reverse('intake:message', args=[message.pk])}")


def test_sheets_on_paper_are_black_on_white_in_dark_mode(office, signed_in, tmp_path):
    now = timezone.now()
    entry = office.town.register(at=now, message_number="")
    for number in range(12):
        office.town.register(entry.case_id, at=now, message_number="", title=f"Brev {number} " * 12)
    for path, mark in [
        (reverse("registry:case-sheet", args=[entry.case_id]), f"{entry.case.reference} ·"),
        (reverse("registry:journal"), "Journal of"),
    ]:
        page = signed_in(path, 1280, "dark")
        file = tmp_path / "sheet.pdf"
        page.pdf(path=str(file))
        printed = pypdfium2.PdfDocument(file)
        assert len(printed) >= 1
        for sheet in printed:
            image = sheet.render(scale=1).to_pil().convert("L")
            pixels = image.width * image.height
            light = sum(image.histogram()[250:])
            assert light / pixels > 0.7
            text = sheet.get_textpage().get_text_bounded()
            assert mark in text
            assert "Printed" in text
            assert "registrar Kari Arkivar" in text
            assert "Keyboard shortcuts" not in text
        whole = " ".join(s.get_textpage().get_text_bounded() for s in printed)
        assert ("Brev 11 " * 12).strip() in " ".join(whole.split())
