"""What is typed beside a letter outlives being signed out, and pages that only ask for more."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tasks import clear_sessions
from intake.models import Draft
from tests.office import PASSWORD, open_office

LOST = "sessionid"


@pytest.fixture
def office(db, settings, tmp_path):
    settings.BLOB_DIR = tmp_path / "blobs"
    return open_office(PASSWORD)


@pytest.fixture
def browser(office):
    """A browser that checks what a real one would, in which the registrar has signed in."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(office.registrar)
    return client


def at(message, name):
    return reverse(f"intake:{name}", args=[message.pk])


def send(client, url, form):
    """Send a form as the page that was open has it, with its token."""
    token = client.cookies["csrftoken"].value
    return client.post(url, {**form, "csrfmiddlewaretoken": token})


def sign_in(client, office, refused):
    """Sign in where a refused form led to, and land on its page again."""
    assert refused.status_code == 302
    assert urlsplit(refused.url).path == reverse("sign-in")
    client.get(refused.url)
    form = {
        "username": office.registrar.email,
        "password": PASSWORD,
        "next": parse_qs(urlsplit(refused.url).query)["next"][0],
    }
    landed = send(client, reverse("sign-in"), form)
    assert landed.status_code == 302
    return client.get(landed.url, follow=True)


@pytest.mark.parametrize(
    ("name", "form", "words"),
    [
        ("misdirected", {"case_number": "2026/77 half"}, 'value="2026/77 half"'),
        (
            "ask",
            {"points": ["matter"], "other": "Which street?\nWhich lamp?", "title": "Half a ti"},
            [
                "Which street?\nWhich lamp?",
                'value="matter" id="id_points_3" checked',
                'value="Half a ti"',
            ],
        ),
        (
            "split",
            {"parts": "3", "part0-title": "First", "part2-title": "Third"},
            ['value="First"', 'value="Third"', 'name="parts" value="3"'],
        ),
        ("register", {"case": "new", "title": "Half a ti"}, 'value="Half a ti"'),
    ],
)
def test_a_form_sent_after_being_signed_out_is_there_after_signing_in(
    office, browser, name, form, words
):
    message = office.mail()
    browser.get(at(message, "message" if name == "register" else name))
    del browser.cookies[LOST]
    page = sign_in(browser, office, send(browser, at(message, name), form))
    text = page.content.decode()
    for each in [words] if isinstance(words, str) else words:
        assert each in text
    assert "This is as you left it" in text
    assert message.__class__.objects.get(pk=message.pk).state == "screened"
    # It is a draft like any other now: there the next time, forgotten when that is asked for.
    assert Draft.objects.get().user == office.registrar
    assert not Draft.objects.exclude(page=name).exists()
    assert "typed" not in browser.session
    assert browser.session.get_expiry_age() == 36_000
    forgotten = send(
        browser, reverse("intake:draft", args=[message.pk]), {"draft_of": name, "forget": "yes"}
    )
    assert forgotten.url == at(message, "message" if name == "register" else name)
    assert not Draft.objects.exists()


def test_only_forms_of_ours_are_kept_for_their_own_page_and_not_for_long(office, browser):
    message, other = office.mail(), office.mail()
    browser.get(at(message, "ask"))
    del browser.cookies[LOST]
    # Without the token of a page of ours nothing is kept, nor what no person has typed.
    assert browser.post(at(message, "ask"), {"other": "forged"}).status_code == 403
    send(browser, at(message, "ask"), {"other": "x" * 100_001})
    assert LOST not in browser.cookies
    refused = send(browser, at(message, "ask"), {"other": "Which lamp?"})
    kept = Session.objects.get(pk=browser.cookies[LOST].value)
    assert timedelta() < kept.expire_date - timezone.now() <= timedelta(minutes=30)
    elsewhere = sign_in(browser, office, refused)
    assert "Which lamp?" in elsewhere.content.decode()
    assert "Which lamp?" not in browser.get(at(other, "ask")).content.decode()
    # Whoever never signs in again leaves nothing behind.
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    clear_sessions()
    assert not Session.objects.exists()


def test_what_one_person_typed_is_not_given_to_the_next_who_signs_in_there(office, browser):
    message = office.mail()
    browser.get(at(message, "ask"))
    del browser.cookies[LOST]
    other = office.registrar.__class__.objects.create(email="per@nn.example", name="Per")
    other.set_password(PASSWORD)
    other.save()
    for grant in office.registrar.grants.all():
        grant.pk, grant.user = None, other
        grant.save()
    refused = send(browser, at(message, "ask"), {"other": "Words of the first"})
    office.registrar = other
    page = sign_in(browser, office, refused)
    assert page.status_code == 200
    assert "Words of the first" not in page.content.decode()
    assert not Draft.objects.exists()
    assert "typed" not in browser.session
    # Nor does a browser in which nobody ever signed in have us keep anything.
    stranger = Client(enforce_csrf_checks=True)
    stranger.get(reverse("sign-in"))
    send(stranger, at(message, "ask"), {"other": "x" * 50_000})
    assert LOST not in stranger.cookies


def test_each_page_keeps_its_own_draft_until_the_message_is_settled(office, browser):
    message = office.with_files()
    first = message.attachments.order_by("pk").first()
    draft = reverse("intake:draft", args=[message.pk])
    browser.get(at(message, "split"))
    for of, form in (
        ("register", {"title": "In the panel"}),
        ("misdirected", {"case_number": "2026/5"}),
        ("ask", {"other": "Which lamp?", "points": ["name", "matter"]}),
        ("split", {"parts": "2", "part0-title": "One", "part1-attachments": [first.pk]}),
    ):
        token = browser.cookies["csrftoken"].value
        kept = browser.post(
            draft,
            {"draft_of": of, **form, "csrfmiddlewaretoken": token},
            headers={"X-Draft": "yes"},
        )
        assert kept.status_code == 204
    assert Draft.objects.count() == 4
    page = browser.get(at(message, "ask"))
    assert page.context["form"]["points"].value() == ["name", "matter"]
    # What the panel holds is where this begins, as long as nothing was typed here about it.
    assert page.context["register_form"]["title"].value() == "In the panel"
    page = browser.get(at(message, "split"))
    assert page.context["parts"][0]["form"]["title"].value() == "One"
    assert page.context["parts"][1]["form"]["attachments"].value() == [str(first.pk)]
    # A form with errors is kept too: without scripts this is all that the server sees.
    broken = {"draft_of": "split", "parts": "2", "part0-title": "", "part1-title": "Two"}
    assert send(browser, at(message, "split"), broken).status_code == 422
    page = browser.get(at(message, "split"))
    assert page.context["parts"][1]["form"]["title"].value() == "Two"
    send(browser, reverse("intake:set-aside", args=[message.pk]), {"state": "spam"})
    assert not Draft.objects.exists()
