"""Tell the sender of an entry something about it, by a letter that is registered too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.queries import municipality
from ledger.actions.record import record
from lib.jurisdictions import Profile, profile_for
from lib.mime.compose import AttachedFile
from lib.refusal import Refused
from outbox.actions.queue import queue_letter
from outbox.rules.letters import format_date, format_time
from registry.actions.acknowledge import NOT_TO_BE_WRITTEN_TO
from registry.actions.refusals import refusal as refused
from registry.actions.register_letter import LetterCopy, register_letter
from registry.actions.void import call_back
from registry.models import Case, Entry, Notice
from registry.models.notice import NoticeKind

if TYPE_CHECKING:
    from outbox.models import Letter

__all__ = [
    "Address",
    "NoticeKind",
    "notice_values",
    "send_notice",
    "undo_notices",
    "values_before_registering",
]

# What the entry of each letter is called: fixed phrases, never a citizen's words.
_TITLES: Mapping[str, Promise] = {
    NoticeKind.MISDIRECTED: _("Notice of where the inquiry belongs"),
    NoticeKind.FORWARDED: _("The inquiry is sent on to the right body"),
    NoticeKind.MISSING_INFORMATION: _("Request for missing information"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """To whom a notice goes: an address, or why it cannot go there (a code)."""

    to: str
    language: str
    refusal: str | None = None
    # The name of a public body; empty for the sender of the entry.
    body: str = ""
    in_reply_to: str = ""


def notice_values(
    *, reference: str, received_at: datetime, language: str, profile: Profile
) -> dict[str, str]:
    """What every notice tells: our reference, and when the inquiry reached us."""
    received = received_at.astimezone(profile.zone)
    return {
        "ref": reference,
        "received_date": format_date(received.date(), language),
        "received_time": format_time(received, language),
    }


def values_before_registering(
    *, received_at: datetime, language: str, reference: str
) -> dict[str, str]:
    """The same for a preview, with `reference` in place of the number that nobody knows yet.

    Raises Refused ("no_municipality").
    """
    place = municipality()
    if place is None:
        raise refused("no_municipality")
    return notice_values(
        reference=reference,
        received_at=received_at,
        language=language,
        profile=profile_for(place.profile),
    )


@transaction.atomic
def send_notice(
    *,
    kind: str,
    entry: Entry,
    address: Address,
    values: Mapping[str, str],
    not_before: datetime,
    by: str,
    at: datetime,
    body: str = "",
    points: Sequence[str] = (),
    files: Sequence[AttachedFile] = (),
) -> Notice:
    """Write a notice about an incoming entry, register its letter in the case, and return it.

    Where no letter may or can go there, the notice keeps the reason. A person sends it, so it comes
    back to us when it does not arrive. Raises Refused ("no_municipality", "case_not_open",
    "bad_letter", "bad_sender").
    """
    place = municipality()
    if place is None:
        raise refused("no_municipality")
    profile = profile_for(place.profile)
    reason, letter, letter_entry = address.refusal or "", None, None
    if not reason:
        letter = _queue(
            kind, entry, address, values, profile, not_before=not_before, files=files, by=by, at=at
        )
        reason = "" if letter else NOT_TO_BE_WRITTEN_TO
    if letter is not None:
        letter_entry = register_letter(
            answered=entry,
            copy=LetterCopy(letter.raw_sha256, len(letter.raw), address.to, at),
            title=_TITLES[kind],
            language=place.default_language,
            timezone=profile.timezone,
            recipient=address.body,
            by=by,
            at=at,
        )
    notice = Notice.objects.create(
        kind=kind,
        entry=entry,
        letter=letter,
        not_sent_reason=reason,
        letter_entry=letter_entry,
        body=body[:200],
        points=list(points),
        made_at=at,
        made_by=by,
    )
    record(
        verb="registry.notice_sent" if letter else "registry.notice_not_sent",
        subject=f"notice:{notice.pk}",
        by=by,
        at=at,
        reason=reason,
        kind=kind,
        entry=entry.pk,
        letter=letter.pk if letter else None,
        letter_entry=letter_entry.pk if letter_entry else None,
    )
    return notice


def undo_notices(
    entry: Entry, case: Case, *, holds: int, by: str, at: datetime, since: datetime
) -> None:
    """Call back the letters of the entry's notices made at `since` or later; the case is locked.

    Raises Refused ("too_late") when one of them is on its way, and what voiding refuses.
    """
    standing = Notice.objects.select_for_update(of=("self",)).select_related("letter_entry")
    for notice in standing.filter(entry=entry, undone_at=None, made_at__gte=since):
        call_back(case, notice.letter_id, notice.letter_entry, holds=holds, by=by, at=at)
        notice.undone_at = at
        notice.save(update_fields=["undone_at"])
        record(
            verb="registry.notice_undone",
            subject=f"notice:{notice.pk}",
            by=by,
            at=at,
            entry=entry.pk,
        )


def _queue(
    kind: str,
    entry: Entry,
    address: Address,
    values: Mapping[str, str],
    profile: Profile,
    *,
    not_before: datetime,
    files: Sequence[AttachedFile],
    by: str,
    at: datetime,
) -> Letter | None:
    """The letter, or None where the address is none."""
    earlier = Notice.objects.filter(entry=entry, kind=kind).count()
    shared = notice_values(
        reference=entry.reference,
        received_at=entry.arrived_at,
        language=address.language,
        profile=profile,
    )
    try:
        return queue_letter(
            key=f"{kind}:{entry.reference}" + (f":{earlier + 1}" if earlier else ""),
            kind=kind,
            language=address.language,
            values={**shared, **values},
            to=[address.to],
            automatic=False,
            about=entry.reference,
            not_before=not_before,
            by=by,
            at=at,
            in_reply_to=address.in_reply_to,
            files=files,
        )
    except Refused as error:
        # Dealing with the post must not fail because the sender's address is no address.
        if error.code != NOT_TO_BE_WRITTEN_TO:
            raise
        return None
