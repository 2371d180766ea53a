"""Notices really leave: through the outbox, to a mail server on loopback."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from intake.actions.ask import register_and_ask
from intake.actions.misdirect import Misdirection, misdirect
from intake.actions.set_up import set_up_body
from outbox.actions.send import send_due
from outbox.clients.smtp import Connection
from outbox.models import LetterRecipient
from tests.world import KARI, MINUTE, MORNING, OLA, SECOND, build_world, mail

from .relay import Relay

pytestmark = pytest.mark.django_db(transaction=True)

AT = MORNING + MINUTE


def run(relay: Relay, *, seconds: int) -> int:
    with Connection(relay.url, timeout=5, final_timeout=5, hello="us.example") as opened:
        return send_due(connection=opened, clock=lambda: AT + seconds * SECOND, by="system:test")


def test_the_sender_is_told_and_the_body_gets_the_mail_when_undo_is_over(
    transactional_db: None,
    relay: Callable[..., Relay],
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lib.enqueue._send", lambda task, ids: None)
    settings.BLOB_DIR = tmp_path / "blobs"
    world = build_world("SE")
    body = set_up_body(
        name="Försäkringskassan", email="post@fk.example", postal_address="Box 1", words=()
    )
    raw = mail(subject="Vab", text="Hej, jag har fragor om vab.")
    message = world.arrive(raw)
    misdirect(
        message_id=message.pk,
        decision=world.decision(title="Felsänd handling", public_title="Felsänd handling"),
        choice=Misdirection(body_id=body.pk, language="sv", forward=True, attachments_read=False),
        by=KARI,
        at=AT,
    )
    asked = world.arrive(mail(subject="Bygglov", message_id="<b@example.net>"))
    register_and_ask(
        message_id=asked.pk,
        decision=world.decision(),
        points=["ditt namn"],
        language="sv",
        by=KARI,
        at=AT,
    )
    server = relay()
    assert run(server, seconds=19) == 0
    assert run(server, seconds=20) == 3
    taken = {each.to: message_from_bytes(each.raw, policy=policy.SMTP) for each in server.taken}
    assert set(taken) == {OLA, "post@fk.example"}
    subjects = sorted(
        message_from_bytes(each.raw, policy=policy.SMTP)["Subject"] for each in server.taken
    )
    assert subjects == [
        "Ditt mejl hör till en annan myndighet",
        "Mejl som hör till er – KS 2026/1-1",
        "Vi behöver fler uppgifter – KS 2026/2-1",
    ]
    assert raw.rstrip() in next(each.raw for each in server.taken if each.to == "post@fk.example")
    # They come back to us when they do not arrive, and nothing answers a machine with a machine.
    assert all(each.sender.startswith("bounce+") for each in server.taken)
    assert set(LetterRecipient.objects.values_list("fate", flat=True)) == {"sent"}
