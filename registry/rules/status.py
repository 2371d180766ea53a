"""The states of cases and entries, and what may be done in them.

Each question returns None for yes, or the reason for no.
"""

from __future__ import annotations

from enum import StrEnum


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"  # utgår, makulerad: the number stays taken


class EntryStatus(StrEnum):
    """Where a registry entry stands. There is no draft: what has no number is no entry."""

    REGISTERED = "registered"
    VOID = "void"  # utgår, makulerad: the number stays taken


class Direction(StrEnum):
    """Which way a document went."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"


class Access(StrEnum):
    """What the public register shows of an entry."""

    UNASSESSED = "unassessed"  # nobody has judged it yet: shown as exempt, so it fails closed
    OPEN = "open"
    EXEMPT = "exempt"


class Refusal(StrEnum):
    """Why a case or an entry may not be changed so."""

    NOT_OPEN = "not_open"  # the case is closed or void already
    ALREADY_VOID = "already_void"
    CASE_NOT_OPEN = "case_not_open"  # the entry's case must be reopened first
    OPEN_DEADLINES = "open_deadlines"
    UNANSWERED_ENTRIES = "unanswered_entries"  # restanser: incoming entries not written off
    UNDECIDED_INTERNAL = "undecided_internal"  # TF 2:10, 2:12: keep as official, or clear out
    UNASSESSED_ENTRIES = "unassessed_entries"  # access not yet judged
    ON_HOLD = "on_hold"  # a request, an appeal or a dispute is not final
    ENTRIES_NOT_VOID = "entries_not_void"  # a case with living entries cannot be void
    ALREADY_SENT = "already_sent"  # a letter that left has happened: correct it by a new one
    REASON_MISSING = "reason_missing"  # every trace of a change says why
    NOTHING_CHANGED = "nothing_changed"


def may_close(
    *,
    status: CaseStatus,
    open_deadlines: int,
    unanswered_entries: int,
    undecided_internal: int,
    unassessed_entries: int,
    holds: int,
) -> Refusal | None:
    """Ask whether a case may be closed. The numbers count what still stands open in it.

    Every incoming entry is written off first (avskrevet), and each internal note is decided on,
    because closing makes it official (TF 2 kap. 10 and 12 §§). A hold keeps the case open.
    """
    if status is not CaseStatus.OPEN:
        return Refusal.NOT_OPEN
    if holds:
        return Refusal.ON_HOLD
    if unanswered_entries:
        return Refusal.UNANSWERED_ENTRIES
    if open_deadlines:
        return Refusal.OPEN_DEADLINES
    if undecided_internal:
        return Refusal.UNDECIDED_INTERNAL
    if unassessed_entries:
        return Refusal.UNASSESSED_ENTRIES
    return None


def may_reopen(*, status: CaseStatus) -> Refusal | None:
    """Ask whether a case may be opened again: a closed one may, a void one stays void."""
    if status is CaseStatus.VOID:
        return Refusal.ALREADY_VOID
    return None if status is CaseStatus.CLOSED else Refusal.NOTHING_CHANGED


def may_void_entry(
    *,
    status: EntryStatus,
    case_status: CaseStatus,
    direction: Direction,
    left_the_house: bool,
    holds: int,
    reason: str,
) -> Refusal | None:
    """Ask whether an entry may be marked void. Its number and its trace stay.

    Diary rows are never deleted (JO 4639-2007; arkivforskrifta 2025 § 5). `left_the_house` says
    that the outgoing letter was handed over for sending.
    """
    if status is EntryStatus.VOID:
        return Refusal.ALREADY_VOID
    if case_status is not CaseStatus.OPEN:
        return Refusal.CASE_NOT_OPEN
    if holds:
        return Refusal.ON_HOLD
    if direction is Direction.OUTGOING and left_the_house:
        return Refusal.ALREADY_SENT
    return None if reason.strip() else Refusal.REASON_MISSING


def may_void_case(
    *, status: CaseStatus, entries_not_void: int, holds: int, reason: str
) -> Refusal | None:
    """Ask whether a case may be marked void: only when every entry in it is."""
    if status is CaseStatus.VOID:
        return Refusal.ALREADY_VOID
    if holds:
        return Refusal.ON_HOLD
    if entries_not_void:
        return Refusal.ENTRIES_NOT_VOID
    return None if reason.strip() else Refusal.REASON_MISSING


def may_correct(*, status: EntryStatus, changed_fields: int, reason: str) -> Refusal | None:
    """Ask whether an entry may get a corrected version.

    Allowed in a closed case too: wrong data in the register must be put right, with its trace
    (JO 4639-2007; Noark M680-M685).
    """
    if status is EntryStatus.VOID:
        return Refusal.ALREADY_VOID
    if not changed_fields:
        return Refusal.NOTHING_CHANGED
    return None if reason.strip() else Refusal.REASON_MISSING
