"""Every address of the site × every person × every object × every method; and what pages betray.

What is expected stands in tests/house/rights.py, by hand. An address without a line there fails.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import transaction
from django.http import HttpResponse
from django.template import Template
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from intake.models import Message
from lib.recent import forget_everything
from tests.house.addresses import PARAMETERS, place
from tests.house.rights import (
    ADMINISTRATION,
    ADMINISTRATION_READS,
    CASE,
    PEOPLE,
    READS,
    SEARCHES,
    URLS,
)
from tests.house.rights_world import MARKS, World, build_world

# The mark makes the database; each test is taken back, and the world with the last of them.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The town with everything in it, built once; each request below is taken back."""
    folder = tmp_path_factory.mktemp("blobs")
    everything = transaction.atomic()
    # As in a TestCase of Django's: what has to be a transaction of its own may run within it.
    everything._from_testcase = True
    with (
        django_db_blocker.unblock(),
        override_settings(BLOB_DIR=Path(folder)),
        everything,
    ):
        # This is built before what a process remembers of the last test's database is forgotten.
        forget_everything()
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """A thousand refusals are what is asked for here."""
    caplog.set_level("CRITICAL", "django.request")


@pytest.fixture(autouse=True)
def no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's test client copies the context of every template, and nobody asks for it here."""
    monkeypatch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))


OUTSIDE = ("anonymous", "inactive")


def visitor(world: World, person: str) -> Client:
    """A browser in which the person is signed in; two of them are not, any more."""
    client = Client(raise_request_exception=False)
    user = world.people[person]
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if person == "inactive":
        User.objects.filter(pk=user.pk).update(is_active=False)  # type: ignore[union-attr]
    return client


def ask(
    client: Client, method: str, address: str, data: dict[str, Any] | None = None
) -> HttpResponse:
    """One request, of which nothing stays."""
    point = transaction.savepoint()
    try:
        response: HttpResponse = getattr(client, method.lower())(address, data)
        if response.streaming:
            response.content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        return response
    finally:
        transaction.savepoint_rollback(point)


def answer(response: HttpResponse) -> str:
    """The answer in the words of the table."""
    status = response.status_code
    if status == 302 and response["Location"].startswith(reverse("sign-in")):
        return "in"
    return "ok" if status in (200, 204, 302, 400, 409, 422) else str(status)


def words(response: HttpResponse) -> str:
    """All that an answer says, in lower case: headers too, and what is packed in it."""
    said = [str(dict(response.headers)), response.content.decode("utf-8", "replace")]
    if response.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            said += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return "\n".join(said).lower()


def leaks(response: HttpResponse, levels: dict[str, str]) -> list[str]:
    """Marks in an answer that somebody who reads no more than this may not find."""
    said = words(response)
    return [
        word
        for column, level in levels.items()
        for word in sorted(MARKS[column].forbidden(level))
        if word in said
    ]


def dead_ends(response: HttpResponse, world: World, person: str) -> list[str]:
    """Cases that a page links to, and that the person may not open."""
    said = response.content.decode("utf-8", "replace")
    return [
        column
        for column, expected in CASE.expected[person].items()
        if expected != "ok"
        and column in world.objects
        and f'href="{place(world, "registry:case", column)}' in said
    ]


def test_every_address_has_a_line_in_the_table() -> None:
    assert set(PARAMETERS) == set(URLS)


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_gets_what_the_table_says_and_no_more(world: World, person: str) -> None:
    client = visitor(world, person)
    wrong = []
    for name, (group, methods) in URLS.items():
        for column in group.columns:
            address = place(world, name, column)
            for method in ("GET", "POST"):
                expected = group.expected[person][column]
                if method not in methods.split():
                    # Whoever is signed in hears so whatever the object.
                    if column != group.columns[0]:
                        continue
                    stays_out = person in OUTSIDE and expected == "in"
                    expected = "in" if stays_out else "405"
                # Without a case that is chosen there is nothing to link to.
                chosen = {"case": world.objects["open"]["case_id"]} if "link" in name else None
                response = ask(client, method, address, chosen)
                if answer(response) != expected:
                    wrong.append((name, column, method, expected, response.status_code))
                found = leaks(response, READS.expected[person])
                if found:
                    wrong.append((name, column, method, "betrays", *found))
                for nowhere in dead_ends(response, world, person):
                    wrong.append((name, column, method, "leads to the case that is", nowhere))
    assert not wrong, "\n".join(" ".join(map(str, each)) for each in wrong)


