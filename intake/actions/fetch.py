"""Fetch by IMAP: a copy is made durable first, and only then is the source touched."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error, connection, transaction
from django.db.models import F

from accounts.queries import municipality
from intake import queries
from intake.actions.receive import Arrival, receive
from intake.actions.reconcile import day_of, note_source_count
from intake.clients import imap, maildir
from intake.models import Delivery, FetchFailure, FetchMark, Mailbox
from ledger.actions.record import record
from lib.blobs import BlobError
from lib.jurisdictions import profile_for
from lib.refusal import Refused

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

_PATIENCE = timedelta(hours=1)
_LOCK = 0x6B70_0002  # the kind of lock; the mailbox's id is its number


@dataclass(frozen=True)
class Run:
    """What one visit to a mailbox brought."""

    fetched: int = 0
    failed: int = 0
    error: str = ""


def fetch_all(*, by: str, clock: Clock) -> list[Run]:
    """Fetch from every mailbox that has an IMAP server; one that fails stops no other."""
    runs = []
    for box in queries.mailboxes_fetched_from():
        try:
            runs.append(fetch_mailbox(mailbox=box, by=by, clock=clock))
        except Exception as error:
            log.error("mailbox %s could not be fetched from: %s", box.pk, type(error).__name__)
            runs.append(Run(error=type(error).__name__))
    return runs


def fetch_mailbox(*, mailbox: Mailbox, by: str, clock: Clock) -> Run:
    """Visit one mailbox: fetch what is not here yet, and count what the server has.

    What is new is decided by account, folder, UIDVALIDITY and UID, never by flags that another
    program may set. A second visitor at the same time leaves at once. Never raises for what the
    mail server does: the error stands on the mailbox's mark and raises an alarm.
    """
    with _alone(mailbox) as alone:
        if not alone:
            return Run()
        try:
            with imap.connect(account_of(mailbox)) as source:
                run = _visit(mailbox, source, by=by, clock=clock)
                _count(mailbox, source, at=clock())
        except imap.ImapError as error:
            run = Run(error=str(error)[:200])
        _mark(mailbox, run, at=clock())
    return run


def account_of(mailbox: Mailbox) -> imap.ImapAccount:
    """How to sign in to the mailbox's server; the secret itself is never in the database."""
    name = mailbox.imap_secret
    secret = imap.secret_from_env(name)
    if mailbox.imap_auth == "xoauth2":
        secret = imap.secret_from_command(shlex.split(os.environ.get(name, "")) or [name])
    return imap.ImapAccount(
        host=mailbox.imap_host,
        port=mailbox.imap_port,
        user=mailbox.imap_user,
        secret=secret,
        security="plain-loopback-only"
        if mailbox.imap_security == "plain"
        else "starttls"
        if mailbox.imap_security == "starttls"
        else "tls",
        auth="xoauth2" if mailbox.imap_auth == "xoauth2" else "password",
    )


@contextmanager
def _alone(mailbox: Mailbox) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, mailbox.pk])
        got = bool(cursor.fetchone()[0])
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, mailbox.pk])


def _visit(mailbox: Mailbox, source: imap.ImapMailbox, *, by: str, clock: Clock) -> Run:
    validity, uids = source.list_uids(mailbox.imap_folder)
    _notice_validity(mailbox, validity, by=by, at=clock())
    prefix = queries.source_prefix(mailbox, validity)
    known = _uids_with(prefix)
    _forget_what_has_gone(mailbox, {f"{prefix}{uid}" for uid in uids}, by=by, at=clock())
    after = _after(mailbox)
    wanted = [uid for uid in uids if uid not in known and _is_due(prefix, uid, clock())]
    fetched = failed = 0
    error = ""
    try:
        for answer in source.fetch(wanted, alone=_suspects(prefix)):
            key = f"{prefix}{answer.uid}"
            if isinstance(answer, imap.FetchFailed):
                _note_failure(mailbox, key, answer.error, clock())
                failed += 1
                continue
            try:
                receive(arrival=_arrival(mailbox, answer, key, clock()), by=by)
            except (Refused, BlobError, Error) as trouble:
                log.error("a mail stays in its mailbox: %s", type(trouble).__name__)
                error = f"not stored: {type(trouble).__name__}"
                failed += 1
                continue
            FetchFailure.objects.filter(source_key=key, solved_at=None).update(solved_at=clock())
            fetched += 1
            error = _treat(source, answer.uid, after) or error
    except imap.ImapLost as lost:
        _note_loss(mailbox, prefix, lost, clock())
        raise
    if after.kind == "move":
        # Stored on an earlier visit that ended before the mail could be moved.
        for uid in known.intersection(uids):
            error = _treat(source, uid, after) or error
    return Run(fetched, failed, error)


def _treat(source: imap.ImapMailbox, uid: int, after: imap.AfterCommit) -> str:
    """Flag or move what is stored; a server that will not must not keep the next mail out."""
    try:
        source.after_commit(uid, after)
    except imap.ImapLost:
        raise
    except imap.ImapError as error:
        return str(error)[:200]
    return ""


