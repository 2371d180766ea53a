"""A delivery report finds its letter by the envelope address it was sent to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ledger.actions.record import record
from lib.mime.addresses import is_valid_address, normalise
from lib.mime.reports import DeliveryReport
from outbox.models import Fate, Letter

# What was never sent cannot come back; what a person has sent again since is on its way.
_ON_ITS_WAY = [Fate.SENDING, Fate.SENT, Fate.RETRY, Fate.UNKNOWN]


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
    failed = {_plain(report.recipient) for report in reports if report.action == "failed"}
    if not failed:
        return letter
    with transaction.atomic():
        rows = list(letter.recipients.select_for_update().order_by("pk"))
        for row in rows:
            if _plain(row.address) not in failed and len(rows) > 1:
                continue
            if row.fate not in _ON_ITS_WAY:
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


def _plain(address: str) -> str:
    return (normalise(address) if is_valid_address(address) else address).lower()
