"""Write an internal comment on a case, and ask colleagues to look at it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from outbox.actions.notify import notify_person
from registry.actions.refusals import refusal
from registry.models import Case, Comment, Mention

LONGEST = 4_000


@transaction.atomic
def comment(
    *, case_id: int, text: str, mentions: Collection[int], by: str, at: datetime
) -> Comment:
    """Add a comment to a case; those in `mentions` (ids of people) are told by the number alone.

    The caller has asked `access` whether they may read the case: a mention opens nothing.
    Raises Refused: "no_such_case", "comment_missing", "comment_too_long".
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise refusal("no_such_case")
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise refusal("comment_missing")
    if len(text) > LONGEST:
        raise refusal("comment_too_long")
    made = Comment.objects.create(case=case, text=text, made_at=at, made_by=by)
    people = sorted(set(mentions))
    Mention.objects.bulk_create(Mention(comment=made, user_id=pk) for pk in people)
    record(
        verb="registry.comment_made",
        subject=f"comment:{made.pk}",
        by=by,
        at=at,
        case=case.pk,
        mentions=people,
    )
    for pk in people:
        if f"user:{pk}" != by:
            notify_person(
                user_id=pk,
                kind="mention",
                about=case.reference,
                is_restricted=case.is_restricted,
                by=by,
                at=at,
            )
    return made
