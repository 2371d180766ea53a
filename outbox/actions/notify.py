"""Tell operators of alarms, and colleagues of what concerns them.

No address, name, title, subject or content of post is in these letters: a number at most.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from accounts.queries import away, municipality, person
from accounts.rules.absence import stand_in
from lib.jurisdictions import local_date, profile_for
from lib.refusal import Refused
from outbox import queries
from outbox.actions.queue import queue_letter
from outbox.models import Letter, LetterKind

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

NOTICES = {
    "assigned": LetterKind.NOTICE_ASSIGNED,
    "mention": LetterKind.NOTICE_MENTION,
    "threat": LetterKind.NOTICE_THREAT,
    "escalated": LetterKind.NOTICE_ESCALATED,
}
# Within this time a second notice of the same kind about the same thing says nothing new.
AGAIN_AFTER = timedelta(hours=1)
# As many numbers as a person reads in a line; the count is of all.
_NAMED = 10


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


def notify_person(
    *,
    user_id: int,
    kind: str,
    about: str,
    by: str,
    at: datetime,
    is_restricted: bool = False,
) -> list[Letter]:
    """Tell a colleague at once, in the person's own language, and return the letters queued.

    `kind` is "assigned", "mention", "threat" or "escalated"; `about` is a number ("2026/17",
    "M17") and all that the letter says of the matter. Whoever stands in for the person is told
    too, unless the matter `is_restricted`: then not even its number is for them. No letter goes to
    the one who did it (`by`), to those who may not sign in, to those who have switched such letters
    off (a threat is told of all the same), and none a second time about the same thing within an
    hour.
    ValueError for another kind. Raises Refused as `queue_letter`.
    """
    if kind not in NOTICES:
        raise ValueError(f"there is no notice of the kind {kind!r}")
    told = [user_id] if is_restricted else _told(user_id, at)
    found = (_notify(each, kind=kind, about=about, by=by, at=at) for each in told)
    return [letter for letter in found if letter is not None]


def _told(user_id: int, at: datetime) -> list[int]:
    body = municipality()
    if body is None:
        return [user_id]
    delegate = stand_in(user_id, away(local_date(at, profile_for(body.profile))))
    return [user_id] if delegate is None else [user_id, delegate]


def _notify(user_id: int, *, kind: str, about: str, by: str, at: datetime) -> Letter | None:
    user = person(user_id)
    if user is None or not user.is_active or user.actor == by:
        return None
    if kind != "threat" and not user.notices:
        return None
    key = f"notice:{kind}:{user_id}:{about}"
    if queries.was_made_since(f"{key}:", at - AGAIN_AFTER):
        return None
    try:
        return _queue(user, key, kind=kind, about=about, by=by, at=at)
    except Refused as refusal:
        if refusal.code != "bad_address":
            raise
        # A colleague who cannot be written to keeps nobody from working.
        log.error("no notice to user %s: %s", user_id, refusal.code)
        return None


def _queue(user: User, key: str, *, kind: str, about: str, by: str, at: datetime) -> Letter:
    return queue_letter(
        # Two at the same moment have the same key, and so are one.
        key=f"{key}:{int(at.timestamp()) // int(AGAIN_AFTER.total_seconds())}",
        kind=NOTICES[kind],
        language=user.language,
        values={"ref": about},
        to=[user.email],
        automatic=True,
        about=about,
        not_before=at,
        by=by,
        at=at,
    )


def send_digest(
    *,
    user_id: int,
    on: date,
    lines: Mapping[str, Sequence[str]],
    by: str,
    at: datetime,
) -> bool:
    """Queue a person's letter of the day, once; False when it is there, or nobody is to get it.

    `lines` are the numbers of the cases under "overdue", "soon", "week", "reminded" and
    "escalated"; an empty one is left out. Raises Refused as `queue_letter`.
    """
    user = person(user_id)
    key = queries.digest_key(user_id, on)
    if user is None or not user.is_active or not user.digest or queries.is_made(key):
        return False
    queue_letter(
        key=key,
        kind=LetterKind.DIGEST,
        language=user.language,
        values={
            "count": str(len(set().union(*lines.values()))),
            **{name: _line(numbers) for name, numbers in lines.items()},
        },
        to=[user.email],
        automatic=True,
        about="",
        not_before=at,
        by=by,
        at=at,
    )
    return True


def _line(numbers: Sequence[str]) -> str:
    if not numbers:
        return ""
    more = " …" if len(numbers) > _NAMED else ""
    return f"{len(numbers)} ({', '.join(numbers[:_NAMED])}{more})"
