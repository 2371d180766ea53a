"""Who may see and decide about letters out; what the worker's entrances do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.actions.set_up import set_up_person
from accounts.models import User
from accounts.rules.roles import Role
from outbox import tasks
from outbox.models import Fate, LetterRecipient
from outbox.rules.retry import STALE_AFTER
from outbox.views import letters

from .builders import BY, NOW, fate, personal
from .relay import Relay

WATCHING = [Role.REGISTRAR, Role.ADMINISTRATOR]
OTHERS = [role for role in Role if role not in WATCHING]


def person(role: Role) -> User:
    return set_up_person(
        email=f"{role}@fjordvik.example",
        name=role.title(),
        unit="",
        language="nb",
        roles=[role],
        password="a long and unusual sentence",
        by=BY,
        at=NOW,
    )


def visitor(role: Role) -> Client:
    client = Client()
    client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def undelivered(municipality: None) -> LetterRecipient:
    row = fate(personal())
    LetterRecipient.objects.update(fate=Fate.BOUNCED, next_attempt_at=None)
    return row


def asking(role: Role) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = person(role)
    return request


@pytest.mark.parametrize("role", OTHERS)
def test_those_who_do_not_watch_are_refused(undelivered: LetterRecipient, role: Role) -> None:
    request = asking(role)
    with pytest.raises(PermissionDenied):
        letters.letters(request)
    with pytest.raises(PermissionDenied):
        letters.letter(request, undelivered.pk)
    request.method = "POST"
    with pytest.raises(PermissionDenied):
        letters.decide(request, undelivered.pk)


def test_strangers_get_no_letters(undelivered: LetterRecipient) -> None:
    decide = reverse("outbox:decide", args=[undelivered.pk])
    for answer in (
        Client().get(reverse("outbox:letters")),
        Client().get(reverse("outbox:letter", args=[undelivered.pk])),
        Client().post(decide, {"decision": "again"}),
    ):
        assert answer.status_code in (302, 403)
        assert b"kari@example.net" not in answer.content
    assert LetterRecipient.objects.get().fate == "bounced"


@pytest.mark.parametrize("role", WATCHING)
def test_a_letter_that_does_not_exist_is_not_found(municipality: None, role: Role) -> None:
    request = asking(role)
    with pytest.raises(Http404):
        letters.letter(request, 4711)
    request.method = "POST"
    with pytest.raises(Http404):
        letters.decide(request, 4711)


def test_deciding_asks_for_post_and_looking_for_get(undelivered: LetterRecipient) -> None:
    client = visitor(Role.REGISTRAR)
    assert client.get(reverse("outbox:decide", args=[undelivered.pk])).status_code == 405
    assert client.post(reverse("outbox:letters")).status_code == 405
    assert client.post(reverse("outbox:letter", args=[undelivered.pk])).status_code == 405


@pytest.mark.parametrize("role", WATCHING)
def test_who_watches_sends_again_and_a_second_press_changes_nothing(
    undelivered: LetterRecipient, role: Role
) -> None:
    client, decide = visitor(role), reverse("outbox:decide", args=[undelivered.pk])
    for _ in range(2):
        answer = client.post(decide, {"decision": "again"})
        assert answer.status_code == 302
        assert answer["Location"] == reverse("outbox:letter", args=[undelivered.pk])
    row = LetterRecipient.objects.get()
    assert (row.fate, row.attempts, row.seen_at) == ("queued", 0, None)


def test_who_watches_takes_note_under_their_own_name(undelivered: LetterRecipient) -> None:
    client = visitor(Role.REGISTRAR)
    client.post(reverse("outbox:decide", args=[undelivered.pk]), {"decision": "noted"})
    row = LetterRecipient.objects.get()
    assert row.fate == "bounced"
    assert row.seen_by == User.objects.get().actor
    assert row.seen_at is not None


@pytest.mark.parametrize("decision", ["", "burn"])
def test_what_is_no_decision_changes_nothing(undelivered: LetterRecipient, decision: str) -> None:
    client = visitor(Role.REGISTRAR)
    answer = client.post(reverse("outbox:decide", args=[undelivered.pk]), {"decision": decision})
    assert answer.status_code == 400
    row = LetterRecipient.objects.get()
    assert (row.fate, row.seen_at) == ("bounced", None)


def test_the_worker_sends_what_is_due_by_the_settings(
    committed: None, relay: Callable[..., Relay], settings: Any
) -> None:
    server = relay()
    settings.OUTGOING_SMTP_URL = server.url
    settings.BASE_URL = "https://post.fjordvik.example"
    letter = personal()
    tasks.send_letters()
    assert fate(letter).fate == "sent"
    assert server.seen[0].lower() == "ehlo post.fjordvik.example"
    tasks.send_letters()
    assert len(server.taken) == 1


def test_the_sweeper_sends_what_a_lost_call_left_and_finds_what_a_dead_worker_left(
    committed: None, relay: Callable[..., Relay], settings: Any
) -> None:
    settings.OUTGOING_SMTP_URL = relay().url
    forgotten, held = personal("interim:1"), personal("interim:2")
    LetterRecipient.objects.filter(letter=held).update(
        fate=Fate.SENDING, claimed_at=timezone.now() - STALE_AFTER
    )
    tasks.sweep_letters()
    assert (fate(forgotten).fate, fate(held).fate) == ("sent", "unknown")


@pytest.mark.parametrize("task", [tasks.send_letters, tasks.sweep_letters])
def test_no_task_is_stopped_while_its_letter_may_still_be_under_way_nor_after_it_is_given_up(
    task: Any, settings: Any
) -> None:
    # A run of a minute, then the last letter: greeting 20 s, up to ten answers, the final dot.
    longest = 60 + 20 + 5 * settings.OUTGOING_SECONDS + 600
    assert longest < task.soft_time_limit < task.time_limit < STALE_AFTER / timedelta(seconds=1)
