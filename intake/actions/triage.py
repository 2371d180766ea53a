"""Triage: a named person decides what becomes of a message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.actions.acknowledging import acknowledge_entry, acknowledge_message, follow_up
from intake.actions.desk import drop_drafts
from intake.actions.reconcile import day_of
from intake.models import Attachment, Message
from intake.models.message import State
from intake.queries import WAITING
from intake.rules.acknowledgement import NotAcknowledged
from ledger.actions.record import in_one, record
from lib import rows
from lib.refusal import Refused
from registry.actions.acknowledge import withdraw_refusal
from registry.actions.arrival import end_registration_deadlines, reopen_registration_deadlines
from registry.actions.ask import end_waits_answered_by
from registry.actions.assign import move_case_with
from registry.actions.lock import lock_cases
from registry.actions.register import NewCase, Post, PostFile, PostParty, register
from registry.actions.undo import undo_registration as undo_entry
from registry.queries.together import registered_together

# Characters of the reason why a message was set aside.
MOST_REASON = 200


@dataclass(frozen=True)
class Decision:
    """What the registrar filled in: the case (its id, or a new one) and the entry's description."""

    case: int | NewCase
    title: str
    public_title: str
    document_type_id: int
    access: str
    legal_basis: str
    sender_name: str
    sender_is_person: bool
    # The unit that an existing case moves to; None leaves it where it is.
    move_to_unit_id: int | None = None


def register_message(*, message_id: int, decision: Decision, by: str, at: datetime) -> int:
    """Register a waiting (or held) message, have it acknowledged, and return the entry's id.

    The number, the entry and the acknowledgement are one transaction. The letter waits
    UNDO_SECONDS before it leaves. Raises Refused ("already_done", "not_screened" and what
    registering refuses).
    """
    with transaction.atomic(), in_one():
        message = waiting_message(message_id)
        # First what can be: who takes a number holds up the others who register in the series.
        settle(message, State.REGISTERED, reason="", by=by, at=at)
        post = post_of(message, decision)
        entry = register(post=post, case=decision.case, by=by, at=at)
        move_case(entry.pk, decision, by=by, at=at)
        acknowledge_entry(message, entry, by=by, at=at)
        if isinstance(decision.case, int):
            end_waits_answered_by(entry=entry, by=by, at=at)
        record(
            verb="intake.message_registered",
            subject=f"message:{message.pk}",
            by=by,
            at=at,
            entry=entry.pk,
        )
    return entry.pk


def set_aside(*, message_id: int, state: str, reason: str, by: str, at: datetime) -> None:
    """Decide that a message is of minor importance, or spam; it is kept and counted.

    Its acknowledgement lapses with that as the reason, unless a receipt has gone already.
    Raises Refused ("already_done", "not_screened", "not_an_outcome").
    """
    if state not in (State.MINOR, State.SPAM):
        raise Refused("not_an_outcome", _("A message can be set aside as minor or as spam only."))
    with transaction.atomic():
        message = waiting_message(message_id)
        acknowledge_message(message, refusal=NotAcknowledged.SET_ASIDE, by=by, at=at)
        settle(message, state, reason=reason, by=by, at=at)
        record(
            verb="intake.message_set_aside",
            subject=f"message:{message.pk}",
            by=by,
            at=at,
            reason=state,
        )


def set_aside_each(
    *, message_ids: Sequence[int], state: str, reason: str, by: str, at: datetime
) -> tuple[list[int], int]:
    """Set several messages aside, each by itself: those that were, and how many could not be.

    Raises Refused ("not_an_outcome").
    """
    done = []
    for message_id in message_ids:
        try:
            set_aside(message_id=message_id, state=state, reason=reason, by=by, at=at)
        except Refused as refusal:
            if refusal.code == "not_an_outcome":
                raise
        else:
            done.append(message_id)
    return done, len(message_ids) - len(done)


def put_back(*, message_id: int, by: str, at: datetime) -> None:
    """Return a message that was set aside to the queue. Raises Refused ("not_set_aside")."""
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=message_id)
        if message.state not in (State.MINOR, State.SPAM):
            raise Refused("not_set_aside", _("The message was not set aside."))
        withdraw_refusal(message_number=message.number, by=by, at=at)
        reopen_registration_deadlines(message_number=message.number)
        follow_up(message, by=by, at=at)
        _return_to_queue(message, at)
        record(verb="intake.message_put_back", subject=f"message:{message.pk}", by=by, at=at)