def _suspects(prefix: str) -> set[int]:
    """Mails that were asked for when the connection was lost, to be asked for one by one."""
    keys = FetchFailure.objects.filter(source_key__startswith=prefix, solved_at=None)
    return {int(key[len(prefix) :]) for key in keys.values_list("source_key", flat=True)}


def _note_loss(mailbox: Mailbox, prefix: str, lost: imap.ImapLost, at: datetime) -> None:
    """Remember what was asked for when the connection ended.

    Only a mail that was asked for alone is counted a try: many together say as little about each
    of them as a broken line.
    """
    for uid in lost.uids:
        known = Delivery.objects.filter(source_key=f"{prefix}{uid}").exists()
        if not known:
            tries = 1 if len(lost.uids) == 1 else 0
            _note_failure(mailbox, f"{prefix}{uid}", str(lost), at, tries=tries)


def _forget_what_has_gone(mailbox: Mailbox, there: set[str], *, by: str, at: datetime) -> None:
    """Close failures whose mail is no longer in the mailbox, under the number it had."""
    with transaction.atomic():
        for failure in FetchFailure.objects.select_for_update().filter(
            mailbox=mailbox, solved_at=None
        ):
            if failure.source_key in there:
                continue
            failure.solved_at = at
            failure.save(update_fields=["solved_at"])
            record(
                verb="intake.blocked_mail_gone",
                subject=f"mailbox:{mailbox.pk}",
                by=by,
                at=at,
                failure=failure.pk,
                tries=failure.tries,
            )


def _arrival(mailbox: Mailbox, mail: imap.Fetched, key: str, now: datetime) -> Arrival:
    known = maildir.envelope(mail.raw)
    return Arrival(
        raw=mail.raw,
        door="imap",
        # Received when it lay on the municipality's server, not when we came by (FL 22 §).
        received_at=min(mail.internal_date or now, now),
        recipients=[mailbox.address],
        envelope_from=known.sender or "",
        has_envelope=known.sender is not None,
        source_key=key,
    )


def _after(mailbox: Mailbox) -> imap.AfterCommit:
    if mailbox.imap_after == "move":
        return imap.AfterCommit("move", mailbox.imap_move_to)
    return imap.AfterCommit("flag" if mailbox.imap_after == "flag" else "keep")


def _uids_with(prefix: str) -> set[int]:
    keys = Delivery.objects.filter(source_key__startswith=prefix).values_list(
        "source_key", flat=True
    )
    return {int(key[len(prefix) :]) for key in keys if key}


def _is_due(prefix: str, uid: int, now: datetime) -> bool:
    return not FetchFailure.objects.filter(
        source_key=f"{prefix}{uid}",
        solved_at=None,
        tries__gte=queries.TRIES_AT_SOURCE,
        last_at__gt=now - _PATIENCE,
    ).exists()


def _note_failure(mailbox: Mailbox, key: str, error: str, at: datetime, *, tries: int = 1) -> None:
    failure, made = FetchFailure.objects.get_or_create(
        source_key=key,
        defaults={
            "mailbox": mailbox,
            "tries": tries,
            "error": error[:200],
            "first_at": at,
            "last_at": at,
        },
    )
    if not made:
        FetchFailure.objects.filter(pk=failure.pk).update(
            tries=F("tries") + tries, error=error[:200], last_at=at, solved_at=None
        )


def _notice_validity(mailbox: Mailbox, validity: int, *, by: str, at: datetime) -> None:
    with transaction.atomic():
        mark, made = FetchMark.objects.select_for_update().get_or_create(
            mailbox=mailbox, folder=mailbox.imap_folder, defaults={"uidvalidity": validity}
        )
        if made or mark.uidvalidity == validity:
            return
        # The server has numbered anew: everything is looked at again, and what is here already is
        # recognised by its content.
        record(
            verb="intake.uidvalidity_changed",
            subject=f"mailbox:{mailbox.pk}",
            by=by,
            at=at,
            old=mark.uidvalidity,
            new=validity,
        )
        mark.uidvalidity = validity
        mark.save(update_fields=["uidvalidity"])


def _mark(mailbox: Mailbox, run: Run, *, at: datetime) -> None:
    mark, _made = FetchMark.objects.get_or_create(
        mailbox=mailbox, folder=mailbox.imap_folder, defaults={"uidvalidity": 0}
    )
    mark.error = run.error
    mark.error_since = (mark.error_since or at) if run.error else None
    if not run.error:
        mark.fetched_at = at
    mark.save(update_fields=["error", "error_since", "fetched_at"])


def _count(mailbox: Mailbox, source: imap.ImapMailbox, *, at: datetime) -> None:
    body = municipality()
    if body is None or mailbox.imap_after == "move":
        return  # what has been moved away can no longer be counted where it was
    since = day_of(at) - timedelta(days=1)
    counts = source.server_count(mailbox.imap_folder, since, profile_for(body.profile).zone)
    for number in range(2):
        on = since + timedelta(days=number)
        note_source_count(mailbox=mailbox, on=on, count=counts[on], at=at)
