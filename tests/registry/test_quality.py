"""What a caseworker has made is looked over by those who keep the registry: from S to J."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.rules.roles import Role
from ledger.queries import history
from lib.refusal import Refused
from registry.actions.answer import undo_answer
from registry.actions.correct import EntryDescription, correct_entry
from registry.actions.quality import pass_control
from registry.models import Answer, Case, Entry, QualityCheck, SearchEntry
from registry.rules.quality import why_not_passed
from tests.registry.cast import MORNING, Town
from tests.registry.test_answer import begin, send

LIST = reverse("registry:cases")
CONTROL = reverse("registry:quality-control")


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"


@pytest.fixture
def made(town: Town) -> Entry:
    """The outgoing entry of an answer that a caseworker has sent."""
    author = town.user(Role.CASEWORKER, unit=town.health)
    return Entry.objects.get(pk=send(begin(town.register(), author)).sent_entry_id)


def person(town: Town, role: Role) -> User:
    user = town.user(role)
    user.language = "en"
    user.save()
    return user


def assess(entry: Entry) -> None:
    entry.refresh_from_db()
    described = EntryDescription(
        title=entry.title,
        public_title=entry.public_title,
        access="open",
        legal_basis="",
        document_type_id=entry.document_type_id,
        document_on=entry.document_on,
    )
    correct_entry(
        entry_id=entry.pk,
        expected_version=entry.version,
        description=described,
        reason="Vurdert",
        by="user:1",
        at=MORNING,
    )


def marks(entry: Entry) -> set[str]:
    found = SearchEntry.objects.get(entry=entry).marks
    return {mark for mark in found if mark.startswith("status:")}


def test_a_caseworkers_answer_waits_until_it_is_assessed_and_passed_once(
    town: Town, made: Entry
) -> None:
    assert Entry.objects.filter(quality_check=None).count() == 1, "what a registrar registered"
    assert marks(made) == {"status:unchecked"}
    with pytest.raises(Refused) as refused:
        pass_control(entry_id=made.pk, by="user:1", at=MORNING)
    assert refused.value.code == "unassessed_entry"
    assess(made)
    assert marks(made) == {"status:unchecked"}, "a correction is no quality control"
    pass_control(entry_id=made.pk, by="user:1", at=MORNING)
    assert marks(made) == {"status:registered"}
    assert "registry.entry_quality_passed" in {each.verb for each in history(f"entry:{made.pk}")}
    with pytest.raises(Refused) as refused:
        pass_control(entry_id=made.pk, by="user:1", at=MORNING)
    assert refused.value.code == "not_unchecked"
    with pytest.raises(IntegrityError), transaction.atomic():
        QualityCheck.objects.update(passed_at=None)


def test_what_those_who_keep_the_registry_send_is_journalled_at_once(town: Town) -> None:
    registrar = town.user(Role.REGISTRAR, unit=town.health)
    sent = send(begin(town.register(), registrar))
    assert not QualityCheck.objects.exists()
    assert marks(Entry.objects.get(pk=sent.sent_entry_id)) == {"status:registered"}


def test_what_was_taken_back_waits_for_nobody(town: Town, made: Entry) -> None:
    sent = Answer.objects.get(sent_entry=made)
    undo_answer(answer_id=sent.pk, by="user:1", at=MORNING + timedelta(seconds=10))
    made.refresh_from_db()
    assert marks(made) == {"status:void"}
    with pytest.raises(Refused) as refused:
        pass_control(entry_id=made.pk, by="user:1", at=MORNING)
    assert refused.value.code == "already_void"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"access": "exempt"}, None),
        ({"access": "unassessed"}, "unassessed_entry"),
        ({"public_title": " "}, "public_title_missing"),
        ({"parties": ["", " "]}, "party_missing"),
    ],
)
def test_what_is_missing_keeps_an_entry_from_passing(
    changes: dict[str, Any], code: str | None
) -> None:
    whole = {"access": "open", "public_title": "Svar", "parties": ["Ola Nordmann"]}
    assert why_not_passed(**{**whole, **changes}) == code


def test_several_are_passed_from_the_list_and_the_others_say_why(
    town: Town, made: Entry, client: Client
) -> None:
    author = town.user(Role.CASEWORKER, unit=town.health)
    other = send(begin(town.register(message_number="M18"), author))
    second = Entry.objects.get(pk=other.sent_entry_id)
    assess(made)
    registrar = person(town, Role.REGISTRAR)
    client.force_login(registrar)
    page = client.get(LIST, {"status": "unchecked"}).text
    assert "2 entries wait for quality control" in page
    assert page.count('name="chosen"') == 2
    assert page.count("To be quality-controlled") >= 3, "the filter and both rows"
    chosen = {"chosen": [made.pk, second.pk, "x", 999_999], "next": f"{LIST}?status=unchecked"}
    done = client.post(CONTROL, chosen, follow=True)
    assert done.redirect_chain == [(f"{LIST}?status=unchecked", 302)]
    assert "1 entry is journalled." in done.text
    assert f"{second.reference}: Access has not been assessed." in done.text
    assert f"Choose {made.reference}" not in done.text
    assert QualityCheck.objects.get(passed_at=None).entry == second
    # Nobody passes what is not theirs to correct, or to read.
    Case.objects.filter(pk=second.case_id).update(is_restricted=True)
    chosen["chosen"] = [second.pk]
    assert "Choose entries in the list first." in client.post(CONTROL, chosen, follow=True).text
    assert client.post(CONTROL, {"next": "https://evil.example/"})["Location"].startswith(LIST)
    client.force_login(author)
    assert client.post(CONTROL, chosen).status_code == 403
    assert 'name="chosen"' not in client.get(LIST).text


def test_the_registry_opens_with_the_view_used_last_until_one_leaves_it(
    town: Town, client: Client
) -> None:
    client.force_login(person(town, Role.REGISTRAR))
    assert client.get(LIST).status_code == 200
    for name, query in (
        ("In", {"direction": "incoming"}),
        ("All", {}),
        ("Void", {"status": "void"}),
    ):
        client.post(reverse("registry:save-view"), {"name": name, **query})
    client.get(LIST, {"direction": "incoming"})
    client.get(LIST, {"q": "veglys"})
    assert client.get(LIST)["Location"] == f"{LIST}?direction=incoming"
    client.get(LIST, {"status": "void"})
    assert client.get(LIST)["Location"] == f"{LIST}?status=void"
    assert client.get(LIST, {"view": "all"}).status_code == 200
    assert client.get(LIST).status_code == 200