@pytest.mark.parametrize("person", [person for person in PEOPLE if person not in OUTSIDE])
def test_no_search_finds_what_may_not_be_read(world: World, person: str) -> None:
    client = visitor(world, person)
    betrayed, found = [], set()
    for column in ("open", "exempt", "restricted"):
        marks, level = MARKS[column], READS.expected[person][column]
        for name in SEARCHES:
            for word in (marks.protected, marks.public):
                said = words(ask(client, "GET", f"{reverse(name)}?q={word}"))
                if f"{marks.number}1".lower() not in said:
                    continue
                found.add((column, word))
                if word.lower() in marks.forbidden(level):
                    betrayed.append((name, column, word))
    assert betrayed == []
    readable = {
        (column, word)
        for column in ("open", "exempt", "restricted")
        for word in (MARKS[column].protected, MARKS[column].public)
        if word.lower() not in MARKS[column].forbidden(READS.expected[person][column])
    }
    assert found == (
        readable if answer(ask(client, "GET", reverse(SEARCHES[0]))) == "ok" else set()
    )


@pytest.mark.parametrize("person", ["registrar", "health_registrar", "named_registrar"])
def test_a_restricted_case_is_found_by_its_number_and_is_no_dead_end(
    world: World, person: str
) -> None:
    client = visitor(world, person)
    number = f"{MARKS['restricted'].number}1"
    for address in (
        reverse("registry:cases"),
        place(world, "registry:entry-link", "open"),
        place(world, "intake:join", "health"),
    ):
        page = ask(client, "GET", f"{address}?q={number}")
        said = page.content.decode()
        assert number in said
        assert dead_ends(page, world, person) == []
        case = world.objects["restricted"]["case_id"]
        leads_on = any(
            each in said
            for each in (
                f'href="{place(world, "registry:case", "restricted")}',
                f'name="case" value="{case}"',
                f"case={case}",
            )
        )
        assert leads_on == (person == "named_registrar")


def administration(world: World, who: str) -> Client:
    """Somebody who may use the administration: with all rights, each by name, or none."""
    user = world.people["administrator"]
    assert user is not None
    if who != "administrator":
        user = world.town.user()
        user.is_staff = True
        user.save()
        if who == "staff with every right by name":
            user.user_permissions.set(Permission.objects.all())
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_administration_is_for_those_who_administer(world: World) -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == set(ADMINISTRATION)
    opened = []
    for person in sorted(set(PEOPLE) - {"administrator"}):
        client = visitor(world, person)
        for label in ADMINISTRATION:
            address = reverse(f"admin:{label.replace('.', '_')}_changelist")
            asked_in = ask(client, "GET", address).get("Location", "")
            if not asked_in.startswith(("/admin/login/", reverse("sign-in"))):
                opened.append((person, label))
    assert opened == []
    without = administration(world, "staff without rights")
    assert {
        ask(without, "GET", reverse(f"admin:{label.replace('.', '_')}_changelist")).status_code
        for label in ADMINISTRATION
    } == {403}


@pytest.mark.parametrize("who", ["administrator", "staff with every right by name"])
def test_the_administration_touches_no_record_and_shows_no_content(world: World, who: str) -> None:
    client = administration(world, who)
    wrong: list[tuple[object, ...]] = []
    for model in admin.site._registry:
        label = model._meta.label_lower
        does, name = ADMINISTRATION[label], f"admin:{label.replace('.', '_')}"
        asked = [
            ("GET", reverse(f"{name}_changelist"), 200),
            ("POST", reverse(f"{name}_add"), 200 if does in ("set", "add") else 403),
        ]
        for row in model._default_manager.order_by("-pk")[:8]:
            pk = [row.pk]
            asked += [
                ("GET", reverse(f"{name}_change", args=pk), None),
                ("GET", reverse(f"{name}_history", args=pk), None),
                (
                    "POST",
                    reverse(f"{name}_change", args=pk),
                    None if does.startswith("set") else 403,
                ),
                ("POST", reverse(f"{name}_delete", args=pk), 403),
            ]
        for method, address, expected in asked:
            response = ask(client, method, address)
            # What is not there for operators at all leads back to the start.
            gone = response.status_code == 302 and response["Location"] == "/admin/"
            if expected is not None and response.status_code != expected and not gone:
                wrong.append((method, address, expected, response.status_code))
            wrong += [
                (method, address, "betrays", word) for word in leaks(response, ADMINISTRATION_READS)
            ]
    assert not wrong, "\n".join(" ".join(map(str, each)) for each in wrong)


def test_what_a_form_names_is_held_to_the_same(world: World) -> None:
    health, parks = (world.objects[column]["message_id"] for column in ("health", "parks"))
    client = visitor(world, "health_registrar")
    aside = {"chosen": [health, parks], "do": "spam"}
    client.post(reverse("intake:bulk"), aside)
    states = dict(Message.objects.values_list("pk", "state"))
    assert (states[health], states[parks]) == ("spam", "screened")
    # A case of another unit is no case, whoever knows its number.
    client = visitor(world, "parks_registrar")
    number = f"{MARKS['open'].number}1"
    form = {"case": "other", "other_case": number, "title": "Post", "access": "unassessed"}
    refused = ask(client, "POST", reverse("intake:register", args=[parks]), form)
    assert refused.status_code == 422
    assert "There is no case with this number." in refused.content.decode()
    known = ask(visitor(world, "registrar"), "POST", reverse("intake:register", args=[parks]), form)
    assert "There is no case with this number." not in known.content.decode()
