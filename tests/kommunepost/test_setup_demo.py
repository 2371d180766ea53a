"""The demo municipalities, once they stand in the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from kommunepost.demo import MUNICIPALITIES
from kommunepost.demo.mail import read_letters
from outbox.models import LetterRecipient
from registry.actions.numbers import take_numbers
from registry.models import Case, Deadline, Entry, Series, SignOff
from tests.outbox.relay import Relay


@pytest.fixture
def relay() -> Iterator[Relay]:
    relay = Relay()
    yield relay
    relay.close()


@pytest.mark.django_db
@pytest.mark.parametrize("municipality", sorted(MUNICIPALITIES))
def test_every_diary_of_a_demo_municipality_gives_numbers(municipality: str) -> None:
    call_command("setup_demo", municipality=municipality)
    assert Series.objects.exists()
    for series in Series.objects.all():
        assert take_numbers(series_id=series.pk, year=2026, new_case=True).case == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("municipality", sorted(MUNICIPALITIES))
def test_the_weeks_before_leave_cases_open_and_answered_with_every_number_in_order(
    municipality: str, settings: Any, tmp_path: Path, relay: Relay
) -> None:
    settings.BLOB_DIR = tmp_path
    settings.OUTGOING_SMTP_URL = relay.url
    call_command("setup_demo", municipality=municipality)
    call_command("play_past", municipality=municipality)
    written = read_letters(f"{municipality}_past")
    answered = [letter for letter in written if letter.fields.get("Reply")]
    assert Entry.objects.filter(direction="incoming").count() == len(written)
    assert SignOff.objects.count() == len(answered)
    for series in Series.objects.all():
        numbers = Case.objects.filter(series=series).order_by("opened_at", "pk")
        assert [case.number for case in numbers] == list(range(1, numbers.count() + 1))
    assert not Entry.objects.filter(registered_at__gt=timezone.now()).exists()
    # Letters have left as well, each when it could no longer be taken back.
    left = LetterRecipient.objects.filter(fate="sent", sent_at=F("due_at"))
    assert left.count() == LetterRecipient.objects.count() > len(answered)
    assert len(relay.taken) == left.count()
    acknowledged = Deadline.objects.filter(kind="acknowledgement", state="met")
    assert acknowledged.count() == len(written)
    with pytest.raises(CommandError):
        call_command("play_past", municipality=municipality)
