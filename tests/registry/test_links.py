"""A document in a second case: taken out again by whoever put it there, for twenty seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from ledger.models import Event
from lib.refusal import Refused
from registry.actions.link import link_entry, undo_link
from registry.models import Entry
from tests.registry.cast import MORNING, REGISTRAR, Town


def test_what_was_just_put_in_another_case_is_taken_out_and_can_be_put_there_again(
    town: Town,
) -> None:
    first, other = town.register(), town.register(message_number="M18")
    copy = link_entry(entry_id=first.pk, case_id=other.case_id, by=REGISTRAR, at=MORNING)
    refused = []
    for entry, by, seconds in (
        (other.pk, REGISTRAR, 1),  # no copy
        (first.pk, REGISTRAR, 1),  # what it is a copy of
        (copy.pk, "user:2", 1),  # somebody else's
        (copy.pk, REGISTRAR, 21),
        (0, REGISTRAR, 1),
    ):
        with pytest.raises(Refused) as refusal:
            undo_link(entry_id=entry, by=by, at=MORNING + timedelta(seconds=seconds))
        refused.append(refusal.value.code)
    not_yours = "not_yours_to_undo"
    assert refused == [not_yours, not_yours, not_yours, "too_late", "no_such_entry"]

    undo_link(entry_id=copy.pk, by=REGISTRAR, at=MORNING + timedelta(seconds=20))
    copy.refresh_from_db()
    assert (copy.status, copy.void_reason) == ("void", "undone")
    first.refresh_from_db()
    assert first.status == "registered"
    assert Event.objects.get(verb="registry.entry_unlinked").subject == f"entry:{copy.pk}"
    # Its number stays taken, and the document may be put there after all.
    again = link_entry(entry_id=first.pk, case_id=other.case_id, by=REGISTRAR, at=MORNING)
    assert (copy.reference, again.reference) == ("2026/2-2", "2026/2-3")


def test_the_case_offers_it_to_whoever_has_just_done_it_and_to_nobody_else(town: Town) -> None:
    now = timezone.now()
    first, other = town.register(at=now), town.register(at=now, message_number="M18")
    registrar, colleague = Client(), Client()
    registrar.force_login(town.user(Role.REGISTRAR))
    colleague.force_login(town.user(Role.REGISTRAR))
    link = reverse("registry:entry-link", args=[first.pk])
    case = reverse("registry:case", args=[other.case_id])
    assert registrar.post(link, {"case": other.case_id})["Location"] == case
    copy = Entry.objects.get(copy_of=first)
    undo = reverse("registry:entry-undo-link", args=[copy.pk])
    shown = registrar.get(case).content.decode()
    assert undo in shown
    assert "data-undo-seconds" in shown
    assert undo not in colleague.get(case).content.decode()
    colleague.post(undo)
    assert Entry.objects.get(pk=copy.pk).status == "registered"
    assert registrar.post(undo)["Location"] == case
    assert Entry.objects.get(pk=copy.pk).status == "void"
    assert undo not in registrar.get(case).content.decode()
    # A second press finds nothing to undo, and says so.
    assert registrar.post(undo).status_code == 302
