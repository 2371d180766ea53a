"""Approval by a second person: ask for it, take it back, approve and send, or return."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from registry.actions.answer import let_leave, lock_with_case, prepare
from registry.actions.composing import check_answer
from registry.actions.refusals import refusal
from registry.models import Answer, AnswerStep
from registry.models.answer import AnswerState, Step
from registry.rules import approval

_VERBS = {
    Step.ASKED: "registry.answer_laid_before",
    Step.TAKEN_BACK: "registry.answer_taken_back",
    Step.APPROVED: "registry.answer_approved",
    Step.RETURNED: "registry.answer_returned",
}


@transaction.atomic
def ask_approval(*, answer_id: int, expected_version: int, by: str, at: datetime) -> Answer:
    """Lay a finished answer before those who may approve; its author cannot change it meanwhile.

    Raises Refused: what `save_draft` and `check_answer` refuse.
    """
    answer = lock_with_case(answer_id, expected_version, AnswerState.DRAFT)
    check_answer(answer, at=at)
    _step(answer, Step.ASKED, AnswerState.WAITING, by=by, at=at)
    return answer


@transaction.atomic
def take_back(*, answer_id: int, expected_version: int, by: str, at: datetime) -> Answer:
    """Make what waits for approval a draft again. Raises Refused ("not_laid_before", …)."""
    answer = lock_with_case(answer_id, expected_version, AnswerState.WAITING)
    _step(answer, Step.TAKEN_BACK, AnswerState.DRAFT, by=by, at=at)
    return answer


def approve(
    *,
    answer_id: int,
    expected_version: int,
    expected_letter: str,
    expected_sign_off: int | None,
    by: str,
    at: datetime,
) -> Answer:
    """Let what was read leave, in one step with the approval; see `send_answer`.

    `expected_letter` is the fingerprint of the letter that was read: a letterhead, a name or an
    address that has changed since is as good as another text. Raises Refused: "not_laid_before",
    "own_answer", "changed_meanwhile", and what `send_answer` refuses.
    """
    prepared = prepare(answer_id, at=at)
    with transaction.atomic():
        answer = lock_with_case(answer_id, expected_version, AnswerState.WAITING)
        refused = approval.may_send(
            by=by, author=f"user:{answer.author_id}", four_eyes=True, approves=True
        )
        if refused:
            raise refusal(refused)
        _step(answer, Step.APPROVED, AnswerState.WAITING, by=by, at=at)
        return let_leave(
            answer,
            prepared,
            expected_sign_off=expected_sign_off,
            expected_letter=expected_letter,
            by=by,
            at=at,
        )


@transaction.atomic
def return_answer(
    *, answer_id: int, expected_version: int, reason: str, by: str, at: datetime
) -> Answer:
    """Give an answer back to its author, with the reason that is shown on top of it.

    Raises Refused: "not_laid_before", "own_answer", "reason_missing", "reason_too_long".
    """
    reason = reason.strip()
    if not reason:
        raise refusal("reason_missing")
    if len(reason) > 400:
        raise refusal("reason_too_long")
    answer = lock_with_case(answer_id, expected_version, AnswerState.WAITING)
    if by == f"user:{answer.author_id}":
        raise refusal("own_answer")
    _step(answer, Step.RETURNED, AnswerState.DRAFT, reason=reason, by=by, at=at)
    return answer


def _step(
    answer: Answer, step: Step, state: AnswerState, *, by: str, at: datetime, reason: str = ""
) -> None:
    AnswerStep.objects.create(
        answer=answer, step=step, version=answer.version, reason=reason, made_at=at, made_by=by
    )
    answer.state = state
    answer.save(update_fields=["state"])
    record(
        verb=_VERBS[step],
        subject=f"answer:{answer.pk}",
        by=by,
        at=at,
        entry=answer.entry_id,
        version=answer.version,
    )
