"""Attachments in the pane: pages as pictures, or why there are none."""

from __future__ import annotations

import base64
import os
import time

from django.test import Client
from django.urls import reverse

from accounts.rules.roles import Role
from lib import previews
from tests.lib.pictures.files import page


def with_pdf(office, count=3):
    content = base64.encodebytes(page(b"1 0 0 rg 0 0 100 200 re f", count=count))
    return office.raw(
        b"From: Ola <ola@example.net>\r\nSubject: Kart\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nHei\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename=kart.pdf"
        b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + content + b"--b\r\n"
        b"Content-Type: application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\n"
        b"PK\x03\x04\x14\x00\r\n--b--\r\n"
    )


def test_pages_are_turned_by_links_and_named_for_those_who_do_not_see(office, registrar):
    message = with_pdf(office)
    here = reverse("intake:preview", args=[message.pk, "2"])
    shown = registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    assert f'href="{here}"' in shown
    assert "Cannot be shown here: download it." in shown
    first = registrar.get(here).content.decode()
    assert 'alt="Page 1 of 3 of kart.pdf"' in first
    assert f"{here}?page=2" in first
    assert f"{here}?page=0" not in first
    last = registrar.get(f"{here}?page=3").content.decode()
    assert f"{here}?page=2" in last
    assert f"{here}?page=4" not in last
    beyond = registrar.get(f"{here}?page=4").content.decode()
    assert "The file has no such page." in beyond
    assert "<img" not in beyond
    picture = registrar.get(reverse("intake:page-image", args=[message.pk, "2", 3]))
    assert picture["Content-Type"] == "image/webp"
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert picture["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in picture["Cache-Control"]


def test_page_is_drawn_once_and_forgotten_after_an_hour(office, registrar, settings, monkeypatch):
    message = with_pdf(office)
    image = reverse("intake:page-image", args=[message.pk, "2", 1])
    assert registrar.get(image).status_code == 200
    kept = [file for file in settings.PREVIEW_DIR.iterdir() if not file.name.startswith("partial")]
    assert [oct(file.stat().st_mode & 0o777) for file in kept] == ["0o600"]

    def never(*args):
        raise AssertionError("drawn again")

    monkeypatch.setattr(previews, "_child", never)
    assert registrar.get(image).status_code == 200
    monkeypatch.undo()
    long_ago = time.time() - 3_700
    os.utime(kept[0], (long_ago, long_ago))
    assert registrar.get(reverse("intake:page-image", args=[message.pk, "2", 2])).status_code == 200
    assert not kept[0].exists()


def test_no_more_is_kept_than_there_is_room_for(settings, tmp_path):
    settings.PREVIEW_DIR = tmp_path / "previews"
    settings.PREVIEW_MEGABYTES = 1
    file = settings.PREVIEW_DIR / "a-1"
    for number in range(4):
        previews._keep(file.with_name(f"{number}-1"), {"pages": 1, "all_pages": 1}, b"x" * 400_000)
        past = time.time() - 100 + number
        os.utime(file.with_name(f"{number}-1"), (past, past))
    # A megabyte holds two of 400 000 bytes.
    assert sorted(each.name for each in settings.PREVIEW_DIR.iterdir()) == ["2-1", "3-1"]


def test_file_that_cannot_be_drawn_says_why_and_can_be_downloaded(office, registrar):
    message = office.with_files()
    here = reverse("intake:preview", args=[message.pk, "3"])
    for _ in range(2):  # also when it is remembered
        shown = registrar.get(here).content.decode()
        assert "It is damaged, or not made as such files are." in shown
        assert reverse("intake:attachment", args=[message.pk, "3"]) in shown


def test_others_pages_do_not_exist(office, registrar):
    message = with_pdf(office)
    other = office.mail()
    client = Client()
    client.force_login(office.user(Role.CASEWORKER))
    for name, more in (("preview", []), ("page-image", [1])):
        assert (
            client.get(reverse(f"intake:{name}", args=[message.pk, "2", *more])).status_code == 403
        )
        for foreign in ([other.pk, "2"], [message.pk, "9"], [message.pk + 1000, "2"]):
            url = reverse(f"intake:{name}", args=[*foreign, *more])
            assert registrar.get(url).status_code == 404
