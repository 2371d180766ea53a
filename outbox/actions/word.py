"""Give a letter a new wording."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from ledger.actions.record import record
from lib.refusal import Refused
from outbox.models import LetterText
from outbox.queries import letter_template
from outbox.rules import letters


def word_letter(*, kind: str, language: str, text: str, by: str, at: datetime) -> LetterText:
    """Keep `text` as the newest version of a letter.

    Raises Refused ("bad_text") with the cause, and ("changed_meanwhile") when somebody else was
    faster with the same version.
    """
    if language not in letters.LANGUAGES:
        raise Refused("bad_text", _("There are no letters in this language."))
    try:
        letters.check(kind, text)
    except ValueError as error:
        raise Refused("bad_text", _("The text cannot be used: %s") % error) from error
    with transaction.atomic():
        last = LetterText.objects.filter(kind=kind, language=language).aggregate(
            last=Max("version")
        )["last"]
        try:
            with transaction.atomic():
                made = LetterText.objects.create(
                    kind=kind,
                    language=language,
                    version=(last or 0) + 1,
                    text=text,
                    created_at=at,
                    created_by=by,
                )
        except IntegrityError as error:
            raise Refused(
                "changed_meanwhile", _("Somebody else has just changed this letter.")
            ) from error
        record(
            verb="outbox.letter_worded",
            subject=f"letter_text:{made.pk}",
            by=by,
            at=at,
            kind=kind,
            language=language,
            version=made.version,
        )
    letter_template.forget()
    return made
