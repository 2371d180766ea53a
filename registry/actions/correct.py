"""Correct what describes a case or an entry: a new version with its reason, the old one kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from ledger.actions.record import record
from registry.actions.entries import described, parties
from registry.actions.index import index_entries
from registry.actions.post import PostParty
from registry.actions.refusals import refusal
from registry.models import Acknowledgement, Case, DocumentType, Entry, Party, Version
from registry.models.case import CaseStatus
from registry.rules import status
from registry.rules.titles import title_problem

# Kinds of letter that hold nobody's words (docs/adr/0013-acknowledgements-follow.md).
_FIXED_TEXTS = ("acknowledgement", "receipt")


@dataclass(frozen=True, slots=True)
class CaseDescription:
    """What describes a case."""

    title: str
    public_title: str
    access: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class EntryDescription:
    """What describes an entry; `parties` None leaves its parties as they are."""

    title: str
    public_title: str
    access: str
    legal_basis: str
    document_type_id: int
    document_on: date | None
    parties: tuple[PostParty, ...] | None = None


@transaction.atomic
def correct_case(
    *,
    case_id: int,
    expected_version: int,
    description: CaseDescription,
    reason: str,
    by: str,
    at: datetime,
) -> Version:
    """Describe a case anew and return the version that was added.

    `expected_version` is the one that the person looked at. Raises Refused: "no_such_case",
    "changed_meanwhile", "already_void", "nothing_changed", "reason_missing", "reason_too_long",
    and what titles are refused for (see `register`).
    """
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise refusal("no_such_case")
    new = {
        "title": description.title,
        "public_title": description.public_title,
        "access": description.access,
        "legal_basis": description.legal_basis,
    }
    changed = [name for name, value in new.items() if getattr(case, name) != value]
    is_void = case.status == CaseStatus.VOID
    _check(description, case.version, expected_version, len(changed), reason, is_void=is_void)
    case.version += 1
    version = Version.objects.create(
        case=case,
        version=case.version,
        values=new,
        reason=reason.strip(),
        made_at=at,
        made_by=by,
    )
    for name in changed:
        setattr(case, name, new[name])
    case.save(update_fields=["version", *changed])
    _record("case", case.pk, case.version, changed, by=by, at=at)
    return version


@transaction.atomic
def correct_entry(
    *,
    entry_id: int,
    expected_version: int,
    description: EntryDescription,
    reason: str,
    by: str,
    at: datetime,
) -> Version:
    """Describe an entry anew and return the version that was added; numbers and times stay.

    The entry of its acknowledgement follows how it is screened. In a closed case too (JO
    4639-2007). Raises Refused as `correct_case`, and "no_such_entry", "no_such_document_type".
    """
    found = Entry.objects.filter(pk=entry_id).first()
    if found is None:
        raise refusal("no_such_entry")
    Case.objects.select_for_update().get(pk=found.case_id)
    entry = Entry.objects.get(pk=entry_id)
    fields = ("title", "public_title", "access", "legal_basis", "document_type_id", "document_on")
    changed = [name for name in fields if getattr(entry, name) != getattr(description, name)]
    new_parties = _new_parties(entry, description.parties)
    count = len(changed) + (new_parties is not None)
    is_void = entry.status == status.EntryStatus.VOID
    _check(description, entry.version, expected_version, count, reason, is_void=is_void)
    if (
        "document_type_id" in changed
        and not DocumentType.objects.filter(
            pk=description.document_type_id, is_active=True
        ).exists()
    ):
        raise refusal("no_such_document_type")
    followers = _followers(entry) if {"access", "legal_basis"} & set(changed) else []
    for name in changed:
        setattr(entry, name, getattr(description, name))
    version = _add_version(entry, reason, by=by, at=at)
    if new_parties is not None:
        _replace_parties(entry, new_parties)
        changed.append("parties")
    entry.save(update_fields=["version", *(name for name in changed if name != "parties")])
    for follower in followers:
        _follow(follower, entry, reason, by=by, at=at)
    index_entries([entry.pk, *(follower.pk for follower in followers)])
    _record("entry", entry.pk, entry.version, changed, by=by, at=at)
    return version


def _followers(entry: Entry) -> list[Entry]:
    """Entries of letters that acknowledge this one and are screened as it is.

    Such a letter holds times, numbers and fixed text. All that could be exempt in its entry is to
    whom it went, and that is the sender of the entry which it acknowledges.
    """
    return list(
        Entry.objects.filter(
            pk__in=Acknowledgement.objects.filter(
                entry=entry, undone_at=None, letter__kind__in=_FIXED_TEXTS
            ).values("letter_entry"),
            status=status.EntryStatus.REGISTERED,
            access=entry.access,
            legal_basis=entry.legal_basis,
        )
    )


def _follow(follower: Entry, entry: Entry, reason: str, *, by: str, at: datetime) -> None:
    follower.access = entry.access
    follower.legal_basis = entry.legal_basis
    _add_version(follower, reason, by=by, at=at)
    changed = ["access", "legal_basis"]
    follower.save(update_fields=["version", *changed])
    _record("entry", follower.pk, follower.version, changed, by=by, at=at)


def _add_version(entry: Entry, reason: str, *, by: str, at: datetime) -> Version:
    """Write down how the entry is described from now on; the caller saves the entry itself."""
    entry.version += 1
    return Version.objects.create(
        entry=entry,
        version=entry.version,
        values=described(entry),
        reason=reason.strip(),
        made_at=at,
        made_by=by,
    )


def _check(
    description: CaseDescription | EntryDescription,
    version: int,
    expected: int,
    changed: int,
    reason: str,
    *,
    is_void: bool,
) -> None:
    if version != expected:
        raise refusal("changed_meanwhile")
    no = status.may_correct(
        status=status.EntryStatus.VOID if is_void else status.EntryStatus.REGISTERED,
        changed_fields=changed,
        reason=reason,
    )
    if no is not None:
        raise refusal(no)
    if len(reason) > 400:
        raise refusal("reason_too_long")
    problem = title_problem(
        title=description.title,
        public_title=description.public_title,
        access=description.access,
        legal_basis=description.legal_basis,
    )
    if problem is not None:
        raise refusal(problem)


def _new_parties(entry: Entry, given: tuple[PostParty, ...] | None) -> tuple[PostParty, ...] | None:
    """The parties if they differ from those that stand, else None."""
    if given is None:
        return None
    standing = tuple(
        PostParty(each.role, each.name, each.email, each.postal_address, each.is_person)
        for each in Party.objects.filter(entry=entry, until_version=None).order_by("pk")
    )
    return None if standing == given else given


def _replace_parties(entry: Entry, given: tuple[PostParty, ...]) -> None:
    """End those that stand with the version before, and add the new ones from this one."""
    Party.objects.filter(entry=entry, until_version=None).update(until_version=entry.version - 1)
    Party.objects.bulk_create(parties(entry, given, from_version=entry.version))


def _record(kind: str, pk: int, version: int, changed: list[str], *, by: str, at: datetime) -> None:
    record(
        verb=f"registry.{kind}_corrected",
        subject=f"{kind}:{pk}",
        by=by,
        at=at,
        version=version,
        changed=changed,
    )
