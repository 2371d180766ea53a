"""Tell operators that an alarm stands or is over. No address, name or subject of post is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from accounts.queries import municipality
from outbox.actions.queue import queue_letter
from outbox.models import Letter, LetterKind


def notify_operators(
    *,
    key: str,
    alarm: str,
    count: int,
    cleared: bool,
    to: Sequence[str],
    by: str,
    at: datetime,
) -> Letter:
    """Queue the notice of an alarm, in the municipality's language.

    Raises Refused as `queue_letter`.
    """
    body = municipality()
    return queue_letter(
        key=key,
        kind=LetterKind.ALARM_CLEARED if cleared else LetterKind.ALARM,
        language=body.default_language if body else "en",
        values={"alarm": alarm, "count": str(count), "address": settings.BASE_URL},
        to=to,
        automatic=True,
        about="",
        not_before=at,
        by=by,
        at=at,
    )