def undo_registration(*, message_id: int, entry_id: int, by: str, at: datetime) -> None:
    """Take back a registration before its letter has left; the numbers stay, void.

    Where the message was split, all its entries are taken back together.

    Raises Refused ("too_late" and what the registry refuses).
    """
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=message_id)
        if message.state != State.REGISTERED:
            raise Refused("not_registered", _("The message is not registered."))
        together = registered_together(entry_id)
        lock_cases(each.case_id for each in together)
        for pk in [each.pk for each in together] or [entry_id]:
            undo_entry(entry_id=pk, message_number=message.number, by=by, at=at)
        _return_to_queue(message, at)
        record(
            verb="intake.registration_undone",
            subject=f"message:{message.pk}",
            by=by,
            at=at,
            entry=entry_id,
        )


def open_message(*, message_id: int, by: str, at: datetime) -> None:
    """Note that a person has opened the message for the first time."""
    with transaction.atomic():
        if Message.objects.filter(pk=message_id, opened_at=None).update(opened_at=at):
            record(verb="intake.message_opened", subject=f"message:{message_id}", by=by, at=at)


def move_case(entry_id: int, decision: Decision, *, by: str, at: datetime) -> None:
    """Give an existing case to the unit that the decision names, if it names another one."""
    if isinstance(decision.case, int) and decision.move_to_unit_id is not None:
        move_case_with(entry_id=entry_id, unit_id=decision.move_to_unit_id, by=by, at=at)


def waiting_message(message_id: int) -> Message:
    """The message, locked, if a person can decide on it. Raises Refused."""
    # Its text may be megabytes, and is not asked for.
    message = rows.read(Message, message_id, lock=True, without=("text", "html"))
    if message.state not in WAITING:
        raise Refused("already_done", _("Somebody has dealt with this message already."))
    if message.state == State.RECEIVED:
        raise Refused("not_screened", _("The message has not been read yet. Try again shortly."))
    return message


def settle(message: Message, state: str, *, reason: str, by: str, at: datetime) -> None:
    """Write down what a person decided about a locked message.

    What ran until it is registered ends: registering has met it, anything else makes it lapse.
    """
    if state != State.REGISTERED:
        end_registration_deadlines(message_number=message.number, at=at)
    message.state = state
    message.state_at = message.triaged_at = at
    message.triaged_by = by
    message.triage_reason = reason[:MOST_REASON]
    message.opened_at = message.opened_at or at
    rows.update(
        message, ["state", "state_at", "triaged_at", "triaged_by", "triage_reason", "opened_at"]
    )
    drop_drafts(message_id=message.pk)


def _return_to_queue(message: Message, at: datetime) -> None:
    message.state = State.HELD if message.held_code else State.SCREENED
    message.state_at = at
    message.triaged_at = None
    message.triaged_by = message.triage_reason = ""
    message.save(update_fields=["state", "state_at", "triaged_at", "triaged_by", "triage_reason"])


def post_of(message: Message, decision: Decision, *, only: Collection[int] | None = None) -> Post:
    """The message as it is handed in for registering, with the registrar's description.

    `only`: the ids of the attachments that go with it, where not all do.
    """
    attachments = rows.find(Attachment, "message_id = %s ORDER BY id", [message.pk])
    files = [
        PostFile(
            role="main",
            filename=f"{message.number}.eml",
            media_type="message/rfc822",
            size=message.size,
            sha256=message.raw_sha256,
            kept_in="blob",
            original_sha256=message.raw_sha256,
            original_part="",
        ),
        *(_file(message, each) for each in attachments if only is None or each.pk in only),
    ]
    return Post(
        direction="incoming",
        arrived_at=message.received_at,
        document_on=_claimed_on(message),
        title=decision.title,
        public_title=decision.public_title,
        document_type_id=decision.document_type_id,
        access=decision.access,
        legal_basis=decision.legal_basis,
        message_number=message.number,
        parties=(
            PostParty(
                role="sender",
                name=decision.sender_name[:200],
                email=message.sender_address[:254].lower(),
                postal_address="",
                is_person=decision.sender_is_person,
            ),
        ),
        files=tuple(files),
    )


def _claimed_on(message: Message) -> date | None:
    """The local date that the sender's clock claims, or None where it cannot be one."""
    if message.claimed_at is None:
        return None
    try:
        return day_of(message.claimed_at)
    except OverflowError:  # the first or last hours of the calendar
        return None


def _file(message: Message, attachment: Attachment) -> PostFile:
    return PostFile(
        role="attachment",
        filename=attachment.filename,
        media_type=attachment.media_type,
        size=attachment.size,
        sha256=attachment.sha256,
        kept_in="blob",
        original_sha256=message.raw_sha256,
        original_part=attachment.path,
    )
