"""What the desk remembers for a while: who has a message open, and what they have typed.

Leaves no trace in the ledger: nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.models import Draft, Message, Presence
from intake.models.desk import DraftPage
from intake.queries import WAITING
from lib import rows
from lib.refusal import Refused

# A form's fields as text; the largest splits a mail into five entries. Whoever sends more is no
# form of ours.
MAX_FIELDS = 100
MAX_VALUE = 20_000


def note_presence(*, message_id: int, user_id: int, at: datetime) -> None:
    """Say that the person has the message open; what the person had open before is left."""
    Presence.objects.bulk_create(
        [Presence(user_id=user_id, message_id=message_id, seen_at=at)],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["message", "seen_at"],
    )


def save_draft(
    *,
    message_id: int,
    user_id: int,
    values: Mapping[str, str | list[str]],
    at: datetime,
    page: str = DraftPage.REGISTER,
) -> None:
    """Keep what the person has typed about a waiting message, in place of what was kept before.

    `values` are the fields of that page's form. Raises Refused ("already_done", "too_much").
    """
    if len(values) > MAX_FIELDS or any(len("".join(each)) > MAX_VALUE for each in values.values()):
        raise Refused("too_much", _("This is more than a draft may hold."))
    with transaction.atomic():
        # Against a decision that is being made just now, which deletes the drafts.
        waits = Message.objects.select_for_update().filter(pk=message_id, state__in=WAITING)
        if not waits.values("pk").first():
            raise Refused("already_done", _("Somebody has dealt with this message already."))
        Draft.objects.update_or_create(
            message_id=message_id,
            user_id=user_id,
            page=page,
            defaults={"values": dict(values), "saved_at": at},
        )


def drop_draft(*, message_id: int, user_id: int, page: str = DraftPage.REGISTER) -> None:
    """Forget what the person has typed about the message on this page."""
    Draft.objects.filter(message=message_id, user=user_id, page=page).delete()


def drop_drafts(*, message_id: int) -> None:
    """Forget what anybody has typed about a message that is settled now."""
    rows.run("DELETE FROM intake_draft WHERE message_id = %s", [message_id])
