"""Leave a trace of who took a list out of the registry."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actions.record import record


@transaction.atomic
def note_export(*, rows: int, kind: str, by: str, at: datetime) -> None:
    """Record that a list of so many entries was taken out as a file of this kind ("csv")."""
    record(verb="registry.entries_exported", subject=by, by=by, at=at, rows=rows, reason=kind)
