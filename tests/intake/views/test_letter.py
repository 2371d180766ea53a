"""The letter in its frame, and the files of a message: nothing runs, loads or opens by itself."""

from __future__ import annotations

import pytest
from django.urls import reverse

from intake.models import Attachment


def policy(response) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: value for name, _space, value in parts}


def test_body_has_a_policy_of_its_own_and_holds_nothing_that_runs(office, registrar):
    message = office.hostile()
    response = registrar.get(reverse("intake:message-body", args=[message.pk]))
    rules = policy(response)
    assert rules["default-src"] == "'none'"
    assert rules["form-action"] == "'none'"
    assert "allow-scripts" not in rules["sandbox"]
    assert "allow-forms" not in rules["sandbox"]
    assert "script-src" not in rules
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    page = response.content.decode().lower()
    for word in ["<script", "<form", "<svg", "<iframe", "onload", "onerror", "http-equiv"]:
        assert word not in page
    assert "javascript:" not in page
    assert 'href="http://evil.example/s.css' not in page


def test_body_counts_what_is_blocked_and_says_where_links_lead(office, registrar):
    message = office.hostile()
    page = registrar.get(reverse("intake:message-body", args=[message.pk])).content.decode()
    assert "external images are blocked" in page
    assert "<strong>evil.example</strong>" in page


def test_text_is_shown_instead_of_layout_when_asked_for(office, registrar):
    message = office.hostile()
    body = reverse("intake:message-body", args=[message.pk])
    page = registrar.get(f"{body}?as=text").content.decode()
    assert "<pre>" in page
    assert "Good day" in page


def test_text_of_a_plain_letter_is_escaped(office, registrar):
    message = office.mail(text="<b>not bold</b> & <script>x</script>")
    page = registrar.get(reverse("intake:message-body", args=[message.pk])).content.decode()
    assert "&lt;b&gt;not bold&lt;/b&gt; &amp; &lt;script&gt;" in page


def test_picture_of_the_letter_is_shown_and_nothing_else_inline(office, registrar):
    message = office.with_files()
    page = registrar.get(reverse("intake:message-body", args=[message.pk])).content.decode()
    image = reverse("intake:page-image", args=[message.pk, "2", 1])
    assert image in page
    response = registrar.get(image)
    # Drawn anew: nothing of what was sent reaches the browser.
    assert response["Content-Type"] == "image/webp"
    assert response.content[8:12] == b"WEBP"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    broken = reverse("intake:page-image", args=[message.pk, "3", 1])
    assert registrar.get(broken).status_code == 404


def test_attachment_is_a_download_of_the_very_bytes(office, registrar):
    message = office.with_files()
    response = registrar.get(reverse("intake:attachment", args=[message.pk, "3"]))
    assert response.content.startswith(b"%PDF-1.4")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="kart.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("../../etc/passwd", 'filename="_.._etc_passwd"'),
        ("C:\\evil.exe", 'filename="C:_evil.exe"'),
        ('a".exe', 'filename="a\\".exe"'),
        ("line\r\nSet-Cookie: x=y.pdf", 'filename="lineSet-Cookie: x=y.pdf"'),
        ("photo\u202egpj.exe", 'filename="photogpj.exe"'),
        ("skjøte.pdf", "filename*=utf-8''skj%C3%B8te.pdf"),
        ("...", 'filename="attachment"'),
        ("", 'filename="3.bin"'),
        ("x" * 255 + ".pdf", f'filename="{"x" * 120}.pdf"'),
    ],
)
def test_evil_name_of_an_attachment_stays_a_name(office, registrar, name, sent):
    message = office.with_files()
    Attachment.objects.filter(message=message, path="3").update(filename=name[:255])
    response = registrar.get(reverse("intake:attachment", args=[message.pk, "3"]))
    assert response.status_code == 200
    expected = sent if len(name) <= 255 else f'filename="{"x" * 120}"'
    assert response["Content-Disposition"] == f"attachment; {expected}"
    assert "Set-Cookie" not in response.headers


def test_original_is_the_mail_byte_for_byte(office, registrar):
    message = office.mail()
    response = registrar.get(reverse("intake:message-original", args=[message.pk]))
    assert len(response.content) == message.size
    assert response["Content-Disposition"] == f'attachment; filename="{message.number}.eml"'
