"""Questions about entries that one mail became."""

from __future__ import annotations

from registry.models import Entry, Party
from registry.models.entry import Direction, EntryStatus


def registered_together(entry_id: int) -> list[Entry]:
    """The entry with those that its mail was split into at the same moment, by case; not void."""
    entry = Entry.objects.filter(pk=entry_id).first()
    if entry is None or not entry.message_number:
        return [entry] if entry else []
    return list(
        Entry.objects.filter(
            message_number=entry.message_number,
            registered_at=entry.registered_at,
            registered_by=entry.registered_by,
            direction=Direction.INCOMING,
            status=EntryStatus.REGISTERED,
            copy_of=None,
        ).order_by("case", "pk")
    )


def messages_of_sender(email: str, *, limit: int) -> list[str]:
    """Numbers of the latest registered messages whose sender has this address."""
    if not email:
        return []
    newest = (
        Party.objects.filter(email=email.lower(), role="sender", until_version=None)
        .exclude(entry__message_number="")
        .filter(entry__status=EntryStatus.REGISTERED)
        .order_by("-pk")
        .values_list("entry__message_number", flat=True)
    )
    return list(dict.fromkeys(newest[:limit]))
