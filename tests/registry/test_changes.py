"""Correcting, voiding, signing off, holding, closing and assigning."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.rules.roles import Role
from lib.refusal import Refused
from registry.actions.assign import assign_case
from registry.actions.close import close_case, reopen_case
from registry.actions.correct import EntryDescription, correct_entry
from registry.actions.hold import place_hold, release_hold
from registry.actions.post import PostParty
from registry.actions.sign_off import sign_off
from registry.actions.void import void_case, void_entry
from registry.models import Deadline, Entry
from registry.queries import parties_of_entry, versions_of_entry
from tests.registry.cast import MORNING, REGISTRAR, Town

BY = {"by": REGISTRAR, "at": MORNING}


def described(entry: Entry) -> EntryDescription:
    return EntryDescription(
        title=entry.title,
        public_title=entry.public_title,
        access=entry.access,
        legal_basis=entry.legal_basis,
        document_type_id=entry.document_type_id,
        document_on=entry.document_on,
    )


def assess(entry: Entry) -> None:
    correct_entry(
        entry_id=entry.pk,
        expected_version=entry.version,
        description=replace(described(entry), access="open"),
        reason="Vurdert",
        **BY,
    )


def test_a_correction_keeps_what_stood_before_and_says_why(town: Town) -> None:
    entry = town.register()
    correct_entry(
        entry_id=entry.pk,
        expected_version=1,
        description=replace(described(entry), title="Søknad, rettet", access="open"),
        reason="Feil tittel",
        **BY,
    )
    entry.refresh_from_db()
    first, second = versions_of_entry(entry)
    assert first.values["title"] == "Søknad om støttekontakt for Ola Nordmann"
    assert (second.values["title"], second.reason) == ("Søknad, rettet", "Feil tittel")
    assert (entry.title, entry.version, entry.reference) == ("Søknad, rettet", 2, "2026/1-1")


def test_a_corrected_party_ends_the_old_row_and_adds_a_new_one(town: Town) -> None:
    entry = town.register()
    party = PostParty("sender", "Ola Normann", "ola@example.net", "Storgata 1", True)
    correct_entry(
        entry_id=entry.pk,
        expected_version=1,
        description=replace(described(entry), parties=(party,)),
        reason="Navn",
        **BY,
    )
    assert [each.name for each in parties_of_entry(entry)] == ["Ola Normann"]
    rows = entry.parties.order_by("pk").values_list("name", "from_version", "until_version")
    assert list(rows) == [("Ola Nordmann", 1, 1), ("Ola Normann", 2, None)]


@pytest.mark.parametrize(
    ("version", "changes", "reason", "code"),
    [
        (1, {}, "Hvorfor", "nothing_changed"),
        (1, {"title": "Ny"}, " ", "reason_missing"),
        (2, {"title": "Ny"}, "Hvorfor", "changed_meanwhile"),
        (1, {"access": "exempt"}, "Hvorfor", "legal_basis_missing"),
        (1, {"public_title": "For 811228-9874"}, "Hvorfor", "identity_number_in_public_title"),
    ],
)
def test_a_correction_without_reason_or_change_is_refused(
    town: Town, version: int, changes: dict[str, str], reason: str, code: str
) -> None:
    entry = town.register()
    with pytest.raises(Refused) as refused:
        correct_entry(
            entry_id=entry.pk,
            expected_version=version,
            description=replace(described(entry), **changes),
            reason=reason,
            **BY,
        )
    assert refused.value.code == code


def test_a_void_entry_keeps_its_number(town: Town) -> None:
    entry = town.register()
    void_entry(entry_id=entry.pk, reason="Registrert to ganger", **BY)
    following = town.register(case=entry.case_id, message_number="M18")
    assert (following.reference, following.running_number) == ("2026/1-2", 2)
    assert set(entry.deadlines.values_list("state", flat=True)) == {"cancelled"}


def test_a_letter_that_was_queued_is_not_voided_by_hand(town: Town) -> None:
    done = town.acknowledge(town.register())
    with pytest.raises(Refused) as refused:
        void_entry(entry_id=done.letter_entry_id, reason="Feil", **BY)  # type: ignore[arg-type]
    assert refused.value.code == "already_sent"


def test_a_case_is_void_only_when_its_entries_are(town: Town) -> None:
    entry = town.register()
    with pytest.raises(Refused) as refused:
        void_case(case_id=entry.case_id, reason="Feil", **BY)
    assert refused.value.code == "entries_not_void"
    void_entry(entry_id=entry.pk, reason="Feil", **BY)
    assert void_case(case_id=entry.case_id, reason="Feil", **BY).status == "void"


def test_signing_off_meets_the_answers_deadlines_and_happens_once(town: Town) -> None:
    entry = town.register()
    sign_off(entry_id=entry.pk, way="TLF", reason="Avklart", **BY)
    assert set(entry.deadlines.values_list("state", flat=True)) == {"met"}
    with pytest.raises(Refused) as refused:
        sign_off(entry_id=entry.pk, way="TLF", reason="Avklart", **BY)
    assert refused.value.code == "already_signed_off"


def test_only_incoming_entries_are_signed_off_and_only_by_an_answer_of_the_case(
    town: Town,
) -> None:
    outgoing = town.register(direction="outgoing", message_number="")
    with pytest.raises(Refused) as refused:
        sign_off(entry_id=outgoing.pk, way="TE", reason="Avklart", **BY)
    assert refused.value.code == "not_incoming"
    incoming = town.register()
    with pytest.raises(Refused) as refused:
        sign_off(entry_id=incoming.pk, way="BU", answer_id=outgoing.pk, **BY)
    assert refused.value.code == "answer_elsewhere"


def test_closing_says_everything_that_stands_in_the_way(town: Town) -> None:
    entry = town.register()
    with pytest.raises(Refused) as refused:
        close_case(case_id=entry.case_id, **BY)
    assert refused.value.code == "unanswered_entries"
    words = str(refused.value)
    assert words.count(".") == 3
    sign_off(entry_id=entry.pk, way="TE", reason="Avklart", **BY)
    with pytest.raises(Refused) as refused:
        close_case(case_id=entry.case_id, **BY)
    assert refused.value.code == "unassessed_entries"
    assess(entry)
    assert close_case(case_id=entry.case_id, **BY).status == "closed"


def test_whoever_cannot_close_a_case_sees_what_stands_open_and_goes_there(
    town: Town, client: Client
) -> None:
    first = town.register()
    town.register(case=first.case_id, message_number="M18")
    sign_off(entry_id=first.pk, way="TE", reason="Avklart", **BY)
    # What runs on after the sign-off: something was promised anew.
    Deadline.objects.filter(entry=first, kind="answer").update(state="open", ended_at=None)
    registrar = town.user(Role.REGISTRAR)
    registrar.language = "en"
    registrar.save()
    client.force_login(registrar)
    page = client.post(reverse("registry:case-close", args=[first.case_id]))
    assert page.status_code == 422
    case_url = reverse("registry:case", args=[first.case_id])
    second = Entry.objects.get(message_number="M18")
    assert f'{case_url}#entry-{second.pk}">2026/1-2' in page.text
    assert reverse("registry:entry-sign-off", args=[second.pk]) in page.text
    assert reverse("registry:entry-sign-off", args=[first.pk]) not in page.text
    assert "Deadlines that run" in page.text
    assert page.text.count("Answer: ") == 1, "the other one ends with signing off"
    for entry in (first, second):
        assert reverse("registry:entry-correct", args=[entry.pk]) in page.text
    assert first.title not in page.text


def test_a_hold_keeps_a_case_open_until_it_is_released(town: Town) -> None:
    entry = town.register()
    sign_off(entry_id=entry.pk, way="TE", reason="Avklart", **BY)
    assess(entry)
    hold = place_hold(case_id=entry.case_id, reason="Innsynskrav 2026/4", **BY)
    with pytest.raises(Refused) as refused:
        close_case(case_id=entry.case_id, **BY)
    assert refused.value.code == "on_hold"
    release_hold(hold_id=hold.pk, **BY)
    with pytest.raises(Refused) as refused:
        release_hold(hold_id=hold.pk, **BY)
    assert refused.value.code == "already_released"
    assert close_case(case_id=entry.case_id, **BY).closed_at == MORNING


def test_a_closed_case_is_opened_again_for_more_post(town: Town) -> None:
    entry = town.register()
    sign_off(entry_id=entry.pk, way="TE", reason="Avklart", **BY)
    assess(entry)
    close_case(case_id=entry.case_id, **BY)
    reopen_case(case_id=entry.case_id, **BY)
    assert town.register(case=entry.case_id, message_number="M18").reference == "2026/1-2"


def test_a_case_is_given_to_another_unit(town: Town) -> None:
    entry = town.register()
    case = assign_case(case_id=entry.case_id, unit_id=town.roads.pk, caseworker_id=None, **BY)
    assert case.unit_id == town.roads.pk
    with pytest.raises(Refused) as refused:
        assign_case(case_id=entry.case_id, unit_id=town.roads.pk, caseworker_id=None, **BY)
    assert refused.value.code == "nothing_changed"


def test_whoever_assesses_an_entry_has_assessed_its_acknowledgement(town: Town) -> None:
    entry = town.register()
    letter = town.acknowledge(entry).letter_entry
    assert letter is not None
    assert letter.access == "unassessed"
    assess(entry)
    letter.refresh_from_db()
    assert (letter.access, letter.version) == ("open", 2)
    assert [version.reason for version in versions_of_entry(letter)] == ["", "Vurdert"]
    sign_off(entry_id=entry.pk, way="TE", reason="Noted.", **BY)
    # Its interim reply was still due.
    Deadline.objects.update(state="met", ended_at=MORNING)
    close_case(case_id=entry.case_id, **BY)
    # What becomes exempt takes the name of its sender with it, wherever that stands.
    entry.refresh_from_db()
    exempt = {"access": "exempt", "legal_basis": "offl. § 13"}
    correct_entry(
        entry_id=entry.pk,
        expected_version=entry.version,
        description=replace(described(entry), **exempt),
        reason="Taushetsplikt",
        **BY,
    )
    letter.refresh_from_db()
    assert (letter.access, letter.legal_basis) == ("exempt", "offl. § 13")


def test_an_acknowledgement_that_is_screened_differently_stays_so(town: Town) -> None:
    entry = town.register()
    letter = town.acknowledge(entry).letter_entry
    assert letter is not None
    correct_entry(
        entry_id=letter.pk,
        expected_version=1,
        description=replace(described(letter), access="exempt", legal_basis="offl. § 13"),
        reason="Vurdert for seg",
        **BY,
    )
    assess(entry)
    letter.refresh_from_db()
    assert (letter.access, letter.version) == ("exempt", 2)
