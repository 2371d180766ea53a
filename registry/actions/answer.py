"""Send an answer or an interim reply: the letter, its number and what it settles, at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.queries import municipality
from ledger.actions.record import record
from lib import blobs
from lib.blobs import BlobError
from lib.mime.compose import AttachedFile
from outbox.actions.cancel import cancel_letter
from outbox.actions.queue import queue_letter
from registry import queries
from registry.actions.composing import (
    check_answer,
    fingerprint,
    four_eyes,
    letter_values,
    profile,
)
from registry.actions.deadlines import deadline, end_deadlines, reopen_deadlines
from registry.actions.draft import locked_draft
from registry.actions.post import PostFile, PostParty
from registry.actions.quality import ask_for_control
from registry.actions.refusals import refusal
from registry.actions.register_letter import Outgoing, letter_file, register_outgoing
from registry.actions.sheet import Printed, print_letter
from registry.actions.sign_off import sign_off, take_back_sign_off
from registry.actions.void import UNDONE, mark_entry_void
from registry.models import Answer, Case, Deadline, Entry, Hold, SignOff
from registry.models.answer import AnswerKind, AnswerState, Channel
from registry.models.deadline import RUNNING, DeadlineState
from registry.models.entry import DocumentRole, Keeper, PartyRole, SignOffWay
from registry.queries import answers
from registry.rules import approval
from registry.rules.promise import PROMISED, promised_deadline

_INTERIM = ("interim_reply", PROMISED)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What took disk to get, before the transaction: the files, and a letter to be printed."""

    version: int
    attachments: tuple[AttachedFile, ...]
    printed: Printed | None


def send_answer(
    *,
    answer_id: int,
    expected_version: int,
    expected_sign_off: int | None,
    by: str,
    at: datetime,
) -> Answer:
    """Send what its author has written, register it, and write off what it answers.

    An answer signs the incoming entry off and meets its deadlines; an interim reply meets those for
    interim replies and starts that of its promise. By e-mail the letter waits UNDO_SECONDS; by
    letter post it is printed by a person. `expected_sign_off` is the sign-off that the author has
    seen. Raises Refused: what `save_draft`, `check_answer` and `approval.may_send` refuse,
    "answered_meanwhile", "already_signed_off" (an interim reply to what is), "sent_just_now" (the
    button was pressed twice), and what queueing a letter refuses.
    """
    prepared = prepare(answer_id, at=at)
    with transaction.atomic():
        answer = lock_with_case(answer_id, expected_version, AnswerState.DRAFT)
        refused = approval.may_send(
            by=by,
            author=f"user:{answer.author_id}",
            four_eyes=four_eyes(answer.entry),
            approves=False,
        )
        if refused:
            raise refusal(refused)
        return let_leave(answer, prepared, expected_sign_off=expected_sign_off, by=by, at=at)


@transaction.atomic
def undo_answer(*, answer_id: int, by: str, at: datetime) -> Answer:
    """Take an answer back within UNDO_SECONDS: it is its author's draft again, numbers stay void.

    Raises Refused: "no_such_answer", "not_sent", "too_late" (also when the letter is on its way),
    "case_not_open", "on_hold".
    """
    found = Answer.objects.select_related("entry").filter(pk=answer_id).first()
    if found is None:
        raise refusal("no_such_answer")
    case = Case.objects.select_for_update().get(pk=found.entry.case_id)
    answer = Answer.objects.select_for_update(of=("self",)).get(pk=answer_id)
    if answer.state != AnswerState.SENT or not answer.sent_at or not answer.sent_entry_id:
        raise refusal("not_sent")
    if at > answer.sent_at + timedelta(seconds=settings.UNDO_SECONDS):
        raise refusal("too_late")
    if answer.letter_id and not cancel_letter(letter_id=answer.letter_id, by=by, at=at):
        raise refusal("too_late")
    sent_entry = Entry.objects.get(pk=answer.sent_entry_id)
    _take_back_effects(answer, sent_entry, answer.sent_at, by=by, at=at)
    mark_entry_void(
        sent_entry,
        case,
        holds=Hold.objects.filter(case=case, released_at=None).count(),
        left_the_house=False,
        reason=UNDONE,
        by=by,
        at=at,
    )
    answer.state = AnswerState.DRAFT
    answer.sent_at, answer.sent_by = None, ""
    answer.sent_entry = answer.letter = None
    answer.version += 1
    answer.save(update_fields=["state", "sent_at", "sent_by", "sent_entry", "letter", "version"])
    record(
        verb="registry.answer_undone",
        subject=f"answer:{answer.pk}",
        by=by,
        at=at,
        entry=sent_entry.pk,
    )
    return answer


