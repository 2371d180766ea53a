"""The only way from a user to a message."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import may
from accounts.rules.roles import Task
from intake.models import Attachment, Message


def messages_for(user: Any) -> QuerySet[Message]:
    """Messages that the user may see: all for those who triage, none for anyone else."""
    if not may(user, Task.TRIAGE):
        return Message.objects.none()
    return Message.objects.select_related("mailbox__unit", "mailbox__authority")


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
