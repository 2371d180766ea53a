"""Consent to electronic notice is evidence: noted, withdrawn, never edited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from decisions.actions.consent import note_consent, withdraw_consent
from decisions.queries import standing_consent
from ledger.queries import history
from lib.refusal import Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def noted(**change: Any) -> Any:
    values: dict[str, Any] = {
        "person": "Kari Nordmann",
        "address": "kari@post.example",
        "case_reference": "",
        "way": "letter",
        "text_version": "2026-1",
        "given_at": NOW - timedelta(days=1),
        "by": "user:1",
        "at": NOW,
    }
    return note_consent(**{**values, **change})


def test_a_consent_covers_every_case_until_it_is_withdrawn() -> None:
    consent = noted()
    assert standing_consent(address="KARI@post.example", case_reference="2026/1") == consent
    withdraw_consent(consent_id=consent.pk, by="user:1", at=NOW)
    assert standing_consent(address="kari@post.example", case_reference="2026/1") is None
    assert [event.verb for event in history(f"consent:{consent.pk}")] == [
        "decisions.consent_noted",
        "decisions.consent_withdrawn",
    ]


def test_a_consent_for_another_address_is_none_for_this_one() -> None:
    noted()
    assert standing_consent(address="ola@post.example", case_reference="2026/1") is None


def test_a_consent_cannot_be_withdrawn_twice() -> None:
    consent = noted()
    withdraw_consent(consent_id=consent.pk, by="user:1", at=NOW)
    with pytest.raises(Refused) as refused:
        withdraw_consent(consent_id=consent.pk, by="user:1", at=NOW)
    assert refused.value.code == "withdrawn"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"address": "kari post.example"}, "bad_address"),
        ({"case_reference": "2026/999"}, "no_such_case"),
        ({"given_at": NOW + timedelta(days=1)}, "in_future"),
    ],
)
def test_a_consent_that_proves_nothing_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        noted(**change)
    assert refused.value.code == code
