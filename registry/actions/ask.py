"""Ask the sender for what is missing; handling waits, receipt time stays, and the wait ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from ledger.actions.record import record
from outbox.rules.letters import format_date
from registry.actions.deadlines import end_deadlines
from registry.actions.notices import Address, send_notice, undo_notices
from registry.actions.pause import pause_deadlines, resume_deadlines
from registry.actions.refusals import refusal
from registry.actions.set_deadline import plan_deadline, set_deadline
from registry.models import Case, Deadline, Entry, Hold, Notice, SignOff
from registry.models.deadline import DeadlineState
from registry.models.entry import Direction, EntryStatus
from registry.models.notice import Ending, NoticeKind
from registry.models.series import Clock
from registry.rules.asking import why_not_asked

KIND = "missing_information"


@transaction.atomic
def ask_for_missing(
    *, entry_id: int, points: Sequence[str], address: Address, by: str, at: datetime
) -> Notice:
    """Ask for `points` (in the letter's language) by a registered letter, and start the wait.

    The last day is that of the rule `missing_information`, counted from `at`; deadlines that may
    stand still do so meanwhile. When the day passes nothing is decided by it. The letter waits
    UNDO_SECONDS. Raises Refused: the codes of `NotAsked`, "cannot_be_asked", "no_such_entry",
    "is_a_copy", "case_not_open".
    """
    entry, _case = _locked(entry_id)
    if entry.copy_of_id is not None:
        raise refusal("is_a_copy")
    no = why_not_asked(
        is_incoming=entry.direction == Direction.INCOMING,
        is_access_request=entry.document_type.clock == Clock.ACCESS_REQUEST,
        is_signed_off=SignOff.objects.filter(entry=entry).exists(),
        is_waiting=_waiting().filter(entry=entry).exists(),
        points=points,
    )
    if no is not None:
        raise refusal(no)
    if address.refusal:
        raise refusal("cannot_be_asked")
    pause_deadlines(entry_id=entry.pk, reason=KIND, by=by, at=at)
    running = set_deadline(kind=KIND, entry=entry, starts_at=at, by=by, at=at)
    notice = send_notice(
        kind=NoticeKind.MISSING_INFORMATION,
        entry=entry,
        address=address,
        values=missing_values(points, running.due_on if running else None, address.language),
        points=points,
        not_before=at + timedelta(seconds=settings.UNDO_SECONDS),
        by=by,
        at=at,
    )
    if notice.letter_id is None:
        raise refusal("cannot_be_asked")
    return notice


def missing_values(points: Sequence[str], due_on: date | None, language: str) -> dict[str, str]:
    """What the letter says of what is missing, and by when it is asked for."""
    return {
        "items": "\n".join(f"– {point}" for point in points),
        "deadline": format_date(due_on, language) if due_on else "",
    }


def missing_values_from(points: Sequence[str], *, at: datetime, language: str) -> dict[str, str]:
    """The same for a preview, with the last day of a request that is made now."""
    planned = plan_deadline(kind=KIND, starts_at=at)
    return missing_values(points, planned.due.on if planned else None, language)


@transaction.atomic
def end_wait(*, entry_id: int, by: str, at: datetime, answer_id: int | None = None) -> Notice:
    """End the wait for what is missing in an entry: by the entry that brings it, or by hand.

    What was paused for it runs again. Raises Refused ("no_such_entry", "not_waiting").
    """
    _locked(entry_id, in_open_case=False)
    notice = _waiting().select_for_update(of=("self",)).filter(entry=entry_id).first()
    if notice is None:
        raise refusal("not_waiting")
    ending = Ending.ANSWERED if answer_id else Ending.BY_HAND
    _end(notice, ending, DeadlineState.MET, answer_id=answer_id, by=by, at=at)
    resume_deadlines(entry_id=entry_id, reason=KIND, by=by, at=at)
    return notice


def end_wait_signed_off(*, entry_id: int, by: str, at: datetime) -> None:
    """End the wait of an entry that is signed off, if there is one. The case is locked."""
    notice = _waiting().select_for_update(of=("self",)).filter(entry=entry_id).first()
    if notice is not None:
        _end(notice, Ending.SIGNED_OFF, DeadlineState.CANCELLED, by=by, at=at)


def _end(
    notice: Notice,
    ending: Ending,
    state: DeadlineState,
    *,
    by: str,
    at: datetime,
    answer_id: int | None = None,
) -> None:
    notice.ended_at, notice.ended_by = at, by
    notice.ending, notice.answer_id = ending, answer_id
    notice.save(update_fields=["ended_at", "ended_by", "answer", "ending"])
    end_deadlines(state=state, at=at, kinds=(KIND,), entry=notice.entry_id)
    record(
        verb="registry.wait_ended",
        subject=f"notice:{notice.pk}",
        by=by,
        at=at,
        reason=ending,
        entry=notice.entry_id,
        answer=answer_id,
    )


def end_waits_answered_by(*, entry: Entry, by: str, at: datetime) -> list[Notice]:
    """End the waits of the case that a fresh incoming entry answers: its sender was asked.

    A person who finds that something is missing still asks again.
    """
    senders = set(
        entry.parties.filter(role="sender", until_version=None).values_list("email", flat=True)
    )
    return [
        end_wait(entry_id=notice.entry_id, answer_id=entry.pk, by=by, at=at)
        for notice in _waiting()
        .filter(entry__case=entry.case_id)
        .exclude(entry=entry)
        .prefetch_related("letter__recipients")
        if notice.letter
        and senders & {each.address.lower() for each in notice.letter.recipients.all()}
    ]


def reopen_waits(*, answer: Entry, by: str, at: datetime) -> None:
    """Wait again for what an entry had brought whose registration is undone. The case is locked."""
    _reopen(Notice.objects.filter(answer=answer), by=by, at=at)


def reopen_wait_signed_off(*, entry_id: int, ended_at: datetime, by: str, at: datetime) -> None:
    """Wait again for what was missing when an entry was signed off. The case is locked."""
    ended = Notice.objects.filter(entry=entry_id, ending=Ending.SIGNED_OFF, ended_at=ended_at)
    _reopen(ended, by=by, at=at)


def _reopen(notices: QuerySet[Notice], *, by: str, at: datetime) -> None:
    for notice in notices.select_for_update().filter(undone_at=None):
        notice.ended_at, notice.ended_by, notice.ending, notice.answer = None, "", "", None
        notice.save(update_fields=["ended_at", "ended_by", "answer", "ending"])
        newest = Deadline.objects.filter(entry=notice.entry_id, kind=KIND).order_by("-pk").first()
        if newest is not None:
            newest.state, newest.ended_at = DeadlineState.OPEN, None
            newest.save(update_fields=["state", "ended_at"])
        pause_deadlines(entry_id=notice.entry_id, reason=KIND, by=by, at=at)
        record(
            verb="registry.wait_reopened",
            subject=f"notice:{notice.pk}",
            by=by,
            at=at,
            entry=notice.entry_id,
        )


@transaction.atomic
def undo_asking(*, notice_id: int, by: str, at: datetime) -> Notice:
    """Take a request back before its letter has left; the entry stays. Its letter's entry is void.

    Raises Refused ("not_waiting", "too_late", "on_hold", "case_not_open").
    """
    found = _waiting().filter(pk=notice_id).first()
    if found is None:
        raise refusal("not_waiting")
    if at > found.made_at + timedelta(seconds=settings.UNDO_SECONDS):
        raise refusal("too_late")
    entry, case = _locked(found.entry_id)
    holds = Hold.objects.filter(case=case, released_at=None).count()
    undo_notices(entry, case, holds=holds, since=found.made_at, by=by, at=at)
    end_deadlines(state=DeadlineState.CANCELLED, at=at, kinds=(KIND,), entry=entry)
    resume_deadlines(entry_id=entry.pk, reason=KIND, by=by, at=at)
    return found


def _waiting() -> QuerySet[Notice]:
    # Nothing is waited for in an entry that is void: its deadlines ended with it.
    return Notice.objects.filter(
        kind=KIND, ended_at=None, undone_at=None, entry__status=EntryStatus.REGISTERED
    )


def _locked(entry_id: int, *, in_open_case: bool = True) -> tuple[Entry, Case]:
    case_id = Entry.objects.filter(pk=entry_id).values_list("case", flat=True).first()
    if case_id is None:
        raise refusal("no_such_entry")
    case = Case.objects.select_for_update().get(pk=case_id)
    entry = Entry.objects.select_related("document_type").get(pk=entry_id)
    if entry.status == EntryStatus.VOID:
        raise refusal("no_such_entry")
    if in_open_case and case.status != "open":
        raise refusal("case_not_open")
    return entry, case
