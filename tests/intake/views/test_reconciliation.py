"""The reconciliation as page and as command, and what a monitor outside is told."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from intake.models import Alarm, FetchFailure, Heartbeat, SourceCount


def test_day_that_adds_up_says_so(office, registrar):
    office.mail(at=timezone.now())
    text = registrar.get("/reconciliation/").content.decode()
    assert "All that arrived this day is accounted for." in text
    assert "Adds up" in text
    assert "<svg" in text


def test_mail_that_only_the_mail_server_has_is_a_difference_in_words(office, registrar):
    now = timezone.now()
    message = office.mail(at=now)
    day = timezone.localtime(message.received_at, _oslo()).date()
    SourceCount.objects.create(mailbox=office.mailbox, on=day, count=2, counted_at=now)
    text = registrar.get(f"/reconciliation/?on={day}").content.decode()
    assert "The day does not add up" in text
    assert "The mail server has 2 mails that did not reach us" in text


def test_alarms_failures_and_signs_of_life_stand_on_the_page(office, registrar):
    now = timezone.now()
    Alarm.objects.create(code="outbox_stuck", count=4, raised_at=now)
    Heartbeat.objects.create(name="worker", at=now)
    FetchFailure.objects.create(
        mailbox=office.mailbox,
        source_key="k",
        tries=3,
        error="too large",
        first_at=now,
        last_at=now,
    )
    text = registrar.get("/reconciliation/").content.decode()
    for words in ["Letters that do not leave", "Worker", "too large"]:
        assert words in text


@pytest.mark.parametrize("on", ["2026-02-31", "yesterday", "9999-12-31", "0001-01-01"])
def test_odd_day_in_the_address_does_no_harm(registrar, on):
    assert registrar.get("/reconciliation/", {"on": on}).status_code == 200


def test_command_prints_the_table_and_succeeds_when_all_adds_up(office):
    office.mail(at=timezone.now())
    out = StringIO()
    call_command("reconcile", stdout=out)
    head, row = out.getvalue().splitlines()
    assert head.split()[1:3] == ["arrived", "registered"]
    assert row.split()[:2] == ["post@nn.example", "1"]


def test_command_fails_on_a_difference(office):
    now = timezone.now()
    message = office.mail(at=now - timedelta(days=1))
    day = timezone.localtime(message.received_at, _oslo()).date()
    SourceCount.objects.create(mailbox=office.mailbox, on=day, count=1, counted_at=now)
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("reconcile", "--on", str(day), stdout=out, stderr=StringIO())
    assert stopped.value.code == 1
    assert out.getvalue().splitlines()[1].split()[-1] == "1"


def _oslo():
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Oslo")
