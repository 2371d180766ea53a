"""The outbox: who sees it, what it says, and what a person decides about a letter."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from outbox.models import Fate, LetterRecipient


@pytest.fixture
def recipient(office) -> LetterRecipient:
    """The acknowledgement of a registered letter."""
    entry = office.town.register(at=timezone.now())
    office.town.acknowledge(entry, not_before=timezone.now(), at=timezone.now())
    return LetterRecipient.objects.get()


def addresses(recipient: LetterRecipient) -> list[str]:
    return [reverse("outbox:letters"), reverse("outbox:letter", args=[recipient.pk])]


def test_stranger_signs_in_and_caseworker_is_refused(office, recipient):
    decide = reverse("outbox:decide", args=[recipient.pk])
    for each in addresses(recipient):
        assert Client().get(each).url.startswith("/sign-in/")
    assert Client().post(decide).url.startswith("/sign-in/")
    caseworker = Client()
    caseworker.force_login(office.user(Role.CASEWORKER))
    for each in addresses(recipient):
        assert caseworker.get(each).status_code == 403
    assert caseworker.post(decide, {"decision": "again"}).status_code == 403


def test_unknown_letter_is_not_found_and_other_methods_are_refused(registrar, recipient):
    assert registrar.get(reverse("outbox:letter", args=[99_999])).status_code == 404
    assert registrar.post(reverse("outbox:decide", args=[99_999])).status_code == 404
    assert registrar.get(reverse("outbox:decide", args=[recipient.pk])).status_code == 405
    for each in addresses(recipient):
        assert registrar.post(each).status_code == 405


def test_list_is_filtered_by_fate_with_its_counts(registrar, recipient):
    text = registrar.get("/outbox/").content.decode()
    assert "All (1)" in text
    assert "Waiting (1)" in text
    assert recipient.address in text
    assert recipient.address not in registrar.get("/outbox/?fate=sent").content.decode()
    assert recipient.address in registrar.get("/outbox/?fate=no-such").content.decode()


def test_letter_is_shown_as_it_was_sent(registrar, recipient):
    text = registrar.get(reverse("outbox:letter", args=[recipient.pk])).content.decode()
    assert recipient.letter.subject in text
    assert 'lang="nb"' in text
    assert "Send again" not in text


@pytest.mark.parametrize("fate", [Fate.FAILED, Fate.BOUNCED, Fate.UNKNOWN])
def test_undelivered_letter_is_sent_again_or_noted(registrar, recipient, fate):
    LetterRecipient.objects.update(
        fate=fate, answer_code=550, answer_text="5.1.1 <b>no such mailbox</b>"
    )
    here = reverse("outbox:letter", args=[recipient.pk])
    decide = reverse("outbox:decide", args=[recipient.pk])
    text = registrar.get(here).content.decode()
    assert "550 5.1.1 &lt;b&gt;no such mailbox" in text
    assert "Send again" in text
    response = registrar.post(decide, {"decision": "noted"}, follow=True)
    assert "Noted." in response.content.decode()
    recipient.refresh_from_db()
    assert recipient.seen_at is not None
    registrar.post(decide, {"decision": "again"})
    recipient.refresh_from_db()
    assert recipient.fate == Fate.QUEUED


def test_letter_on_its_way_is_not_sent_again(registrar, recipient):
    decide = reverse("outbox:decide", args=[recipient.pk])
    response = registrar.post(decide, {"decision": "again"}, follow=True)
    assert "still on its way" in response.content.decode()


def test_unclear_decision_does_nothing(registrar, recipient):
    LetterRecipient.objects.update(fate=Fate.FAILED)
    decide = reverse("outbox:decide", args=[recipient.pk])
    assert registrar.post(decide, {"decision": "burn"}).status_code == 400
    recipient.refresh_from_db()
    assert recipient.fate == Fate.FAILED
    assert recipient.seen_at is None
