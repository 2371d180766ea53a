"""Register a message and ask its sender for what is missing, in one step and one letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from intake.actions.notifying import acknowledge_by_notice, sender_of
from intake.actions.triage import Decision, move_case, post_of, settle, waiting_message
from intake.models.message import State
from intake.queries import message_numbered
from ledger.actions.record import record
from registry.actions.ask import ask_for_missing
from registry.actions.refusals import refusal
from registry.actions.register import register


def register_and_ask(
    *,
    message_id: int,
    decision: Decision,
    points: Sequence[str],
    language: str,
    by: str,
    at: datetime,
) -> int:
    """Register a waiting message, ask its sender for `points`, and return the entry's id.

    The letter tells the number and the time of receipt, so it is the acknowledgement as well. The
    letter waits UNDO_SECONDS. Raises Refused ("already_done", "not_screened", and what registering
    and asking refuse).
    """
    with transaction.atomic():
        message = waiting_message(message_id)
        entry = register(post=post_of(message, decision), case=decision.case, by=by, at=at)
        move_case(entry.pk, decision, by=by, at=at)
        notice = ask_for_missing(
            entry_id=entry.pk,
            points=points,
            address=sender_of(message, language=language, at=at),
            by=by,
            at=at,
        )
        acknowledge_by_notice(message, entry, notice, by=by, at=at)
        settle(message, State.REGISTERED, reason="", by=by, at=at)
        record(
            verb="intake.message_asked_about",
            subject=f"message:{message.pk}",
            by=by,
            at=at,
            entry=entry.pk,
        )
    return entry.pk


def ask_about_entry(
    *,
    message_number: str,
    entry_id: int,
    points: Sequence[str],
    language: str,
    by: str,
    at: datetime,
) -> int:
    """Ask the sender of a message that is registered already; return the notice's id.

    Raises Refused ("cannot_be_asked" where the entry came another way, and what asking refuses).
    """
    with transaction.atomic():
        message = message_numbered(message_number)
        if message is None:
            raise refusal("cannot_be_asked")
        address = sender_of(message, language=language, at=at)
        return ask_for_missing(entry_id=entry_id, points=points, address=address, by=by, at=at).pk
