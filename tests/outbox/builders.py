"""The municipality, letters and runs of the worker that the outbox's tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.actions.set_up import set_up_municipality
from outbox.actions.queue import queue_letter
from outbox.actions.send import send_due
from outbox.clients.smtp import Connection
from outbox.models import Letter, LetterRecipient

from .relay import Relay

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BY = "system:test"
VALUES = {
    "ref": "2026/17-1",
    "message_number": "",
    "received_date": "2. mars 2026",
    "received_time": "09.12",
    "unit": "Helse og omsorg",
    "answer_by": "",
    # of the other kinds
    "reason": "Vi venter på en uttalelse.",
}


def set_up(**changes: str) -> None:
    fields = {
        "profile": "NO",
        "name": "Fjordvik kommune",
        "domain": "fjordvik.example",
        "central_address": "post@fjordvik.example",
        "postal_address": "Postboks 1, 9999 Fjordvik",
        "phone": "70 00 00 00",
        "default_language": "nb",
    }
    set_up_municipality(**{**fields, **changes})


def queue(key: str = "acknowledgement:2026/17-1", **changes: Any) -> Letter:
    arguments: dict[str, Any] = {
        "kind": "acknowledgement",
        "language": "nb",
        "values": VALUES,
        "to": ["kari@example.net"],
        "automatic": True,
        "about": "2026/17-1",
        "not_before": NOW,
        "by": BY,
        "at": NOW,
    }
    return queue_letter(key=key, **{**arguments, **changes})


def personal(key: str = "interim:2026/17", **changes: Any) -> Letter:
    """A letter that a person writes: not to be sent twice, and it may bounce."""
    return queue(key, kind="interim_reply", automatic=False, **changes)


def connection(relay: Relay, **changes: Any) -> Connection:
    arguments: dict[str, Any] = {"timeout": 5, "final_timeout": 5, "hello": "us.example"}
    return Connection(changes.pop("url", relay.url), **{**arguments, **changes})


def send(relay: Relay, at: datetime = NOW, **changes: Any) -> int:
    """One run of the worker at that time."""
    with connection(relay, **changes) as opened:
        return send_due(connection=opened, clock=lambda: at, by=BY)


def later(**lapse: float) -> datetime:
    return NOW + timedelta(**lapse)


def fate(letter: Letter, address: str = "kari@example.net") -> LetterRecipient:
    return LetterRecipient.objects.get(letter=letter, address=address)
