"""Register a document: number, entry, parties, documents and deadlines, in one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.queries import municipality
from ledger.actions import record
from lib import rows
from lib.jurisdictions import Profile, profile_for
from registry import queries
from registry.actions.deadlines import deadline
from registry.actions.entries import raise_refusal, write_entry
from registry.actions.numbers import (
    Numbers,
    Place,
    case_reference,
    next_document,
    take_numbers,
)
from registry.actions.post import NewCase, Post, PostFile, PostParty
from registry.actions.refusals import refusal
from registry.models import Case, DocumentType, Entry, Version
from registry.models.entry import Direction
from registry.models.series import Clock
from registry.rules.deadlines import deadlines_for_incoming
from registry.rules.numbering import number_year
from registry.rules.titles import title_problem

# What ran while the message waited belongs to the entry now; registering it is done.
_TAKE_OVER = """
UPDATE registry_deadline SET entry_id = %s,
    state = CASE WHEN kind LIKE 'registration%%' AND state = 'open' THEN 'met' ELSE state END,
    ended_at = CASE WHEN kind LIKE 'registration%%' AND state = 'open' THEN %s ELSE ended_at END
WHERE message_number = %s AND entry_id IS NULL
"""

__all__ = ["NewCase", "Post", "PostFile", "PostParty", "register"]


@transaction.atomic(savepoint=False)
def register(*, post: Post, case: int | NewCase, by: str, at: datetime) -> Entry:
    """Register a document in an open case, or in a case opened for it, and return its entry.

    Numbers are of the local year of `at`, gapless and never reused; locks are taken in the order
    case, entry, counter. An incoming entry gets its deadlines, counted from `arrived_at`.
    Raises Refused: "no_municipality", "no_such_case", "case_not_open", "no_such_series",
    "bad_pattern", "no_such_document_type", "already_registered", "reference_taken",
    "title_missing", "title_too_long", "identity_number_in_public_title", "legal_basis_missing".
    """
    if not isinstance(case, int):
        _check(case)
    _check(post)
    profile = _profile()
    document_type = queries.document_type_in_use(post.document_type_id)
    if document_type is None:
        raise refusal("no_such_document_type")
    year = number_year(at, profile.timezone)
    opened: Case | None = None
    if isinstance(case, int):
        place = next_document(case)
        numbers = take_numbers(series_id=place.series_id, year=year, new_case=False)
    else:
        numbers = take_numbers(series_id=case.series_id, year=year, new_case=True)
        opened = _open_case(case, numbers, year=year, by=by, at=at)
        place = Place(opened.pk, opened.series_id, year, opened.number, opened.reference, 1)
    entry = write_entry(
        post=post,
        place=place,
        pattern=numbers.pattern,
        running=(year, numbers.running),
        by=by,
        at=at,
    )
    if opened is not None:
        entry.case = opened
    if post.direction == Direction.INCOMING:
        _start_deadlines(entry, document_type, profile, at)
    _record(entry, post, new_case=opened is not None, by=by, at=at)
    return entry


def _check(described: Post | NewCase) -> None:
    problem = title_problem(
        title=described.title,
        public_title=described.public_title,
        access=described.access,
        legal_basis=described.legal_basis,
    )
    if problem is not None:
        raise refusal(problem)


def _profile() -> Profile:
    body = municipality()
    if body is None:
        raise refusal("no_municipality")
    return profile_for(body.profile)


def _open_case(new: NewCase, numbers: Numbers, *, year: int, by: str, at: datetime) -> Case:
    if not numbers.series_in_use:
        raise refusal("no_such_series")
    case = Case(
        series_id=new.series_id,
        year=year,
        number=numbers.case,
        reference=case_reference(numbers, year=year),
        title=new.title,
        public_title=new.public_title,
        access=new.access,
        legal_basis=new.legal_basis,
        unit_id=new.unit_id,
        caseworker_id=new.caseworker_id,
        opened_at=at,
        opened_by=by,
        last_document=1,
    )
    try:
        rows.insert_with(case, [_first_case_version(case, by=by, at=at)])
    except IntegrityError as error:
        raise_refusal(error)
    return case


def _first_case_version(case: Case, *, by: str, at: datetime) -> Version:
    values = {
        "title": case.title,
        "public_title": case.public_title,
        "access": case.access,
        "legal_basis": case.legal_basis,
    }
    return Version(case=case, version=1, values=values, made_at=at, made_by=by)


def _start_deadlines(
    entry: Entry, document_type: DocumentType, profile: Profile, at: datetime
) -> None:
    planned = deadlines_for_incoming(
        received_at=entry.arrived_at,
        profile=profile,
        needs_answer=document_type.clock == Clock.ANSWER,
        is_access_request=document_type.clock == Clock.ACCESS_REQUEST,
        overrides=queries.own_rules(profile),
        closed=queries.closed_days(),
    )
    rows.insert([deadline(each, starts_at=entry.arrived_at, entry=entry) for each in planned])
    if entry.message_number:
        rows.run(_TAKE_OVER, [entry.pk, at, entry.message_number])


def _record(entry: Entry, post: Post, *, new_case: bool, by: str, at: datetime) -> None:
    registered = record.Entry(
        "registry.entry_registered",
        f"entry:{entry.pk}",
        data={
            "case": entry.case_id,
            "reference": entry.reference,
            "running_number": entry.running_number,
            "message": entry.message_number,
            "documents": [file.sha256 for file in post.files],
        },
    )
    opened = record.Entry("registry.case_opened", f"case:{entry.case_id}")
    record.record_many([opened, registered] if new_case else [registered], by=by, at=at)
