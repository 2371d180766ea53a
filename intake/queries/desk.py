"""The queue as those who work on it see it: narrowed, in pages, with who is at what.

A page of the queue must stay fast with thousands waiting: it is found by its first message
(never by a number of messages to skip), and nothing is counted beyond what anyone would read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from intake.models import Draft, Mailbox, Message, Presence
from intake.models.desk import DraftPage
from intake.models.message import Kind, State
from intake.queries import waiting
from lib.recent import recent

# Counted so far and no further; the page then says "more than".
MOST_COUNTED = 5_000
MOST_NEW = 99
# A browser says every quarter of a minute that a message is open in it.
PRESENT_FOR = timedelta(seconds=45)


@dataclass(frozen=True)
class Filters:
    """What part of the queue is asked for; all of it by default.

    `reach` are the units whose mailboxes the person sees, None for all; beyond them the person
    sees what is given to `people` (intake/access.py).
    """

    reach: frozenset[int] | None = None
    people: frozenset[int] = frozenset()
    mailbox_id: int | None = None
    unit_id: int | None = None
    assignee_id: int | None = None
    with_warning: bool = False

    def narrow(self, messages: QuerySet[Message]) -> QuerySet[Message]:
        """Those of the messages that are asked for."""
        if self.reach is not None:
            messages = messages.filter(
                Q(mailbox__unit__in=self.reach) | Q(assignee__in=self.people)
            )
        if self.mailbox_id is not None:
            messages = messages.filter(mailbox=self.mailbox_id)
        if self.unit_id is not None:
            messages = messages.filter(unit=self.unit_id)
        if self.assignee_id is not None:
            messages = messages.filter(assignee=self.assignee_id)
        if self.with_warning:
            messages = messages.filter(~Q(kind=Kind.PERSON) | ~Q(defects=[]))
        return messages


ALL = Filters()


@dataclass(frozen=True)
class QueuePage:
    """Some of the queue, oldest first, and the first messages of the pages before and after."""

    messages: list[Message]
    earlier_from: int | None
    later_from: int | None


def queue(filters: Filters = ALL) -> QuerySet[Message]:
    """What waits to be decided on, oldest first, without the texts."""
    found = waiting(state=State.SCREENED).select_related("mailbox__unit", "unit", "assignee")
    return filters.narrow(found).defer("text", "html")


def queue_page(filters: Filters, *, start: Message | None, rows: int) -> QueuePage:
    """The page of the queue that begins with `start`, or with the oldest."""
    found = list((queue(filters) if start is None else _from(start, filters))[: rows + 1])
    later = found[rows].pk if len(found) > rows else None
    if start is None:
        return QueuePage(found[:rows], None, later)
    before = _before(start, filters).values_list("pk", flat=True)[:rows]
    return QueuePage(found[:rows], list(before)[-1] if before else None, later)


def page_start(message: Message, filters: Filters, *, rows: int) -> Message | None:
    """Where the page begins that shows a message: the oldest (None), or shortly before it."""
    if message.state != State.SCREENED:
        return None
    before = list(_before(message, filters).select_related(None).only("received_at")[:rows])
    return before[rows // 5] if len(before) >= rows else None


def next_in_queue(after: Message, filters: Filters = ALL) -> Message | None:
    """The message that follows in this part of the queue; after the last one the first."""
    following = _from(after, filters).exclude(pk=after.pk).first()
    return following or queue(filters).exclude(pk=after.pk).first()


def previous_in_queue(before: Message, filters: Filters = ALL) -> Message | None:
    """The message that comes before in this part of the queue."""
    return _before(before, filters).first()


def neighbours(
    message: Message, shown: QueuePage, filters: Filters = ALL
) -> tuple[Message | None, Message | None]:
    """The messages before and after one, from the page that is shown where they are on it."""
    places = [each.pk for each in shown.messages]
    if message.pk not in places:
        return previous_in_queue(message, filters), next_in_queue(message, filters)
    place = places.index(message.pk)
    if place:
        before: Message | None = shown.messages[place - 1]
    else:
        before = previous_in_queue(message, filters) if shown.earlier_from else None
    if place + 1 < len(places):
        return before, shown.messages[place + 1]
    return before, next_in_queue(message, filters)


def count_queue(filters: Filters = ALL) -> int:
    """How many messages wait, counted to one more than MOST_COUNTED."""
    return filters.narrow(Message.objects.filter(state=State.SCREENED))[: MOST_COUNTED + 1].count()


def count_held(filters: Filters = ALL) -> int:
    """How many messages are held, counted to one more than MOST_COUNTED."""
    return filters.narrow(Message.objects.filter(state=State.HELD))[: MOST_COUNTED + 1].count()


def count_new(since: datetime, filters: Filters = ALL) -> int:
    """How many messages have joined the queue since then, counted to one more than MOST_NEW."""
    new = Message.objects.filter(state=State.SCREENED, screened_at__gt=since)
    return filters.narrow(new)[: MOST_NEW + 1].count()


@recent(seconds=5)
def mailboxes_in_use(reach: frozenset[int] | None) -> list[Mailbox]:
    """Mailboxes of these units (None for all) that receive, by address."""
    found = Mailbox.objects.filter(is_active=True)
    return list(found if reach is None else found.filter(unit__in=reach))


def present_at(
    messages: Iterable[int], *, at: datetime, but_not: int
) -> dict[int, list[tuple[int, str]]]:
    """Who else has each of the messages open now, as (id of the person, name)."""
    rows = Presence.objects.filter(
        message__in=list(messages), seen_at__gt=at - PRESENT_FOR
    ).exclude(user=but_not)
    found: dict[int, list[tuple[int, str]]] = {}
    for row in rows.select_related("user").order_by("user"):
        found.setdefault(row.message_id, []).append((row.user_id, row.user.name))
    return found


def draft_of(message: Message, user: Any, page: DraftPage = DraftPage.REGISTER) -> Draft | None:
    """What the person has typed about the message on this page and not sent."""
    return Draft.objects.filter(message=message, user=user, page=page).first()


def _from(start: Message, filters: Filters) -> QuerySet[Message]:
    return queue(filters).filter(
        Q(received_at__gt=start.received_at) | Q(received_at=start.received_at, pk__gte=start.pk)
    )


def _before(message: Message, filters: Filters) -> QuerySet[Message]:
    """Those before a message, the nearest first."""
    return (
        queue(filters)
        .filter(
            Q(received_at__lt=message.received_at)
            | Q(received_at=message.received_at, pk__lt=message.pk)
        )
        .order_by("-received_at", "-pk")
    )
