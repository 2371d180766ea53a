"""Registering: numbers, what is written with them, what is refused, and at what cost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.queries import history
from lib.refusal import Refused
from lib.sensitive import holds_identity_number
from registry.actions.set_deadline import set_deadline
from registry.actions.void import void_entry
from registry.models import Case, Deadline, Entry, RuleOverride, Version
from tests.registry.cast import MORNING, REGISTRAR, Town


def test_a_new_case_begins_with_its_first_number_and_document(town: Town) -> None:
    entry = town.register()
    assert entry.case.reference == "2026/1"
    assert entry.reference == "2026/1-1"
    assert (entry.running_year, entry.running_number) == (2026, 1)


def test_running_numbers_go_across_cases_and_document_numbers_within_them(town: Town) -> None:
    first = town.register()
    second = town.register(message_number="M18")
    third = town.register(case=first.case_id, message_number="M19")
    assert [each.reference for each in (first, second, third)] == [
        "2026/1-1",
        "2026/2-1",
        "2026/1-2",
    ]
    assert third.running_number == 3


def test_a_swedish_diary_writes_prefix_and_leading_zeros(town: Town) -> None:
    town.series.prefix = "KS"
    town.series.case_pattern = "{prefix}-{yy}/{number:04}"
    town.series.save()
    assert town.register().reference == "KS-26/0001-1"


def test_a_changed_pattern_leaves_the_numbers_of_older_cases_alone(town: Town) -> None:
    old = town.register()
    town.series.case_pattern = "{year}-{number}"
    town.series.save()
    assert town.register(case=old.case_id, message_number="M18").reference == "2026/1-2"


def test_the_number_is_of_the_local_year_of_registration_not_of_arrival(town: Town) -> None:
    # 23:30 UTC on 31 December is 00:30 on 1 January in Oslo.
    entry = town.register(
        at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
        arrived_at=datetime(2026, 12, 31, 8, tzinfo=UTC),
    )
    assert entry.reference == "2027/1-1"


def test_parties_documents_and_first_versions_are_written(town: Town) -> None:
    entry = town.register()
    assert [party.email for party in entry.parties.all()] == ["ola@example.net"]
    assert [(d.number, d.role, d.original_part) for d in entry.documents.order_by("number")] == [
        (1, "main", ""),
        (2, "attachment", "2"),
    ]
    assert Version.objects.filter(entry=entry, version=1).count() == 1
    assert Version.objects.filter(case=entry.case, version=1).count() == 1


def test_an_incoming_entry_gets_its_deadlines_counted_from_arrival(town: Town) -> None:
    entry = town.register(arrived_at=datetime(2026, 1, 30, 23, 30, tzinfo=UTC))
    # fvl. § 11 a: one month from 31 January (local) is 28 February, a Saturday: planned on Friday.
    interim = entry.deadlines.get(kind="interim_reply")
    assert interim.due_on == date(2026, 2, 27)
    assert "11 a" in interim.paragraph
    assert interim.steps[0]["code"] == "received"


def test_an_access_request_runs_by_its_own_clocks(town: Town) -> None:
    entry = town.register(document_type_id=town.access_request.pk)
    assert set(entry.deadlines.values_list("kind", flat=True)) == {
        "access_request_target",
        "access_request_hard",
    }


def test_an_outgoing_entry_gets_no_deadline(town: Town) -> None:
    assert not town.register(direction="outgoing", message_number="").deadlines.exists()


def test_the_municipalitys_own_number_wins_over_the_shipped_one(town: Town) -> None:
    RuleOverride.objects.create(
        key="answer", number=5, unit="workdays", paragraph="§ 4", valid_from=date(2026, 1, 1)
    )
    deadline = town.register().deadlines.get(kind="answer")
    # Five working days after Monday 2 March.
    assert (deadline.due_on, deadline.paragraph) == (date(2026, 3, 9), "§ 4")


def test_the_deadlines_of_a_message_follow_it_into_the_register(town: Town) -> None:
    for kind in ("acknowledgement", "registration_alarm"):
        set_deadline(
            kind=kind, message_number="M17", starts_at=MORNING, by="system:worker", at=MORNING
        )
    entry = town.register()
    states = dict(Deadline.objects.filter(entry=entry).values_list("kind", "state"))
    assert states["registration_alarm"] == "met"
    assert states["acknowledgement"] == "open"


def test_a_deadline_is_set_once_per_message_and_kind(town: Town) -> None:
    first, second = (
        set_deadline(
            kind="acknowledgement",
            message_number="M17",
            starts_at=MORNING,
            by="system:w",
            at=MORNING,
        )
        for _ in range(2)
    )
    assert first is not None
    assert first == second
    # eForvf. § 6: at the latest in the course of the day after receipt.
    assert first.due_on == date(2026, 3, 3)


def test_the_same_message_is_registered_once_in_a_case(town: Town) -> None:
    entry = town.register()
    with pytest.raises(Refused) as refused, transaction.atomic():
        town.register(case=entry.case_id)
    assert refused.value.code == "already_registered"
    assert Entry.objects.count() == 1


def test_a_message_whose_entry_is_void_may_be_registered_again(town: Town) -> None:
    entry = town.register()
    void_entry(entry_id=entry.pk, reason="Feil sak", by=REGISTRAR, at=MORNING)
    assert town.register(case=entry.case_id).reference == "2026/1-2"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"access": "exempt"}, "legal_basis_missing"),
        ({"title": "  "}, "title_missing"),
        ({"public_title": "Søknad, 01010750160"}, "identity_number_in_public_title"),
        ({"document_type_id": 0}, "no_such_document_type"),
    ],
)
def test_what_may_not_stand_in_the_register_is_refused_and_takes_no_number(
    town: Town, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused, transaction.atomic():
        town.register(**changes)
    assert refused.value.code == code
    assert town.register().running_number == 1


def test_a_closed_case_takes_no_more_post(town: Town) -> None:
    entry = town.register()
    Case.objects.filter(pk=entry.case_id).update(status="closed")
    with pytest.raises(Refused) as refused:
        town.register(case=entry.case_id, message_number="M18")
    assert refused.value.code == "case_not_open"


def test_two_series_that_write_the_same_number_are_found_out(town: Town) -> None:
    town.register()
    twin = town.series
    twin.pk, twin.name = None, "Annet arkiv"
    twin.save(force_insert=True)
    with pytest.raises(Refused) as refused:
        town.register(message_number="M18")
    assert refused.value.code == "reference_taken"


@pytest.mark.parametrize(
    "text",
    [
        # Control digits worked out by hand: 010107 501 with k1 = 6, k2 = 0.
        "født 01010750160",
        "010107 50160",
        # Coordination and personal numbers: Skatteverket's own examples.
        "811228-9874",
        "19811228-9874",
        "670919-9530",
        "701063-2391",
    ],
)
def test_identity_numbers_are_recognised(text: str) -> None:
    assert holds_identity_number(text)


@pytest.mark.parametrize(
    "text", ["01010750161", "811228-9873", "telefon 12345678", "991399-1234", "sak 2026/123", ""]
)
def test_other_figures_are_not_taken_for_identity_numbers(text: str) -> None:
    assert not holds_identity_number(text)


def test_the_ledger_tells_of_case_and_entry_without_their_words(town: Town) -> None:
    entry = town.register()
    assert [event.verb for event in history(f"case:{entry.case_id}")] == ["registry.case_opened"]
    event = history(f"entry:{entry.pk}").get()
    assert event.verb == "registry.entry_registered"
    assert "Nordmann" not in str(event.data)


def test_registering_takes_no_more_than_seven_statements(town: Town) -> None:
    case = town.register().case_id
    set_deadline(
        kind="acknowledgement",
        message_number="M18",
        starts_at=MORNING,
        by="system:worker",
        at=MORNING + timedelta(minutes=1),
    )
    with (
        CaptureQueriesContext(
            connection,
        ) as in_old,
        transaction.atomic(),
    ):
        town.register(case=case, message_number="M18")
    with CaptureQueriesContext(connection) as in_new, transaction.atomic():
        town.register(message_number="M19")
    # Around each stands the savepoint of this test. The case or its next document; the counter;
    # the entry with all that belongs to it; the index; its deadlines, and those of the message; and
    # what the ledger is told.
    assert len(in_old) <= 7 + 2
    assert len(in_new) <= 7 + 2
