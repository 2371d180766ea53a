"""One mail about several things becomes several entries, each in its own case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.actions.acknowledging import acknowledge_entry
from intake.actions.triage import Decision, move_case, post_of, settle, waiting_message
from intake.models.message import State
from ledger.actions.record import in_one, record
from lib.refusal import Refused
from registry.actions.ask import end_waits_answered_by
from registry.actions.lock import lock_cases
from registry.actions.register import register

MOST_PARTS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One of the entries: how it is described, and the ids of the attachments that go with it."""

    decision: Decision
    attachments: frozenset[int]


def split_message(*, message_id: int, parts: Sequence[Part], by: str, at: datetime) -> list[int]:
    """Register a message as several entries, and return their ids in the order of the parts.

    Each holds the original mail and the attachments chosen for it. All of it is one transaction.
    There is one acknowledgement, in the first one's case, and it names all numbers (docs/adr).
    Raises Refused ("already_done", "not_screened", "bad_parts", "already_registered" when two
    parts go to one case, and what registering refuses).
    """
    if not 2 <= len(parts) <= MOST_PARTS:
        raise Refused("bad_parts", _("A mail is split into two to five entries."))
    with transaction.atomic(), in_one():
        message = waiting_message(message_id)
        lock_cases(part.decision.case for part in parts if isinstance(part.decision.case, int))
        entries = [
            register(
                post=post_of(message, part.decision, only=part.attachments),
                case=part.decision.case,
                by=by,
                at=at,
            )
            for part in parts
        ]
        for part, entry in zip(parts, entries, strict=True):
            move_case(entry.pk, part.decision, by=by, at=at)
        acknowledge_entry(message, entries[0], also=entries[1:], by=by, at=at)
        for part, entry in zip(parts, entries, strict=True):
            if isinstance(part.decision.case, int):
                end_waits_answered_by(entry=entry, by=by, at=at)
        settle(message, State.REGISTERED, reason="", by=by, at=at)
        record(
            verb="intake.message_split",
            subject=f"message:{message.pk}",
            by=by,
            at=at,
            entries=[entry.pk for entry in entries],
        )
    return [entry.pk for entry in entries]
