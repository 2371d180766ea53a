"""Give a ready-made text for answers a new wording."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from ledger.actions.record import record
from registry.actions.refusals import refusal
from registry.models import AnswerText
from registry.rules import slots


@transaction.atomic
def word_answer_text(
    *,
    code: str,
    language: str,
    name: str,
    heading: str,
    text: str,
    is_active: bool,
    by: str,
    at: datetime,
) -> AnswerText:
    """Keep this as the newest version of the text with this code and language.

    Raises Refused: "text_missing", "text_of_no_use", "changed_meanwhile".
    """
    if not text.strip() or not heading.strip():
        raise refusal("text_missing")
    if slots.stray(text) or slots.stray(heading):
        raise refusal("text_of_no_use")
    last = AnswerText.objects.filter(code=code, language=language).aggregate(last=Max("version"))
    try:
        with transaction.atomic():
            made = AnswerText.objects.create(
                code=code,
                language=language,
                version=(last["last"] or 0) + 1,
                name=name,
                heading=heading.strip(),
                text=text.replace("\r\n", "\n").strip(),
                is_active=is_active,
                made_at=at,
                made_by=by,
            )
    except IntegrityError as error:
        raise refusal("changed_meanwhile") from error
    record(
        verb="registry.answer_text_worded",
        subject=f"answer_text:{made.pk}",
        by=by,
        at=at,
        code=code,
        language=language,
        version=made.version,
    )
    return made
