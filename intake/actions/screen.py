"""Screen: read a received message, say what it is, and propose where it belongs.

Later layers (malware, sender verdict, sensitive findings) take the same place: they read the
parsed mail outside the transaction and add what they found to the same row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import transaction

from accounts.queries import municipality
from intake import queries
from intake.actions.acknowledging import follow_up
from intake.models import Attachment, Message, Proposal
from intake.models.message import Kind, State
from intake.rules.kind import Kind as MessageOfKind
from intake.rules.kind import MessageKind, kind
from intake.rules.language import guess_language
from intake.rules.placing import (
    DocumentKind,
    Earlier,
    UnitReason,
    propose_document_type,
    propose_unit,
)
from intake.rules.proposals import Strength, propose
from intake.rules.sender import missing_from_sender
from intake.rules.subject import cleaned
from ledger.actions.record import record
from lib import rows
from lib.mime.limits import Unreadable
from lib.mime.model import Parsed, Part
from lib.mime.reports import DeliveryReport
from outbox.actions.bounce import record_bounce
from outbox.queries import letter_about
from outbox.rules.envelope import token_of
from registry import queries as registry
from registry.queries import likeness
from registry.queries.named import cases_named_in


class Reader(Protocol):
    """What reads raw mail by its checksum; both raise Unreadable."""

    def parsed(self, sha256: str) -> Parsed:
        """The mail, read."""

    def reports(self, sha256: str) -> tuple[DeliveryReport, ...]:
        """What a delivery report (RFC 3464) says; empty when it is none."""


# Where a part lies in its mail is kept in columns of this length, here and in the registry.
_MAX_PATH = 60
# An index takes entries of 2,704 bytes at most, and a letter may take four.
_MAX_ID_BYTES = 1_000

_SCREENED = [
    "state",
    "state_at",
    "screened_at",
    "kind",
    "kind_reason",
    "subject",
    "sender_name",
    "sender_address",
    "message_id",
    "in_reply_to",
    "claimed_at",
    "language",
    "missing",
    "defects",
    "text",
    "html",
    "held_code",
    "unit",
    "unit_reason",
    "document_type",
    "document_type_reason",
]


# Nobody is told that a mail has been screened: should the server fail within the second, its
# log loses that together with all that was written here, and the mail is screened again.
_WITHOUT_WAITING = "SET LOCAL synchronous_commit = off"


@dataclass(frozen=True)
class _Read:
    parsed: Parsed | None
    kind: MessageOfKind | None
    held: str = ""
    token: str | None = None
    reports: tuple[DeliveryReport, ...] = ()


def screen(*, message_id: int, read: Reader, by: str, at: datetime) -> str:
    """Screen a message once and return its state; a message already screened is left alone.

    What cannot be read is held, with its reason, and its deadlines run like any other's. `read`
    works outside the transaction and may take seconds. Raises BlobError when it gets no mail.
    """
    message = rows.read(Message, message_id)
    if message.state != State.RECEIVED:
        return message.state
    outcome = _read(read, message)
    with transaction.atomic(durable=True):
        message = rows.read(Message, message_id, lock=True)
        if message.state != State.RECEIVED:
            return message.state
        rows.run(_WITHOUT_WAITING)
        if outcome.parsed is None or outcome.kind is None:
            _hold(message, outcome.held, at)
        else:
            _describe(message, outcome.parsed, outcome.kind, at)
        rows.update(message, _SCREENED)
        if outcome.token is not None:
            record_bounce(token=outcome.token, reports=outcome.reports, by=by, at=at)
        follow_up(message, by=by, at=at)
        record(
            verb=f"intake.message_{message.state}",
            subject=f"message:{message.pk}",
            by=by,
            at=at,
            reason=message.held_code or message.kind_reason,
            kind=message.kind,
        )
    return message.state


def give_up(*, message_id: int, by: str, at: datetime) -> None:
    """Hold a message whose screening has failed again and again without saying why."""
    with transaction.atomic():
        message = rows.read(Message, message_id, lock=True)
        if message.state != State.RECEIVED:
            return
        _hold(message, "screening_failed", at)
        rows.update(message, _SCREENED)
        follow_up(message, by=by, at=at)
        record(
            verb="intake.message_held",
            subject=f"message:{message.pk}",
            by=by,
            at=at,
            reason="screening_failed",
        )


def _read(read: Reader, message: Message) -> _Read:
    try:
        parsed = read.parsed(message.raw_sha256)
        if any(len(part.path) > _MAX_PATH for part in parsed.parts):
            return _Read(None, None, "too_deep")
        found = _kind(message, parsed)
        if found.kind != MessageKind.BOUNCE:
            return _Read(parsed, found)
        token = next(filter(None, map(token_of, _recipients(message))), None)
        return _Read(parsed, found, "", token, read.reports(message.raw_sha256) if token else ())
    except Unreadable as error:
        return _Read(None, None, error.code)


def _kind(message: Message, parsed: Parsed) -> MessageOfKind:
    body = municipality()
    top = parsed.parts[0] if parsed.parts else None
    content_type = _first(parsed.headers, "content-type")
    return kind(
        parsed.headers,
        envelope_from=message.envelope_from,
        sender_address=parsed.sender.address if parsed.sender else "",
        content_type=content_type.partition(";")[0].strip() or (top.content_type if top else ""),
        report_type=_report_type(content_type),
        our_addresses=queries.our_addresses(),
        our_domains=[body.domain] if body else [],
    )


def _hold(message: Message, code: str, at: datetime) -> None:
    message.state = State.HELD
    message.state_at = message.screened_at = at
    message.held_code = code[:40]
    message.language = queries.mailbox_language(message.mailbox_id)
    # Only the envelope is known; a null sender is a machine's (RFC 5321 4.5.5).
    message.kind = Kind.BOUNCE if message.envelope_from == "" else Kind.PERSON
    message.kind_reason = "held"
    message.unit_id = queries.mailbox_place(message.mailbox_id)[0]
    message.unit_reason = UnitReason.MAILBOX


def _describe(message: Message, parsed: Parsed, found: MessageOfKind, at: datetime) -> None:
    name = parsed.sender.name if parsed.sender else parsed.from_text
    address = parsed.sender.address if parsed.sender else ""
    message.state = State.SCREENED
    message.state_at = message.screened_at = at
    message.kind = found.kind
    message.kind_reason = found.reason
    message.subject = parsed.subject
    message.sender_name = name
    message.sender_address = address[:320]
    message.message_id = _cut(parsed.message_id or "")
    message.in_reply_to = _cut(parsed.in_reply_to or "")
    message.claimed_at = parsed.date_claimed
    message.language = guess_language(
        parsed.text, default=queries.mailbox_language(message.mailbox_id)
    ).language
    message.missing = list(missing_from_sender(name, address, parsed.text))
    message.defects = list(parsed.defects)
    message.text = parsed.text
    message.html = parsed.html or ""
    rows.insert([_attachment(message, part) for part in parsed.parts if not part.is_body])
    _place(message, parsed)


def _attachment(message: Message, part: Part) -> Attachment:
    return Attachment(
        message=message,
        path=part.path,
        filename=(part.filename or "")[:255],
        declared_type=part.content_type[:120],
        media_type=part.sniffed_type[:120],
        size=part.size,
        sha256=part.sha256,
        content_id=(part.content_id or "")[:255],
        is_inline=part.disposition == "inline" or bool(part.content_id),
    )


def _place(message: Message, parsed: Parsed) -> None:
    """Propose cases, a unit and a kind of document, before anybody opens the message."""
    unit, authority, is_central = queries.mailbox_place(message.mailbox_id)
    title = cleaned(message.subject)
    earlier = (
        [Earlier(*row) for row in likeness.like_latest(title, authority)]
        if title and message.kind == Kind.PERSON
        else []
    )
    case = _propose(message, parsed, earlier)
    placed = propose_unit(
        case_unit=likeness.unit_of_case(case) if case else None,
        earlier=earlier,
        mailbox_unit=unit,
        mailbox_is_central=is_central,
    )
    message.unit_id, message.unit_reason = placed.id, placed.reason
    document_type = propose_document_type(
        kinds=[
            DocumentKind(each.pk, each.name, each.clock == "access_request", each.must_register)
            for each in registry.document_types()
        ],
        subject=title,
        text=parsed.text,
        file_names=[part.filename for part in parsed.parts if part.filename],
        kind=MessageKind(message.kind),
        earlier=earlier,
    )
    if document_type is not None:
        message.document_type_id = document_type.id
        message.document_type_reason = document_type.reason


def _propose(message: Message, parsed: Parsed, earlier: list[Earlier]) -> int | None:
    """Keep the cases that the message may belong to; the id of the proposed one, if any."""
    answered = [each for each in (parsed.in_reply_to, *parsed.references[-10:]) if each]
    about = next(filter(None, (letter_about(each) for each in answered)), None)
    reply_case = registry.case_id_by_reference(about) if about else None
    if reply_case is None and answered:
        reply_case = registry.case_id_of_messages(queries.number_of_reply(answered))
    named = cases_named_in(parsed.subject)
    candidates = {*named, *([reply_case] if reply_case else [])}
    if message.sender_address:
        candidates |= set(registry.open_cases_of_party(message.sender_address))
    proposed = propose(
        references_found=named,
        in_reply_to_case=reply_case,
        sender_address=message.sender_address,
        case_parties=registry.party_addresses(candidates) if candidates else {},
        like_titles=[each.case_id for each in earlier if each.case_is_open],
    )
    rows.insert(
        [
            Proposal(
                message=message, case_id=each.case_id, strength=each.strength, reason=each.reason
            )
            for each in proposed
        ]
    )
    return next((each.case_id for each in proposed if each.strength == Strength.PROPOSED), None)


def _recipients(message: Message) -> list[str]:
    return [
        recipient.address
        for delivery in queries.deliveries_of(message)
        for recipient in delivery.recipients.all()
    ]


def _cut(message_id: str) -> str:
    return message_id.encode()[:_MAX_ID_BYTES].decode("utf-8", "ignore")


def _first(headers: dict[str, list[str]], name: str) -> str:
    values = headers.get(name)
    return values[0] if values else ""


def _report_type(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "report-type":
            return value.strip().strip('"').lower()
    return ""
