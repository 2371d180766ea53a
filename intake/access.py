"""The only way from a user to a message.

Those who triage see the post of all mailboxes; those whose role is granted for a unit that of the
unit's mailboxes, and what is given to them. What is registered in a case that is restricted for
them is out of sight.
"""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404

from accounts.access import may, scope, works_for
from accounts.rules.roles import Task
from intake import queries
from intake.models import Attachment, Message, Proposal
from intake.models.message import State
from intake.queries import known
from registry.access import knows_of
from registry.access.elsewhere import in_withheld_case


def messages_for(user: Any) -> QuerySet[Message]:
    """Messages that the user may see; none for those who do not triage."""
    if not may(user, Task.TRIAGE):
        return Message.objects.none()
    return (
        Message.objects.select_related("mailbox__unit", "mailbox__authority")
        .filter(in_reach(user))
        .alias(called=Concat(Value("M"), Cast("pk", TextField())))
        # What was taken back from such a case waits like any other, and somebody must see it.
        .exclude(in_withheld_case(user, OuterRef("called")), state=State.REGISTERED)
    )


def in_reach(user: Any) -> Q:
    """The messages that come to the user's mailboxes, and those given to the user."""
    units = scope(user, Task.TRIAGE)
    if units is None:
        return Q()
    return Q(mailbox__unit__in=units) | Q(assignee__in=works_for(user))


def message_for(user: Any, message_id: int) -> Message:
    """One message, or 404 whether it does not exist or may not be seen."""
    message = messages_for(user).filter(pk=message_id).first()
    if message is None:
        raise Http404
    return message


def attachment_for(user: Any, message_id: int, path: str) -> Attachment:
    """One attachment of a message that the user may see, or 404."""
    message = message_for(user, message_id)
    attachment = message.attachments.filter(path=path).first()
    if attachment is None:
        raise Http404
    return attachment


def proposals_for(user: Any, message: Message) -> list[Proposal]:
    """The cases that the message may belong to, of those that the user may know of."""
    return [each for each in queries.proposals_of(message) if knows_of(user, each.case)]


def copies_for(user: Any, message: Message) -> list[str]:
    """Numbers of the entries under which an equal message lies already, as far as the user may know
    of their cases."""
    found = known.lies_already_in(message)
    return [each.reference for each in found if knows_of(user, each.case)]


def requests_for(user: Any, message: Message) -> list[str]:
    """Numbers of the entries whose missing information the message may bring, as `copies_for`."""
    found = known.requests_it_may_answer(message)
    return [each.reference for each in found if knows_of(user, each.case)]
