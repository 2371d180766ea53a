"""Quality control: an entry that a caseworker has made is looked over by the registry (S to J)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.queries import those_who_may
from accounts.rules.roles import Task
from ledger.actions.record import record
from lib.refusal import Refused
from registry.actions.index import index_entries
from registry.actions.refusals import refusal
from registry.models import Case, Entry, QualityCheck
from registry.models.entry import EntryStatus
from registry.rules.quality import why_not_passed


def ask_for_control(entry: Entry, *, by: str, at: datetime) -> None:
    """Let a fresh entry wait for quality control, unless one who keeps the registry has made it.

    In the caller's transaction.
    """
    person = by.removeprefix("user:")
    if by.startswith("user:") and those_who_may([int(person)], Task.REGISTER):
        return
    QualityCheck.objects.create(entry=entry, asked_at=at)
    index_entries([entry.pk])


@transaction.atomic
def pass_control(*, entry_id: int, by: str, at: datetime) -> Entry:
    """Say that an entry is as it must be: from now on it is journalled.

    Raises Refused: "no_such_entry", "already_void", "not_unchecked", and the codes of
    `why_not_passed`.
    """
    case_id = Entry.objects.filter(pk=entry_id).values_list("case", flat=True).first()
    if case_id is None:
        raise refusal("no_such_entry")
    Case.objects.select_for_update().get(pk=case_id)
    entry = Entry.objects.get(pk=entry_id)
    if entry.status == EntryStatus.VOID:
        raise refusal("already_void")
    check = QualityCheck.objects.filter(entry=entry, passed_at=None).first()
    if check is None:
        raise refusal("not_unchecked")
    parties = entry.parties.filter(until_version=None)
    no = why_not_passed(
        access=entry.access,
        public_title=entry.public_title,
        parties=[each.name or each.email for each in parties],
    )
    if no is not None:
        raise refusal(no)
    check.passed_at, check.passed_by = at, by
    check.save(update_fields=["passed_at", "passed_by"])
    index_entries([entry.pk])
    record(verb="registry.entry_quality_passed", subject=f"entry:{entry.pk}", by=by, at=at)
    return entry


def pass_each(
    *, entry_ids: Sequence[int], by: str, at: datetime
) -> tuple[list[int], list[tuple[int, Refused]]]:
    """Pass several, each by itself: those that passed, and those that did not, with why."""
    passed, refused = [], []
    for entry_id in entry_ids:
        try:
            pass_control(entry_id=entry_id, by=by, at=at)
        except Refused as no:
            refused.append((entry_id, no))
        else:
            passed.append(entry_id)
    return passed, refused
