"""Heartbeats and alarms: silence is never taken for health."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from accounts.queries import municipality
from intake import queries
from intake.actions.reconcile import day_of, differences
from intake.models import Alarm, FetchMark, Heartbeat, Message
from intake.models.message import State
from intake.models.watch import AlarmCode
from ledger.actions.record import record
from ledger.queries import unsealed_for
from lib.refusal import Refused
from outbox.actions.notify import notify_operators
from outbox.queries import backlog, undelivered_count
from registry.queries import acknowledgements_at_risk, registrations_overdue

log = logging.getLogger(__name__)

_PROCESSES = {
    "worker": AlarmCode.WORKER_SILENT,
    "sender": AlarmCode.SENDER_SILENT,
    "beat": AlarmCode.BEAT_SILENT,
    "receiver": AlarmCode.RECEIVER_SILENT,
}
_LOCK = 0x6B70_0001  # any number that is no other lock's
_STUCK_AFTER = timedelta(minutes=5)
_UNSEALED_AFTER = timedelta(minutes=15)
_FETCH_SILENT = timedelta(minutes=15)
_SUBJECT = 120


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong now: the kind, what it is about, and how many."""

    code: AlarmCode
    about: str = ""
    count: int = 1

    @property
    def subject(self) -> str:
        """What it is about, as long as its column; the end of an address tells least."""
        return self.about[:_SUBJECT]


def beat(*, name: str, at: datetime) -> None:
    """A process of this name ("worker", "sender", "beat", "receiver") is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


def raise_alarms(*, by: str, at: datetime) -> list[Alarm]:
    """Raise an alarm for what is wrong now, clear those that no longer hold; return the new ones.

    Operators are told once when an alarm is raised and once when it is cleared.
    """
    now = {(each.code, each.subject): each for each in _troubles(at)}
    with transaction.atomic():
        _one_at_a_time()
        standing = {
            (alarm.code, alarm.subject): alarm
            for alarm in Alarm.objects.select_for_update().filter(cleared_at=None)
        }
        raised = [
            Alarm.objects.create(
                code=each.code, subject=each.subject, count=each.count, raised_at=at
            )
            for key, each in now.items()
            if key not in standing
        ]
        for key, alarm in standing.items():
            if key not in now:
                alarm.cleared_at = at
                alarm.save(update_fields=["cleared_at"])
                _tell(alarm, "cleared", by=by, at=at)
            elif alarm.count != now[key].count:
                alarm.count = now[key].count
                alarm.save(update_fields=["count"])
        for alarm in raised:
            _tell(alarm, "raised", by=by, at=at)
    return raised


def _one_at_a_time() -> None:
    # Worker and receivers may watch at the same moment.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _tell(alarm: Alarm, what: str, *, by: str, at: datetime) -> None:
    record(
        verb=f"intake.alarm_{what}",
        subject=f"alarm:{alarm.pk}",
        by=by,
        at=at,
        reason=alarm.code,
        count=alarm.count,
    )
    if not settings.ALARM_ADDRESSES:
        return
    try:
        notify_operators(
            key=f"alarm:{alarm.pk}:{what}",
            alarm=_words(alarm),
            count=alarm.count,
            cleared=what == "cleared",
            to=settings.ALARM_ADDRESSES,
            by=by,
            at=at,
        )
    except Refused as refusal:
        # The alarm itself must stand on the page even when nobody can be written to.
        log.error("no notice of alarm %s: %s", alarm.pk, refusal.code)


def _words(alarm: Alarm) -> str:
    body = municipality()
    with translation.override(body.default_language if body else "en"):
        return str(AlarmCode(alarm.code).label)


def _troubles(at: datetime) -> Iterable[Trouble]:
    silent_since = at - timedelta(seconds=settings.ALARM_SILENT_SECONDS)
    for heartbeat in Heartbeat.objects.filter(name__in=_PROCESSES, at__lt=silent_since):
        yield Trouble(_PROCESSES[heartbeat.name])
    for mailbox, count in queries.unopened_since(at):
        yield Trouble(AlarmCode.MAILBOX_UNREAD, mailbox.address, count)
    for mark in FetchMark.objects.select_related("mailbox").filter(
        error_since__lte=at - _FETCH_SILENT
    ):
        yield Trouble(AlarmCode.FETCH_FAILING, mark.mailbox.address)
    blocked = len(queries.blocked_at_source())
    if blocked:
        yield Trouble(AlarmCode.BLOCKED_AT_SOURCE, count=blocked)
    letters = backlog(at)
    oldest = at - timedelta(minutes=settings.ALARM_OUTBOX_MINUTES)
    if letters.since is not None and letters.since < oldest:
        yield Trouble(AlarmCode.OUTBOX_STUCK, count=letters.count)
    undelivered = undelivered_count()
    if undelivered:
        yield Trouble(AlarmCode.LETTER_UNDELIVERED, count=undelivered)
    at_risk = acknowledgements_at_risk(at=at)
    if at_risk:
        yield Trouble(AlarmCode.ACKNOWLEDGEMENT_LATE, count=at_risk)
    withheld = queries.waiting_without_receipt()
    if withheld:
        yield Trouble(AlarmCode.RECEIPT_WITHHELD, count=withheld)
    unsealed = unsealed_for()
    if unsealed is not None and unsealed > _UNSEALED_AFTER:
        yield Trouble(AlarmCode.LEDGER_UNSEALED)
    overdue = registrations_overdue(at=at)
    if overdue:
        yield Trouble(AlarmCode.REGISTRATION_LATE, count=overdue)
    stuck = Message.objects.filter(state=State.RECEIVED, received_at__lte=at - _STUCK_AFTER).count()
    if stuck:
        yield Trouble(AlarmCode.MESSAGE_STUCK, count=stuck)
    for on in (day_of(at) - timedelta(days=1), day_of(at)):
        for row in differences(on):
            yield Trouble(
                AlarmCode.COUNTS_DIFFER, f"{on} {row.mailbox.address}", abs(row.difference)
            )
