"""Letters are records: the database keeps what they say, and a person decides what is left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from ledger.models import Event
from lib.refusal import Refused
from outbox import queries
from outbox.actions.decide import send_again, take_note
from outbox.actions.word import word_letter
from outbox.models import Fate, LetterRecipient, LetterText
from outbox.rules import retry
from outbox.rules.retry import Answer

from .builders import BY, NOW, VALUES, fate, later, personal, queue


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def own_text() -> LetterText:
    text = queries.shipped_template("acknowledgement", "nb").replace("Subject: ", "Subject: Hei! ")
    return word_letter(kind="acknowledgement", language="nb", text=text, by="user:1", at=NOW)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE outbox_letter SET text = 'other'",
        "UPDATE outbox_letter SET raw = ''",
        "UPDATE outbox_letter SET key = 'other'",
        "UPDATE outbox_lettertext SET text = 'other'",
        "UPDATE outbox_letterrecipient SET address = 'other@example.net'",
        "UPDATE outbox_letterrecipient SET id = id + 1000",
        "DELETE FROM outbox_letterrecipient",
        "DELETE FROM outbox_letter",
        "DELETE FROM outbox_lettertext",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_letter(municipality: None, change: str) -> None:
    queue()
    own_text()
    with pytest.raises(IntegrityError, match="letters are records"), transaction.atomic():
        sql(change)


@pytest.mark.parametrize("table", ["outbox_letter", "outbox_letterrecipient", "outbox_lettertext"])
def test_the_database_refuses_to_empty_the_tables(transactional_db: None, table: str) -> None:
    # Off for transactional tests, see tests/conftest.py; the refusal undoes the switching on.
    with pytest.raises(IntegrityError, match="letters are records"):
        sql(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate;TRUNCATE {table} CASCADE")


def test_the_fate_of_a_letter_may_change(municipality: None) -> None:
    letter = queue()
    LetterRecipient.objects.update(fate=Fate.SENT, sent_at=NOW)
    assert fate(letter).fate == "sent"


def test_a_fate_that_does_not_exist_is_refused(municipality: None) -> None:
    queue()
    with pytest.raises(IntegrityError, match="known_fate"), transaction.atomic():
        LetterRecipient.objects.update(fate="lost")


def test_the_migration_can_be_undone_and_done_again(transactional_db: None) -> None:
    triggers = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'outbox%'"

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute(triggers)
            return int(cursor.fetchone()[0])

    before = count()
    with connection.schema_editor() as editor:
        from importlib import import_module

        operations = import_module("outbox.migrations.0002_fixed_letters").Migration.operations
        for operation in reversed(operations):
            operation.database_backwards("outbox", editor, None, None)
        assert count() == 0
        for operation in operations:
            operation.database_forwards("outbox", editor, None, None)
        for table in ("outbox_letter", "outbox_lettertext", "outbox_letterrecipient"):
            sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")
    assert count() == before > 0


def test_migrations_and_models_agree(db: None) -> None:
    call_command("makemigrations", "outbox", check=True, dry_run=True, verbosity=0)


# --- counts ---------------------------------------------------------------------------------


def test_acknowledgements_to_an_address_are_counted_whatever_its_case(municipality: None) -> None:
    for number, address in enumerate(["kari@example.net", "KARI@example.net", "ola@example.net"]):
        queue(
            f"receipt:{number}",
            kind="receipt",
            to=[address],
            values={**VALUES, "message_number": "M1"},
        )
    queue("acknowledgement:1")
    queue("acknowledgement:old", at=NOW - timedelta(hours=1))
    assert queries.sent_counts("Kari@example.net", NOW) == (2, 3, 4)


def test_undone_letters_and_letters_of_other_kinds_do_not_count(municipality: None) -> None:
    queue("receipt:1", kind="receipt", values={**VALUES, "message_number": "M1"})
    LetterRecipient.objects.update(fate=Fate.CANCELLED)
    personal()
    assert queries.sent_counts("kari@example.net", NOW) == (0, 0, 0)


@pytest.mark.parametrize(
    ("hours", "expected"), [(23, (1, 0, 0)), (24, (0, 0, 0))], ids=["within a day", "after it"]
)
def test_a_receipt_counts_for_a_day(
    municipality: None, hours: int, expected: tuple[int, int, int]
) -> None:
    queue("receipt:1", kind="receipt", values={**VALUES, "message_number": "M1"})
    assert queries.sent_counts("kari@example.net", later(hours=hours)) == expected


def test_every_letter_is_waiting_or_ended_or_a_persons_to_look_at(municipality: None) -> None:
    for number, each in enumerate(Fate):
        letter = queue(f"acknowledgement:{number}", not_before=later(minutes=number))
        LetterRecipient.objects.filter(letter=letter).update(fate=each, next_attempt_at=None)
    tried_again = queue("acknowledgement:again")
    LetterRecipient.objects.filter(letter=tried_again).update(fate=Fate.UNKNOWN)
    assert queries.undelivered_count() == 3  # failed, unknown for good, bounced
    assert queries.backlog(later(hours=1)).count == 4  # queued, sending, retry, in doubt but due
    assert queries.counts_by_fate()["sent"] == 1
    assert queries.counts_by_fate()["cancelled"] == 1


def test_the_backlog_is_as_old_as_its_oldest_letter_and_skips_what_may_not_leave_yet(
    municipality: None,
) -> None:
    assert queries.backlog(NOW) == queries.Backlog(0, None)
    queue("acknowledgement:1", not_before=later(minutes=2))
    queue("acknowledgement:2", not_before=later(minutes=1))
    queue("acknowledgement:3", not_before=later(minutes=9))
    assert queries.backlog(later(minutes=5)) == queries.Backlog(2, later(minutes=1))


def test_a_letter_sent_again_after_days_is_no_old_backlog(municipality: None) -> None:
    letter = personal()
    LetterRecipient.objects.update(fate=Fate.BOUNCED, next_attempt_at=None)
    send_again(recipient_id=fate(letter).pk, by="user:1", at=later(days=6))
    assert queries.backlog(later(days=6)).since == later(days=6)


# --- decisions ------------------------------------------------------------------------------


def test_what_a_person_has_noted_raises_no_alarm_until_it_fails_again(municipality: None) -> None:
    row = fate(personal())
    LetterRecipient.objects.update(fate=Fate.FAILED, next_attempt_at=None)
    assert queries.undelivered_count() == 1
    take_note(recipient_id=row.pk, by="user:1", at=NOW)
    assert queries.undelivered_count() == 0
    send_again(recipient_id=row.pk, by="user:1", at=NOW)
    LetterRecipient.objects.update(fate=Fate.FAILED, next_attempt_at=None)
    assert queries.undelivered_count() == 1
    assert Event.objects.filter(actor="user:1").count() == 2


@pytest.mark.parametrize("standing", [Fate.QUEUED, Fate.SENDING, Fate.SENT, Fate.CANCELLED])
@pytest.mark.parametrize("decide", [send_again, take_note])
def test_there_is_nothing_to_decide_about_other_letters(
    municipality: None, standing: Fate, decide: object
) -> None:
    row = fate(personal())
    LetterRecipient.objects.update(fate=standing)
    with pytest.raises(Refused) as refusal:
        decide(recipient_id=row.pk, by="user:1", at=NOW)  # type: ignore[operator]
    assert refusal.value.code == "not_undelivered"


# --- wordings -------------------------------------------------------------------------------


def test_a_new_wording_is_used_for_new_letters_and_the_old_ones_stay(municipality: None) -> None:
    before = queue("acknowledgement:1")
    assert own_text().version == 1
    assert own_text().version == 2
    after = queue("acknowledgement:2")
    assert not before.subject.startswith("Hei!")
    assert after.subject.startswith("Hei!")


@pytest.mark.parametrize(
    ("language", "text"),
    [("da", "Subject: x\n\n{ref} {received_date} {received_time}"), ("nb", "Subject: x\n\nno ref")],
)
def test_a_wording_that_cannot_serve_is_refused(db: None, language: str, text: str) -> None:
    with pytest.raises(Refused) as refusal:
        word_letter(kind="acknowledgement", language=language, text=text, by=BY, at=NOW)
    assert refusal.value.code == "bad_text"


# --- times ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 120), (7, 240), (40, 240)],
)
def test_waits_grow_to_four_hours(attempts: int, minutes: int) -> None:
    after = retry.after(
        Answer.LATER, kind="acknowledgement", attempts=attempts, losses=0, age=timedelta(hours=1)
    )
    assert after == retry.Next("retry", timedelta(minutes=minutes))


@pytest.mark.parametrize("answer", [Answer.LATER, Answer.UNREACHED])
def test_a_letter_is_given_up_when_it_is_five_days_old(answer: Answer) -> None:
    def fate_at(age: timedelta) -> str:
        return retry.after(answer, kind="receipt", attempts=9, losses=0, age=age).fate

    assert fate_at(timedelta(days=5, seconds=-1)) == "retry"
    assert fate_at(timedelta(days=5)) == "failed"


@pytest.mark.parametrize(
    "kind", ["misdirected", "missing_information", "interim_reply", "alarm", "alarm_cleared"]
)
def test_only_acknowledgements_and_receipts_are_repeated_in_doubt(kind: str) -> None:
    def wait(of: str) -> timedelta | None:
        return retry.after(Answer.LOST, kind=of, attempts=1, losses=1, age=timedelta()).wait

    assert wait(kind) is None
    assert wait("acknowledgement") == wait("receipt") == timedelta(minutes=10)
