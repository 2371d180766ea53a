"""A delivery report finds its letter by the envelope address it was sent to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from lib.mime.reports import DeliveryReport
from outbox.models import Fate, Letter


def record_bounce(
    *, token: str, reports: Iterable[DeliveryReport], by: str, at: datetime
) -> Letter | None:
    """Mark the recipients that a delivery report (RFC 3464) says were not reached.

    Returns the letter, or None when no letter has the token. "delayed" and "delivered" change
    nothing: the first is no end, and the second does not say that anyone has read it. A report
    that names no recipient of a letter with one recipient is about that one.
    """
    letter = Letter.objects.filter(envelope_token=token).defer("raw").first()
    if letter is None:
        return None
    failed = {report.recipient.lower() for report in reports if report.action == "failed"}
    if not failed:
        return letter
    with transaction.atomic():
        rows = list(letter.recipients.select_for_update())
        for row in rows:
            if row.address.lower() not in failed and len(rows) > 1:
                continue
            if row.fate == Fate.BOUNCED:
                continue
            row.fate = Fate.BOUNCED
            row.next_attempt_at = None
            row.changed_at = at
            row.save(update_fields=["fate", "next_attempt_at", "changed_at"])
            record(
                verb="outbox.letter_bounced",
                subject=f"letter:{letter.pk}",
                by=by,
                at=at,
                recipient=row.pk,
            )
    return letter
