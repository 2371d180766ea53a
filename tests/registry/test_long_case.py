"""A long case shows its newest entries in full and the others in a line each."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from registry.actions.void import void_entry
from registry.models import Deadline
from tests.registry.cast import MORNING, REGISTRAR, Town


def test_older_entries_stand_in_a_line_until_they_are_asked_for(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.views.cases._MOST_IN_FULL", 4)
    monkeypatch.setattr("registry.views.cases._NEWEST", 2)
    registrar, secretary = town.user(Role.REGISTRAR), town.user(Role.SECRETARY)
    entries = []
    for number in range(1, 5):
        entries.append(
            town.register(
                entries[0].case_id if entries else None,
                at=MORNING + timedelta(hours=number),
                arrived_at=MORNING,
                message_number=f"M{number}",
                title=f"Brev {number} fra Ola Nordmann",
                public_title=f"Brev {number}",
            )
        )
    case_page = reverse("registry:case", args=[entries[0].case_id])
    Deadline.objects.filter(entry__case=entries[0].case_id).update(
        state="met", ended_at=timezone.now()
    )

    def page(query: str = "") -> str:
        response = client.get(case_page + query)
        assert response.status_code == 200
        # Whatever is shown in short has its heading, so that links from elsewhere arrive.
        text = re.sub(r"\s+", " ", response.content.decode())
        assert all(f'id="entry-{entry.pk}"' in text for entry in entries)
        return text

    def in_full(text: str) -> list[int]:
        """The numbers of the entries that have their parties and running number with them."""
        parts = re.split(r'<h3 id="entry-', text)[1:]
        return [number for number, part in enumerate(parts, 1) if "Løpenummer" in part]

    client.force_login(registrar)
    # Four are not yet many.
    assert in_full(page()) == [1, 2, 3, 4]
    for number in (5, 6):
        entries.append(
            town.register(
                entries[0].case_id,
                at=MORNING + timedelta(hours=number),
                message_number=f"M{number}",
                title=f"Brev {number} fra Ola Nordmann",
                public_title=f"Brev {number}",
            )
        )
    Deadline.objects.filter(entry__in=[entry.pk for entry in entries[4:]]).update(state="met")
    void_entry(entry_id=entries[1].pk, reason="Feil", by=REGISTRAR, at=MORNING)
    text = page()
    assert in_full(text) == [5, 6]
    assert "Brev 2 fra Ola Nordmann" in text
    assert f'href="?entry={entries[1].pk}#entry-{entries[1].pk}"' in text
    assert 'href="?all=yes"' in text
    # From the one that is asked for on, as many as are shown of the newest.
    assert in_full(page(f"?entry={entries[1].pk}")) == [2, 3, 5, 6]
    assert in_full(page("?entry=x")) == in_full(page("?entry=999999999")) == [5, 6]
    everything = page("?all=yes")
    assert in_full(everything) == [1, 2, 3, 4, 5, 6]
    assert 'href="?all=yes"' not in everything
    # What runs is worked on, however old it is.
    Deadline.objects.filter(entry=entries[0]).update(state="paused")
    assert in_full(page()) == [1, 5, 6]
    # A line tells no more than the whole would.
    client.force_login(secretary)
    for query in ("", "?all=yes", f"?entry={entries[1].pk}"):
        text = page(query)
        assert "Brev 2" in text
        assert "Nordmann" not in text.replace("Støttekontakt, Ola Nordmann", "")
