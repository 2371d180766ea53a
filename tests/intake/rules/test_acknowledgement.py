from __future__ import annotations

from typing import Any

import pytest

from intake.rules.acknowledgement import (
    TEMPORARY,
    Limits,
    NotAcknowledged,
    acknowledgement_address,
    may_acknowledge,
)
from intake.rules.kind import MessageKind

ORDINARY: dict[str, Any] = {
    "kind": MessageKind.PERSON,
    "envelope_from": "kari@example.no",
    "already": False,
    "by_registration": False,
    "receipts_to_address_today": 0,
    "sent_to_address_last_hour": 0,
    "sent_total_last_hour": 0,
    "limits": Limits(),
    "our_addresses": ["post@kommune.example"],
}


def ask(**change: Any) -> NotAcknowledged | None:
    return may_acknowledge(**{**ORDINARY, **change})


def test_a_persons_mail_is_acknowledged() -> None:
    assert ask() is None
    assert ask(by_registration=True) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"already": True}, NotAcknowledged.ALREADY),
        ({"answered": True}, NotAcknowledged.ANSWERED),
        ({"set_aside": True}, NotAcknowledged.SET_ASIDE),
        ({"kind": MessageKind.AUTOMATIC_REPLY}, NotAcknowledged.AUTOMATIC),
        ({"kind": MessageKind.BOUNCE}, NotAcknowledged.BOUNCE),
        ({"kind": MessageKind.LIST}, NotAcknowledged.LIST),
        ({"kind": MessageKind.OWN}, NotAcknowledged.OWN),
        ({"envelope_from": ""}, NotAcknowledged.NULL_SENDER),
        ({"envelope_from": "<>"}, NotAcknowledged.NULL_SENDER),
        ({"envelope_from": None}, NotAcknowledged.NO_ENVELOPE),
        ({"envelope_from": "kari"}, NotAcknowledged.BAD_ADDRESS),
        ({"envelope_from": "kari@localhost"}, NotAcknowledged.BAD_ADDRESS),
        ({"envelope_from": "POST@kommune.example"}, NotAcknowledged.OWN_ADDRESS),
        ({"sent_to_address_last_hour": 5}, NotAcknowledged.ADDRESS_HOUR_CAP),
        ({"sent_total_last_hour": 2_000}, NotAcknowledged.TOTAL_HOUR_CAP),
        ({"receipts_to_address_today": 3}, NotAcknowledged.ADDRESS_DAY_CAP),
    ],
)
def test_what_is_not_acknowledged_has_its_reason(
    change: dict[str, Any], reason: NotAcknowledged
) -> None:
    assert ask(**change) is reason


def test_no_automatic_mail_is_answered_even_when_a_person_registers_it() -> None:
    for kind in MessageKind:
        if kind is not MessageKind.PERSON:
            assert ask(kind=kind, by_registration=True) is not None


def test_a_thousand_mails_in_a_victims_name_send_the_victim_three_receipts_a_day() -> None:
    sent = 0
    for n in range(1_000):
        # Spread over the day, so that the cap of the hour is not what holds.
        if ask(receipts_to_address_today=sent, sent_to_address_last_hour=0 if n % 5 else 1) is None:
            sent += 1
    assert sent == 3


def test_what_a_person_registers_is_acknowledged_however_many_there_were() -> None:
    assert ask(by_registration=True, receipts_to_address_today=50) is None
    assert ask(by_registration=True, sent_to_address_last_hour=50) is None
    assert ask(by_registration=True, sent_total_last_hour=10_000) is None


def test_the_caps_of_the_hour_are_tried_again_and_that_of_the_day_waits_for_a_person() -> None:
    assert NotAcknowledged.ADDRESS_HOUR_CAP in TEMPORARY
    assert NotAcknowledged.TOTAL_HOUR_CAP in TEMPORARY
    assert NotAcknowledged.ADDRESS_DAY_CAP not in TEMPORARY


def test_the_municipality_sets_its_own_limits() -> None:
    strict = Limits(receipts_per_address_day=1, per_address_hour=1, total_hour=10)
    assert ask(limits=strict, receipts_to_address_today=1) is NotAcknowledged.ADDRESS_DAY_CAP
    assert ask(limits=strict, sent_total_last_hour=9) is None


def test_the_acknowledgement_goes_to_the_envelope_sender() -> None:
    assert acknowledgement_address(" kari@example.no ") == "kari@example.no"
    assert acknowledgement_address("") is None
    assert acknowledgement_address(None) is None
