"""What the fault tests do inside an installation: run as a process of its own, with its settings.

A registrar who never tires, the sweepers at a later time, and the facts that the tests judge.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import Error, close_old_connections, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from intake.actions.reconcile import days_back, differences  # noqa: E402
from intake.actions.screen import screen  # noqa: E402
from intake.actions.sweep import sweep_messages  # noqa: E402
from intake.actions.triage import Decision, register_message  # noqa: E402
from intake.models import Mailbox, Message  # noqa: E402
from intake.models.message import Kind, State  # noqa: E402
from lib.reading import reader  # noqa: E402
from lib.refusal import Refused  # noqa: E402
from outbox.actions.send import send_due  # noqa: E402
from outbox.actions.sweep import sweep_letters  # noqa: E402
from outbox.clients.smtp import Connection  # noqa: E402
from outbox.models import LetterRecipient  # noqa: E402
from outbox.rules.retry import GIVE_UP_AFTER, STALE_AFTER  # noqa: E402
from registry.actions.register import NewCase  # noqa: E402
from registry.models import Acknowledgement, Case, DocumentType, Entry, Series  # noqa: E402
from registry.models import SeriesYear as Counter  # noqa: E402

BY = "user:1"


def set_up() -> None:
    """Tables, rights and the demo municipality, whose passwords nobody needs here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
        call_command("grant_app_role")
        call_command("setup_demo", municipality="nn")


def register_for_ever() -> None:
    """Register every person's message that waits, one by one, until killed."""
    while True:
        close_old_connections()
        try:
            waiting = list(
                Message.objects.filter(
                    state__in=[State.SCREENED, State.HELD], kind=Kind.PERSON
                ).order_by("pk")[:20]
            )
            for message in waiting:
                _register(message)
        except Error as error:
            # The commit may have been done or not: the next look at the queue tells.
            print(type(error).__name__, flush=True)
            connection.close()
            time.sleep(0.2)
            continue
        if not waiting:
            time.sleep(0.2)


def _register(message: Message) -> None:
    try:
        register_message(
            message_id=message.pk, decision=_decision(message), by=BY, at=timezone.now()
        )
    except Refused as refusal:
        if refusal.code != "already_done":
            raise


def _decision(message: Message) -> Decision:
    latest = Case.objects.order_by("-pk").first()
    case: int | NewCase
    if latest is None or message.pk % 4 == 0:
        case = NewCase(
            series_id=Series.objects.get().pk,
            title="Spørsmål fra innbygger",
            public_title="Spørsmål fra innbygger",
            access="unassessed",
            legal_basis="",
            unit_id=message.mailbox.unit_id,
        )
    else:
        case = latest.pk
    return Decision(
        case=case,
        title="Spørsmål fra innbygger",
        public_title="Spørsmål fra innbygger",
        document_type_id=DocumentType.objects.order_by("pk")[0].pk,
        access="unassessed",
        legal_basis="",
        sender_name=message.sender_name or "Ukjent",
        sender_is_person=True,
    )


def handle_what_waits() -> int:
    """Screen what was received and register every person's message; how many were registered."""
    now = timezone.now()
    for pk in Message.objects.filter(state=State.RECEIVED).values_list("pk", flat=True):
        screen(message_id=pk, read=reader(), by="system:worker", at=now)
    waiting = list(Message.objects.filter(state=State.SCREENED, kind=Kind.PERSON))
    for message in waiting:
        _register(message)
    return len(waiting)


def fetch_from(address: str, port: str, user: str, after: str) -> int:
    """Have a mailbox fetched from an IMAP server on this machine."""
    return Mailbox.objects.filter(address=address).update(
        imap_host="127.0.0.1",
        imap_port=int(port),
        imap_security="plain",
        imap_user=user,
        imap_secret="MAILBOX_PASSWORD",
        imap_after=after,
        imap_move_to="Hentet" if after == "move" else "",
    )


def sweep_once(seconds: str) -> int:
    """What beat asks of the sweeper of messages, as it will be in so many seconds."""
    return sweep_messages(by="system:worker", at=timezone.now() + timedelta(seconds=float(seconds)))


def send_what_is_left() -> dict[str, int]:
    """What beat asks of the outbox, as it will be when no letter is young any more."""
    now = timezone.now()
    stale = sweep_letters(at=now + STALE_AFTER + timedelta(seconds=1), by="system:outbox")
    later = now + GIVE_UP_AFTER / 2
    with Connection(settings.OUTGOING_SMTP_URL, timeout=10, hello="post.example.org") as session:
        tried = send_due(connection=session, clock=lambda: later, by="system:outbox", limit=5_000)
    return {"in doubt": stale, "tried": tried}


def facts() -> dict[str, Any]:
    """Everything that the oracle judges."""
    return {
        "messages": [
            {**row, "deliveries": Message.objects.get(pk=row["pk"]).deliveries.count()}
            for row in Message.objects.values(
                "pk", "raw_sha256", "state", "kind", "held_code", "message_id"
            )
        ],
        "entries": list(
            Entry.objects.order_by("pk").values(
                "series", "running_year", "running_number", "case", "document", "direction",
                "status", "message_number",
            )
        ),
        "cases": list(Case.objects.values("pk", "series", "year", "number", "last_document")),
        "counters": list(Counter.objects.values("series", "year", "last_case", "last_entry")),
        "acknowledgements": list(
            Acknowledgement.objects.filter(undone_at=None).values(
                "message_number", "not_sent_reason", "letter__message_id"
            )
        ),
        "letters": list(
            LetterRecipient.objects.values("letter__message_id", "fate", "attempts", "losses")
        ),
        "differences": sum(
            abs(row.difference)
            for on in days_back(timezone.now(), 2)
            for row in differences(on)
        ),
    }  # fmt: skip


COMMANDS: dict[str, Callable[..., Any]] = {
    "set-up": set_up,
    "register": register_for_ever,
    "handle": handle_what_waits,
    "fetch-from": fetch_from,
    "sweep": sweep_once,
    "send": send_what_is_left,
    "facts": facts,
}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
