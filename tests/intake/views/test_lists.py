"""The lists beside the queue: what is held and what was set aside, page by page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.models import Message
from intake.views import page
from tests.office import Office


@pytest.mark.parametrize("name", ["intake:held", "intake:set-aside-list"])
def test_pages_follow_each_other_without_gap_or_double_also_within_one_moment(
    office: Office, registrar: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(page, "ROWS", 2)
    first = office.mail()
    ids = [first.pk, *(office.mail(at=first.received_at).pk for _ in range(3))]
    ids.append(office.mail(at=first.received_at + timedelta(seconds=1)).pk)
    mine = Message.objects.filter(pk__in=ids)
    if name == "intake:held":
        mine.update(state="held", held_code="parser_crashed")
    else:
        # Several at once are set aside at the same moment.
        mine.update(state="spam", state_at=first.received_at)
    seen, query = [], ""
    for _ in range(3):
        text = registrar.get(reverse(name) + query).text
        seen += [int(number) for number in re.findall(r"data-row>M(\d+)", text)]
        found = re.search(r'rel="next" href="([^"]+)"', text)
        if found is None:
            break
        query = found[1]
    assert seen == (ids if name == "intake:held" else sorted(ids, reverse=True))
    assert '<a href="?">First page</a>' in text
    assert registrar.get(reverse(name) + "?after=rubbish").text.count("data-row") == 2


@pytest.mark.parametrize("name", ["intake:queue", "intake:held", "intake:set-aside-list"])
def test_a_longer_list_asks_the_database_no_more_often(
    office: Office, registrar: Client, name: str
) -> None:
    def asked_with(mails: int) -> int:
        for _ in range(mails):
            office.mail()
        if name != "intake:queue":
            state = "held" if name == "intake:held" else "minor"
            Message.objects.update(state=state, held_code="parser_crashed")
        # Once before, so that what is remembered for seconds is so each time.
        assert registrar.get(reverse(name)).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            registrar.get(reverse(name))
        return len(captured)

    of_one = asked_with(1)
    assert asked_with(4) <= of_one