def prepare(answer_id: int, *, at: datetime) -> _Prepared:
    """Fetch what the letter needs from disk. Raises Refused ("no_such_answer", "bad_letter")."""
    answer = answers.answer_with_all(answer_id)
    if answer is None:
        raise refusal("no_such_answer")
    try:
        attachments = tuple(
            AttachedFile(file.filename, file.media_type, blobs.load(file.sha256))
            for file in answer.files.order_by("pk")
        )
        printed = print_letter(answer, at=at) if answer.channel == Channel.POST else None
    except BlobError as error:
        raise refusal("store_unavailable") from error
    return _Prepared(answer.version, attachments, printed)


def lock_with_case(answer_id: int, expected_version: int, state: AnswerState) -> Answer:
    """The answer as the person saw it, locked after its case, with all that belongs to it."""
    found = Answer.objects.select_related("entry").filter(pk=answer_id).first()
    if found is None:
        raise refusal("no_such_answer")
    Case.objects.select_for_update().get(pk=found.entry.case_id)
    locked_draft(answer_id, expected_version, state)
    answer = answers.answer_with_all(answer_id)
    if answer is None:
        raise refusal("no_such_answer")
    return answer


def let_leave(
    answer: Answer,
    prepared: _Prepared,
    *,
    expected_sign_off: int | None,
    expected_letter: str | None = None,
    by: str,
    at: datetime,
) -> Answer:
    """Send a locked answer, whoever has allowed it; see `send_answer`.

    `expected_letter` is the fingerprint of what a second person has read: nothing else leaves.
    """
    if prepared.version != answer.version:
        raise refusal("changed_meanwhile")
    standing = SignOff.objects.filter(entry=answer.entry_id).first()
    if (standing.pk if standing else None) != expected_sign_off:
        raise refusal("answered_meanwhile")
    if standing is not None and answer.kind == AnswerKind.INTERIM_REPLY:
        # Nothing would ever end the deadline of its promise.
        raise refusal("already_signed_off")
    check_answer(answer, at=at)
    if _is_sent_just_now(answer, at):
        raise refusal("sent_just_now")
    letter_id, main, said = _letter(answer, prepared, by=by, at=at)
    if expected_letter not in (None, fingerprint(answer, **said)):
        raise refusal("changed_meanwhile")
    sent_entry = register_outgoing(
        answered=answer.entry,
        outgoing=_described(answer, main),
        made_at=at,
        timezone=profile().timezone,
        by=by,
        at=at,
    )
    ask_for_control(sent_entry, by=by, at=at)
    if answer.kind == AnswerKind.INTERIM_REPLY:
        _promise(answer, by=by, at=at)
    elif standing is None:
        by_email = answer.channel == Channel.EMAIL
        sign_off(
            entry_id=answer.entry_id,
            way=SignOffWay.EMAIL if by_email else SignOffWay.LETTER,
            answer_id=sent_entry.pk,
            by=by,
            at=at,
        )
    answer.state = AnswerState.SENT
    answer.sent_at, answer.sent_by = at, by
    answer.sent_entry, answer.letter_id = sent_entry, letter_id
    answer.sendings += 1
    answer.save(update_fields=["state", "sent_at", "sent_by", "sent_entry", "letter", "sendings"])
    record(
        verb="registry.answer_sent",
        subject=f"answer:{answer.pk}",
        by=by,
        at=at,
        reason=answer.channel,
        entry=answer.entry_id,
        sent_entry=sent_entry.pk,
        letter=letter_id,
    )
    return answer


