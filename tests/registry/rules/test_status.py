from __future__ import annotations

from typing import Any

import pytest

from registry.rules.status import (
    CaseStatus,
    Direction,
    EntryStatus,
    Refusal,
    may_close,
    may_correct,
    may_reopen,
    may_void_case,
    may_void_entry,
)

CLOSABLE: dict[str, Any] = {
    "status": CaseStatus.OPEN,
    "open_deadlines": 0,
    "unanswered_entries": 0,
    "undecided_internal": 0,
    "unassessed_entries": 0,
    "holds": 0,
}
VOIDABLE: dict[str, Any] = {
    "status": EntryStatus.REGISTERED,
    "case_status": CaseStatus.OPEN,
    "direction": Direction.INCOMING,
    "left_the_house": False,
    "holds": 0,
    "reason": "Registered in the wrong case",
}


def test_a_case_with_nothing_open_may_be_closed() -> None:
    assert may_close(**CLOSABLE) is None


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"status": CaseStatus.CLOSED}, Refusal.NOT_OPEN),
        ({"status": CaseStatus.VOID}, Refusal.NOT_OPEN),
        ({"holds": 1, "open_deadlines": 1}, Refusal.ON_HOLD),
        ({"open_deadlines": 1}, Refusal.OPEN_DEADLINES),
        ({"unanswered_entries": 2}, Refusal.UNANSWERED_ENTRIES),
        ({"undecided_internal": 1}, Refusal.UNDECIDED_INTERNAL),
        ({"unassessed_entries": 1}, Refusal.UNASSESSED_ENTRIES),
    ],
)
def test_whatever_still_stands_open_keeps_a_case_open(
    change: dict[str, Any], refusal: Refusal
) -> None:
    assert may_close(**{**CLOSABLE, **change}) is refusal


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"status": EntryStatus.VOID}, Refusal.ALREADY_VOID),
        ({"case_status": CaseStatus.CLOSED}, Refusal.CASE_NOT_OPEN),
        ({"holds": 1}, Refusal.ON_HOLD),
        ({"direction": Direction.OUTGOING, "left_the_house": True}, Refusal.ALREADY_SENT),
        ({"direction": Direction.OUTGOING}, None),
        ({"reason": "  "}, Refusal.REASON_MISSING),
    ],
)
def test_an_entry_is_made_void_only_with_a_reason_and_while_nothing_hangs_on_it(
    change: dict[str, Any], refusal: Refusal | None
) -> None:
    assert may_void_entry(**{**VOIDABLE, **change}) is refusal


def test_a_case_is_void_only_when_all_in_it_is() -> None:
    case: dict[str, Any] = {"status": CaseStatus.OPEN, "holds": 0, "reason": "Made twice"}
    assert may_void_case(**case, entries_not_void=0) is None
    assert may_void_case(**case, entries_not_void=1) is Refusal.ENTRIES_NOT_VOID
    assert may_void_case(**{**case, "holds": 1}, entries_not_void=0) is Refusal.ON_HOLD
    assert may_void_case(**{**case, "reason": ""}, entries_not_void=0) is Refusal.REASON_MISSING
    void = {**case, "status": CaseStatus.VOID}
    assert may_void_case(**void, entries_not_void=0) is Refusal.ALREADY_VOID


def test_a_closed_case_may_be_opened_again_and_a_void_one_not() -> None:
    assert may_reopen(status=CaseStatus.CLOSED) is None
    assert may_reopen(status=CaseStatus.VOID) is Refusal.ALREADY_VOID
    assert may_reopen(status=CaseStatus.OPEN) is Refusal.NOTHING_CHANGED


def test_a_correction_needs_a_change_and_a_reason() -> None:
    registered = EntryStatus.REGISTERED
    assert may_correct(status=registered, changed_fields=1, reason="Typing error") is None
    assert may_correct(status=registered, changed_fields=0, reason="x") is Refusal.NOTHING_CHANGED
    assert may_correct(status=registered, changed_fields=1, reason="") is Refusal.REASON_MISSING
    assert (
        may_correct(status=EntryStatus.VOID, changed_fields=1, reason="x") is Refusal.ALREADY_VOID
    )
