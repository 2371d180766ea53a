"""Who sees what: every kind of person against every kind of access."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Unit, User
from accounts.rules.roles import Role
from ledger.queries import history
from lib import blobs
from outbox.models import Letter
from registry import access
from registry.access.timeline import timeline_for
from registry.actions.hold import place_hold
from registry.actions.link import link_entry
from registry.actions.register import register
from registry.actions.void import void_entry
from registry.models import Document, Entry, SearchEntry
from tests.registry.cast import MORNING, POST, RAW, REGISTRAR, Town

SECRET = "Søknad om støttekontakt for Ola Nordmann"
CASE_SECRET = "Støttekontakt, Ola Nordmann"
EXEMPT = {"access": "exempt", "legal_basis": "offl. § 13"}

PEOPLE: dict[str, Callable[[Town], User]] = {
    "registrar": lambda town: town.user(Role.REGISTRAR),
    "own caseworker": lambda town: town.user(Role.CASEWORKER, unit=town.health),
    "other caseworker": lambda town: town.user(Role.CASEWORKER, unit=town.roads),
    "secretary": lambda town: town.user(Role.SECRETARY, unit=town.roads),
    "registrar of another unit": lambda town: town.user(Role.REGISTRAR, granted_for=town.roads),
    "caseworker without unit": lambda town: town.user(Role.CASEWORKER),
    "official": lambda town: town.user(Role.OFFICIAL),
    "administrator": lambda town: town.user(Role.ADMINISTRATOR),
    "nobody": lambda town: town.user(),
}
# What each gets to read of a case whose entry is open, exempt, or not assessed.
MATRIX = [
    ("registrar", "full", "full", "full"),
    ("own caseworker", "full", "full", "full"),
    ("secretary", "full", "public", "public"),
    ("registrar of another unit", "none", "none", "none"),
    ("other caseworker", "none", "none", "none"),
    ("caseworker without unit", "none", "none", "none"),
    ("official", "none", "none", "none"),
    ("administrator", "none", "none", "none"),
    ("nobody", "none", "none", "none"),
]


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except Http404:
        return "none"
    except PermissionDenied:
        return "public"
    return "full"


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("column", [1, 2, 3])
def test_the_matrix_of_access_to_cases_and_documents(town: Town, who: str, column: int) -> None:
    values: dict[str, str] = [{"access": "open"}, EXEMPT, {"access": "unassessed"}][column - 1]
    entry = town.register(**values)
    user = PEOPLE[who](town)
    expected = next(row[column] for row in MATRIX if row[0] == who)
    document = entry.documents.first()
    assert document is not None
    assert outcome(lambda: access.document_for(user, document.pk)) == expected
    assert outcome(lambda: access.protected_entry_for(user, entry.pk)) == expected
    assert access.cases_for(user).exists() == (expected != "none")
    if expected == "none":
        with pytest.raises(Http404):
            access.case_for(user, entry.case_id)
        return
    (shown,) = timeline_for(user, access.case_for(user, entry.case_id))
    assert shown.title == (SECRET if expected == "full" else "Søknad om støttekontakt")


def test_an_anonymous_visitor_gets_nothing(town: Town, client: Client) -> None:
    entry = town.register(access="open")
    for name, pk in (("case", entry.case_id), ("document", entry.documents.get(number=1).pk)):
        response = client.get(reverse(f"registry:{name}", args=[pk]))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("sign-in"))


def test_a_protected_title_is_nowhere_in_the_pages_of_those_without_access(
    town: Town, client: Client
) -> None:
    entry = town.register(**EXEMPT)
    town.acknowledge(entry)
    client.force_login(PEOPLE["secretary"](town))
    for address in (reverse("registry:cases"), reverse("registry:case", args=[entry.case_id])):
        page = client.get(address).content.decode()
        assert "2026/1" in page
        for secret in ("Nordmann", "ola@example.net", "kart.pdf", "Storgata"):
            assert secret not in page
    assert client.get(reverse("registry:entry-correct", args=[entry.pk])).status_code == 403


def test_a_search_does_not_betray_a_title_that_may_not_be_read(town: Town, client: Client) -> None:
    town.register()
    for who, hits in (("registrar", True), ("own caseworker", True), ("secretary", False)):
        client.force_login(PEOPLE[who](town))
        page = client.get(reverse("registry:cases"), {"q": "Nordmann"}).content.decode()
        assert ("2026/1" in page) == hits


def test_a_case_that_does_not_exist_is_not_found(town: Town, client: Client) -> None:
    client.force_login(PEOPLE["registrar"](town))
    assert client.get(reverse("registry:case", args=[999])).status_code == 404
    assert client.get(reverse("registry:document", args=[999])).status_code == 404


@pytest.fixture
def stored(town: Town, settings: Any, tmp_path: Path) -> Entry:
    settings.BLOB_DIR = tmp_path
    assert blobs.store(b"the mail") == RAW
    return town.register(files=POST.files[:1])


def test_a_document_is_a_download_that_no_browser_opens(
    town: Town, stored: Entry, client: Client
) -> None:
    user = PEOPLE["registrar"](town)
    client.force_login(user)
    document = stored.documents.get()
    response = client.get(reverse("registry:document", args=[document.pk]))
    assert response.content == b"the mail"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="M17.eml"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Security-Policy"].startswith("sandbox")
    event = history(f"document:{document.pk}").get()
    assert (event.verb, event.actor) == ("registry.document_read", user.actor)


def test_bytes_that_are_not_those_registered_are_not_given_out(
    town: Town, stored: Entry, client: Client, tmp_path: Path
) -> None:
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"something else")
    client.force_login(PEOPLE["registrar"](town))
    response = client.get(reverse("registry:document", args=[stored.documents.get().pk]))
    assert response.status_code == 302


def test_the_letter_is_given_out_as_it_left(town: Town, client: Client) -> None:
    done = town.acknowledge(town.register())
    document = Document.objects.get(entry=done.letter_entry)
    client.force_login(PEOPLE["registrar"](town))
    response = client.get(reverse("registry:document", args=[document.pk]))
    assert response.content == bytes(Letter.objects.get().raw)
    assert hashlib.sha256(response.content).hexdigest() == document.sha256


def test_an_attachment_is_taken_out_of_the_mail(
    town: Town, settings: Any, tmp_path: Path, client: Client
) -> None:
    settings.BLOB_DIR = tmp_path
    mail = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nhei\r\n"
        b"--b\r\nContent-Type: application/pdf; name=../../kart.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\ncGRm\r\n--b--\r\n"
    )
    file = POST.files[1].__class__(
        role="attachment",
        filename="../../kart.pdf",
        media_type="application/pdf",
        size=3,
        sha256=hashlib.sha256(b"pdf").hexdigest(),
        kept_in="blob",
        original_sha256=blobs.store(mail),
        original_part="2",
    )
    entry = town.register(files=(file,))
    client.force_login(PEOPLE["registrar"](town))
    response = client.get(reverse("registry:document", args=[entry.documents.get().pk]))
    assert response.content == b"pdf"
    assert response["Content-Disposition"] == 'attachment; filename="kart.pdf"'


def test_the_case_page_shows_numbers_deadlines_and_why(town: Town, client: Client) -> None:
    user = PEOPLE["registrar"](town)
    user.language = "en"
    user.save()
    entry = town.register()
    town.acknowledge(entry)
    place_hold(case_id=entry.case_id, reason="Innsynskrav 4", by=REGISTRAR, at=MORNING)
    client.force_login(user)
    page = client.get(reverse("registry:case", args=[entry.case_id])).content.decode()
    for words in ("2026/1-1", "2026/1-2", CASE_SECRET, RAW, "Why this date?", "Innsynskrav 4"):
        assert words in page
    assert "§ 11 a" in page
    # A month from Monday 2 March: the day itself is not counted, and 2 April 2026 is a holiday.
    assert "the day itself is not counted" in page
    assert "skjærtorsdag" in page.lower()


def test_a_correction_is_made_on_the_page_and_leaves_its_trail(town: Town, client: Client) -> None:
    entry = town.register()
    client.force_login(PEOPLE["registrar"](town))
    address = reverse("registry:entry-correct", args=[entry.pk])
    form = client.get(address).context["form"]
    values = {name: value for name, value in form.initial.items() if value is not None}
    assert client.post(address, {**values, "title": "Rettet"}).status_code == 422
    stale = client.post(address, {**values, "title": "Rettet", "reason": "Feil", "version": 7})
    assert stale.status_code == 422
    done = client.post(address, {**values, "title": "Rettet", "reason": "Feil navn"})
    assert done.status_code == 302
    entry.refresh_from_db()
    assert (entry.title, entry.version) == ("Rettet", 2)
    assert "Feil navn" in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("who", "name", "expected"),
    [
        ("registrar", "entry-void", 302),
        ("own caseworker", "entry-void", 403),
        ("own caseworker", "entry-sign-off", 302),
        ("other caseworker", "entry-sign-off", 404),
        ("official", "entry-sign-off", 403),
    ],
)
def test_who_may_change_an_entry(
    town: Town, client: Client, who: str, name: str, expected: int
) -> None:
    entry = town.register()
    client.force_login(PEOPLE[who](town))
    response = client.post(
        reverse(f"registry:{name}", args=[entry.pk]), {"reason": "Feil", "way": "TE"}
    )
    assert response.status_code == expected


def test_a_long_case_takes_no_more_statements_than_a_short_one(town: Town, client: Client) -> None:
    case = town.register(message_number="M1").case_id
    client.force_login(PEOPLE["registrar"](town))
    counts = []
    for number in range(2, 5):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("registry:case", args=[case])).status_code == 200
            assert client.get(reverse("registry:cases")).status_code == 200
        counts.append(len(captured))
        town.register(case=case, message_number=f"M{number}")
        town.register(message_number=f"M1{number}")
    assert counts[1] == counts[2]


def test_closing_from_the_page_says_why_not(town: Town, client: Client) -> None:
    entry = town.register()
    client.force_login(PEOPLE["own caseworker"](town))
    address = reverse("registry:case-close", args=[entry.case_id])
    assert client.get(address).status_code == 405
    page = client.post(address, follow=True).content.decode()
    assert "unanswered-heading" in page
    assert reverse("registry:entry-sign-off", args=[entry.pk]) in page
    entry.case.refresh_from_db()
    assert entry.case.status == "open"


def test_a_case_is_assigned_on_its_page(town: Town, client: Client) -> None:
    entry = town.register()
    client.force_login(PEOPLE["own caseworker"](town))
    address = reverse("registry:case-assign", args=[entry.case_id])
    assert client.post(address, {"unit": town.roads.pk, "caseworker": ""}).status_code == 302
    entry.case.refresh_from_db()
    assert entry.case.unit_id == town.roads.pk
    # It is the other unit's case now.
    assert client.post(address, {"unit": town.health.pk, "caseworker": ""}).status_code == 404


def test_why_an_entry_is_void_is_for_those_with_access(town: Town, client: Client) -> None:
    entry = town.register(**EXEMPT)
    void_entry(entry_id=entry.pk, reason="Gjaldt Per Holm", by=REGISTRAR, at=MORNING)
    for who, sees in (("registrar", True), ("secretary", False)):
        client.force_login(PEOPLE[who](town))
        page = client.get(reverse("registry:case", args=[entry.case_id]))
        assert ("Gjaldt Per Holm" in page.content.decode()) == sees


def test_a_copy_names_no_case_that_is_none_of_the_readers(town: Town, client: Client) -> None:
    first = town.register()
    post, case = town.post(message_number="M18"), town.new_case(unit_id=town.roads.pk)
    other = register(post=post, case=case, by=REGISTRAR, at=MORNING)
    copy = link_entry(entry_id=first.pk, case_id=other.case_id, by=REGISTRAR, at=MORNING)

    def shown(who: str, entry: Entry) -> access.Shown:
        client.force_login(PEOPLE[who](town))
        page = client.get(reverse("registry:case", args=[entry.case_id]))
        return next(each for each in page.context["timeline"] if each.entry == entry)

    assert (shown("other caseworker", copy).first, shown("registrar", copy).first) == (None, first)
    assert shown("own caseworker", first).copies == ()
    assert shown("registrar", first).copies == (copy,)


def test_a_case_page_asks_no_more_the_more_people_and_units_there_are(
    town: Town, client: Client
) -> None:
    entry = town.register()
    client.force_login(PEOPLE["own caseworker"](town))
    counts = []
    for _round in range(3):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("registry:case", args=[entry.case_id])).status_code == 200
        counts.append(len(captured))
        for _person in range(3):
            unit = Unit.objects.create(code=f"unit{Unit.objects.count()}", name="Skole")
            town.user(Role.CASEWORKER, unit=unit)
            town.user(Role.CASEWORKER, unit=town.health)
    assert counts[1] == counts[2]


def test_a_case_tells_which_documents_no_search_finds(town: Town, client: Client) -> None:
    entry = town.register()
    first, second = entry.documents.order_by("number")
    client.force_login(PEOPLE["own caseworker"](town))
    for problems, unread in (
        ({str(second.pk): "encrypted"}, {second.pk}),
        ({"": "worker_died"}, {first.pk, second.pk}),
    ):
        SearchEntry.objects.filter(entry=entry).update(text_state="partly", text_problems=problems)
        page = client.get(reverse("registry:case", args=[entry.case_id]))
        assert page.context["unread"] == unread
