"""Put a registered document in another case as well: an entry there that says whose copy it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.queries import municipality
from ledger.actions.record import record
from lib.jurisdictions import profile_for
from registry.actions.entries import add_entry
from registry.actions.lock import lock_cases
from registry.actions.numbers import next_document
from registry.actions.post import Post, PostFile, PostParty
from registry.actions.refusals import refusal
from registry.actions.void import UNDONE, mark_entry_void
from registry.models import Case, Entry, Hold
from registry.models.entry import EntryStatus
from registry.rules.numbering import number_year


@transaction.atomic
def link_entry(*, entry_id: int, case_id: int, by: str, at: datetime) -> Entry:
    """Register an entry's document in another open case too, and return the entry there.

    It has the same original, description and parties, and a number of its own. It is dealt with
    where it was registered first: the copy has no deadlines and is not signed off. A copy of a
    copy is one of the first. Raises Refused ("no_municipality", "no_such_entry", "no_such_case",
    "linked_already", "case_not_open").
    """
    place = municipality()
    if place is None:
        raise refusal("no_municipality")
    source = Entry.objects.filter(pk=entry_id).values_list("case", flat=True).first()
    if source is None:
        raise refusal("no_such_entry")
    if case_id not in lock_cases([source, case_id]):
        raise refusal("no_such_case")
    entry = Entry.objects.get(pk=entry_id)
    if entry.status == EntryStatus.VOID:
        raise refusal("no_such_entry")
    first_id = entry.copy_of_id or entry.pk
    if _lies_in(case_id, first_id):
        raise refusal("linked_already")
    copy = add_entry(
        post=_post(entry, first_id),
        place=next_document(case_id),
        year=number_year(at, profile_for(place.profile).timezone),
        by=by,
        at=at,
    )
    record(
        verb="registry.entry_linked",
        subject=f"entry:{copy.pk}",
        by=by,
        at=at,
        entry=first_id,
        case=case_id,
        reference=copy.reference,
    )
    return copy


@transaction.atomic
def undo_link(*, entry_id: int, by: str, at: datetime) -> Entry:
    """Make a copy void within UNDO_SECONDS of its making, by whoever has made it.

    What was registered first is as before; the copy's number stays taken. Raises Refused:
    "no_such_entry", "not_yours_to_undo" (no copy, or another person's), "too_late",
    "already_void", "case_not_open", "on_hold".
    """
    found = Entry.objects.filter(pk=entry_id).first()
    if found is None:
        raise refusal("no_such_entry")
    case = Case.objects.select_for_update().get(pk=found.case_id)
    copy = Entry.objects.get(pk=entry_id)
    if copy.copy_of_id is None or copy.registered_by != by:
        raise refusal("not_yours_to_undo")
    if at > copy.registered_at + timedelta(seconds=settings.UNDO_SECONDS):
        raise refusal("too_late")
    mark_entry_void(
        copy,
        case,
        holds=Hold.objects.filter(case=case, released_at=None).count(),
        left_the_house=False,
        reason=UNDONE,
        by=by,
        at=at,
    )
    record(
        verb="registry.entry_unlinked",
        subject=f"entry:{copy.pk}",
        by=by,
        at=at,
        entry=copy.copy_of_id,
        case=case.pk,
    )
    return copy


def _lies_in(case_id: int, first_id: int) -> bool:
    standing = Entry.objects.filter(case=case_id, status=EntryStatus.REGISTERED)
    return standing.filter(pk=first_id).exists() or standing.filter(copy_of=first_id).exists()


def _post(entry: Entry, first_id: int) -> Post:
    return Post(
        direction=entry.direction,
        arrived_at=entry.arrived_at,
        document_on=entry.document_on,
        title=entry.title,
        public_title=entry.public_title,
        document_type_id=entry.document_type_id,
        access=entry.access,
        legal_basis=entry.legal_basis,
        message_number=entry.message_number,
        parties=tuple(
            PostParty(
                role=party.role,
                name=party.name,
                email=party.email,
                postal_address=party.postal_address,
                is_person=party.is_person,
            )
            for party in entry.parties.filter(until_version=None).order_by("pk")
        ),
        files=tuple(
            PostFile(
                role=document.role,
                filename=document.filename,
                media_type=document.media_type,
                size=document.size,
                sha256=document.sha256,
                kept_in=document.kept_in,
                original_sha256=document.original_sha256,
                original_part=document.original_part,
            )
            for document in entry.documents.order_by("number")
        ),
        copy_of_id=first_id,
    )