def _is_sent_just_now(answer: Answer, at: datetime) -> bool:
    """Whether its author's same words went to the same party while that can still be undone."""
    just_now = at - timedelta(seconds=settings.UNDO_SECONDS)
    return Answer.objects.filter(
        entry=answer.entry_id,
        author=answer.author_id,
        kind=answer.kind,
        party=answer.party_id,
        heading=answer.heading,
        text=answer.text,
        state=AnswerState.SENT,
        sent_at__gt=just_now,
    ).exists()


def _letter(
    answer: Answer, prepared: _Prepared, *, by: str, at: datetime
) -> tuple[int | None, PostFile, dict[str, str]]:
    """Queue the letter, or take the printed one; its id, the file that the record keeps, and what
    it says.
    """
    if prepared.printed is not None:
        printed = prepared.printed.letter
        said = {"subject": printed.subject, "text": printed.text}
        return None, prepared.printed.file, said
    letter = queue_letter(
        key=f"answer:{answer.pk}:{answer.sendings + 1}",
        kind=answer.kind,
        language=answer.language,
        values=letter_values(answer),
        to=[answer.party.email if answer.party else ""],
        automatic=False,
        about=answer.entry.reference,
        not_before=at + timedelta(seconds=settings.UNDO_SECONDS),
        in_reply_to=answers.thread_of(answer.entry),
        files=prepared.attachments,
        by=by,
        at=at,
    )
    said = {"subject": letter.subject, "text": letter.text}
    return letter.pk, letter_file(letter.raw_sha256, len(letter.raw)), said


def _described(answer: Answer, main: PostFile) -> Outgoing:
    """What the record says of the letter: its checked subject, or a fixed phrase."""
    title = answer.heading
    if answer.kind == AnswerKind.INTERIM_REPLY:
        body = municipality()
        with translation.override(body.default_language if body else None):
            title = str(AnswerKind.INTERIM_REPLY.label)
    party = answer.party
    assert party is not None  # noqa: S101  (check_answer refuses without)
    files = (
        PostFile(
            role=DocumentRole.ATTACHMENT,
            filename=file.filename,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            kept_in=Keeper.BLOB,
            original_sha256=file.sha256,
            original_part="",
        )
        for file in answer.files.order_by("pk")
    )
    return Outgoing(
        title=title,
        public_title=title,
        access=answer.access,
        legal_basis=answer.legal_basis,
        recipient=PostParty(
            role=PartyRole.RECIPIENT,
            name=party.name,
            email=party.email,
            postal_address=party.postal_address,
            is_person=party.is_person,
        ),
        files=(main, *files),
    )


def _promise(answer: Answer, *, by: str, at: datetime) -> None:
    """Meet what asked for an interim reply, and let the promised day be the next deadline."""
    assert answer.promised_on is not None  # noqa: S101  (check_answer refuses without)
    end_deadlines(state=DeadlineState.MET, at=at, kinds=_INTERIM, entry=answer.entry)
    planned = promised_deadline(answer.promised_on, at=at, profile=profile())
    row = deadline(planned, starts_at=at, entry=answer.entry)
    row.save()
    record(
        verb="registry.deadline_set",
        subject=f"deadline:{row.pk}",
        by=by,
        at=at,
        kind=row.kind,
        entry=answer.entry_id,
        due_on=row.due_on.isoformat(),
    )


def _take_back_effects(
    answer: Answer, sent_entry: Entry, sent_at: datetime, *, by: str, at: datetime
) -> None:
    """What the sending had settled is unsettled again."""
    if answer.kind == AnswerKind.INTERIM_REPLY:
        Deadline.objects.filter(
            entry=answer.entry_id, kind=PROMISED, starts_at=sent_at, state__in=RUNNING
        ).update(state=DeadlineState.CANCELLED, ended_at=at)
        reopen_deadlines(
            entry_id=answer.entry_id,
            kinds=_INTERIM,
            ended_at=sent_at,
            profile=profile(),
            closed=queries.closed_days(),
        )
    elif SignOff.objects.filter(entry=answer.entry_id, answer=sent_entry).exists():
        take_back_sign_off(entry_id=answer.entry_id, by=by, at=at)
