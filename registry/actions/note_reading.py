"""Leave an event when somebody takes out a document, or a file that is to go with an answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record


@transaction.atomic
def note_reading(*, document_id: int, entry_id: int, by: str, at: datetime) -> None:
    """Record that a person was given the content of a document (GDPR art. 5 (1) f, art. 32)."""
    record(
        verb="registry.document_read",
        subject=f"document:{document_id}",
        by=by,
        at=at,
        entry=entry_id,
    )


@transaction.atomic
def note_file_reading(*, file_id: int, answer_id: int, by: str, at: datetime) -> None:
    """Record that a person was given what goes with an answer, before it is in the record."""
    record(
        verb="registry.answer_file_read",
        subject=f"answer:{answer_id}",
        by=by,
        at=at,
        file=file_id,
    )
