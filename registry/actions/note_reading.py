"""Leave an event when somebody takes out a document."""

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
