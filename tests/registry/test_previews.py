"""Documents of a case that are looked at and not downloaded; each look leaves an event."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from accounts.rules.roles import Role
from ledger.models import Event
from lib import blobs
from registry.actions.post import PostFile
from tests.lib.pictures.files import page

MAIL = b"From: Ola <ola@example.net>\r\nSubject: Kart\r\n\r\nHer er kartet, <b>hilsen</b> Ola\r\n"
FILE = page(b"1 0 0 rg 0 0 100 200 re f", count=2)


def stored(content, media_type, filename):
    name = blobs.store(content)
    return PostFile(
        role="main",
        filename=filename,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        kept_in="blob",
        original_sha256=name,
        original_part="",
    )


@pytest.fixture
def documents(town, settings, tmp_path):
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.PREVIEW_DIR = tmp_path / "previews"
    files = (
        stored(MAIL, "message/rfc822", "M17.eml"),
        stored(FILE, "application/pdf", "kart.pdf"),
        stored(b"PK", "application/zip", "a.zip"),
    )
    return list(town.register(files=files).documents.order_by("number"))


def client_of(user):
    user.language = "en"
    user.save()
    client = Client()
    client.force_login(user)
    return client


def test_mail_is_shown_as_text_and_a_pdf_page_by_page(town, documents):
    mail, pdf, other = documents
    client = client_of(town.user(Role.REGISTRAR))
    case = client.get(reverse("registry:case", args=[mail.entry.case_id])).content.decode()
    assert reverse("registry:preview", args=[pdf.pk]) in case
    assert reverse("registry:preview", args=[other.pk]) not in case
    shown = client.get(reverse("registry:preview", args=[mail.pk])).content.decode()
    assert "Her er kartet, &lt;b&gt;hilsen&lt;/b&gt; Ola" in shown
    turned = client.get(reverse("registry:preview", args=[pdf.pk]), {"page": "2"}).content.decode()
    assert 'alt="Page 2 of 2 of kart.pdf"' in turned
    picture = client.get(reverse("registry:page-image", args=[pdf.pk, 2]))
    assert picture.content[8:12] == b"WEBP"
    refused = client.get(reverse("registry:preview", args=[other.pk])).content.decode()
    assert "No pictures are made of this kind of file." in refused
    read = Event.objects.filter(verb="registry.document_read").order_by("pk")
    assert [event.subject for event in read] == [f"document:{mail.pk}", f"document:{pdf.pk}"]


def test_pages_are_for_those_who_may_read_the_entry(town, documents):
    _, pdf, _ = documents
    addresses = [
        reverse("registry:preview", args=[pdf.pk]),
        reverse("registry:page-image", args=[pdf.pk, 1]),
    ]
    own = client_of(town.user(Role.CASEWORKER, unit=town.health))
    stranger = client_of(town.user(Role.CASEWORKER, unit=town.roads))
    secretary = client_of(town.user(Role.SECRETARY))
    nobody = client_of(town.user(Role.ADMINISTRATOR))
    for address in addresses:
        assert own.get(address).status_code == 200
        assert stranger.get(address).status_code == 404
        # Sees the case, and may not read what has not been assessed.
        assert secretary.get(address).status_code == 403
        assert nobody.get(address).status_code == 403
        assert own.get(address.replace(str(pdf.pk), "999999")).status_code == 404


def test_damaged_original_is_not_drawn(town, documents):
    _, pdf, _ = documents
    blobs.path(pdf.original_sha256).write_bytes(b"%PDF-1.4 changed")
    client = client_of(town.user(Role.REGISTRAR))
    shown = client.get(reverse("registry:preview", args=[pdf.pk])).content.decode()
    assert "It could not be taken out of the store. Tell IT support." in shown
