"""Questions about the front door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.conf import settings
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from accounts.queries import municipality
from intake.models import (
    Alarm,
    Attachment,
    Delivery,
    DeliveryRecipient,
    FetchFailure,
    FetchMark,
    Heartbeat,
    Mailbox,
    Message,
    Proposal,
    SourceCount,
)
from intake.models.mailbox import MailboxKind
from intake.models.message import State, Strength
from intake.rules.acknowledgement import NotAcknowledged
from lib.asked import whole_number
from lib.recent import recent
from outbox.queries import is_letter
from outbox.rules.envelope import token_of
from registry.queries import messages_not_answered

# After so many tries a mail that its server will not give is asked for once an hour, and shown.
TRIES_AT_SOURCE = 3

# Raster images that a browser shows without running anything.
INLINE_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif"})

# As many as there are keys for.
PROPOSALS_SHOWN = 3

WAITING = [State.RECEIVED, State.SCREENED, State.HELD]


def mailbox_for(address: str) -> Mailbox | None:
    """The mailbox that an envelope recipient reaches, or None when we have no such address.

    What comes back to one of our letters, and post to the postmaster (RFC 5321 4.5.1), reaches
    the central mailbox; user+detail@domain reaches user@domain.
    """
    address = address.strip().lower()
    local, _, domain = address.rpartition("@")
    found = _mailbox_at(address) or _mailbox_at(f"{local.partition('+')[0]}@{domain}")
    if found is not None:
        return found
    token = token_of(address)
    if (token is not None and is_letter(token)) or _is_postmaster(address, local, domain):
        boxes = Mailbox.objects.filter(is_active=True, kind=MailboxKind.CENTRAL)
        return boxes.order_by("pk").first()
    return None


def mailbox_remembered(address: str) -> Mailbox | None:
    """The mailbox with this very address, if it was asked for lately; asks no database."""
    return _mailbox_at.remembered(address.strip().lower())


@recent(seconds=5)
def _mailbox_at(address: str) -> Mailbox | None:
    return Mailbox.objects.filter(is_active=True, address=address).first()


@recent(seconds=5)
def mailbox_language(pk: int) -> str:
    """The language of a mailbox whose writers do not show theirs. Raises Mailbox.DoesNotExist."""
    return Mailbox.objects.values_list("language", flat=True).get(pk=pk)


@recent(seconds=5)
def mailbox_place(pk: int) -> tuple[int, int, bool]:
    """Unit and authority of a mailbox, and whether it is the central one.

    Raises Mailbox.DoesNotExist.
    """
    box = Mailbox.objects.only("unit_id", "authority_id", "kind").get(pk=pk)
    return box.unit_id, box.authority_id, box.kind == MailboxKind.CENTRAL


def _is_postmaster(address: str, local: str, domain: str) -> bool:
    if address == "postmaster":
        return True
    body = municipality()
    return local == "postmaster" and body is not None and domain == body.domain.lower()


def mailboxes_fetched_from() -> list[Mailbox]:
    """Mailboxes that have an IMAP server."""
    return list(Mailbox.objects.filter(is_active=True).exclude(imap_host="").order_by("pk"))


@recent(seconds=5)
def our_addresses() -> frozenset[str]:
    """Addresses that are ours, in lower case: a mail from one of them is never acknowledged."""
    return frozenset(
        address.lower() for address in Mailbox.objects.values_list("address", flat=True)
    )


def waiting(*, state: str | None = None) -> QuerySet[Message]:
    """Messages that wait for a person, oldest first."""
    found = Message.objects.filter(state__in=WAITING).select_related("mailbox__unit")
    if state is not None:
        found = found.filter(state=state)
    return found.order_by("received_at", "pk")


def set_aside() -> QuerySet[Message]:
    """Messages found to be spam or of minor importance."""
    found = Message.objects.filter(state__in=[State.MINOR, State.SPAM])
    return found.select_related("mailbox__unit")


def deliveries_of(message: Message) -> list[Delivery]:
    """Each arrival of a message, first one first."""
    return list(message.deliveries.prefetch_related("recipients").order_by("pk"))


def message_numbered(number: str) -> Message | None:
    """The message with this number ("M17"), or None."""
    pk = whole_number(number[1:])
    return None if pk is None else Message.objects.filter(pk=pk).first()


def attachments_of(message: Message) -> list[Attachment]:
    """The attachments of a message, in its own order."""
    return list(message.attachments.order_by("pk"))


def image_paths(message: Message) -> dict[str, str]:
    """Where in a message the images lie that its own HTML may show, by Content-ID."""
    found = message.attachments.filter(media_type__in=INLINE_IMAGES).exclude(content_id="")
    return dict(found.values_list("content_id", "path"))


def proposals_of(message: Message) -> list[Proposal]:
    """The three best cases that the message may belong to, the proposed one first."""
    return list(
        message.proposals.select_related("case__unit", "case__series").order_by("strength", "pk")[
            :PROPOSALS_SHOWN
        ]
    )


def proposed_cases(messages: Iterable[Message]) -> dict[int, Proposal]:
    """The proposed case of each message that has one; mere suggestions are left out."""
    rows = Proposal.objects.filter(message__in=list(messages), strength=Strength.PROPOSED)
    return {row.message_id: row for row in rows.select_related("case").order_by("-pk")}


def attachment_counts(messages: Iterable[Message]) -> dict[int, int]:
    """How many attachments each message has; those without any are left out."""
    rows = Attachment.objects.filter(message__in=list(messages)).values_list("message")
    return dict(rows.annotate(Count("pk")))


def arrivals_by_day(start: datetime, zone: tzinfo) -> dict[date, int]:
    """How many messages came on each local day since `start`; days without any are left out."""
    rows = (
        # Mailbox by mailbox, because that is how the index is ordered.
        Message.objects.filter(
            mailbox__in=list(Mailbox.objects.values_list("pk", flat=True)), received_at__gte=start
        )
        .annotate(on=TruncDate("received_at", tzinfo=zone))
        .values_list("on")
        .annotate(Count("pk"))
        .order_by("on")
    )
    return dict(rows)


def done_by_day(start: datetime, zone: tzinfo) -> dict[date, int]:
    """How many messages left the queue on each local day since `start` and have not come back."""
    rows = (
        Message.objects.exclude(state__in=WAITING)
        .filter(state_at__gte=start)
        .annotate(on=TruncDate("state_at", tzinfo=zone))
        .values_list("on")
        .annotate(Count("pk"))
        .order_by("on")
    )
    return dict(rows)


def number_of_reply(message_ids: list[str]) -> list[str]:
    """Numbers of messages of ours that these Message-IDs name (a citizen's own earlier mails)."""
    return [
        f"M{pk}"
        for pk in Message.objects.filter(message_id__in=message_ids)
        .exclude(message_id="")
        .values_list("pk", flat=True)[:20]
    ]


@dataclass(frozen=True)
class DayCount:
    """What came to a mailbox on a day, and what has become of it."""

    mailbox: Mailbox
    on: date
    arrived: int
    again: int
    registered: int
    minor: int
    spam: int
    held: int
    waiting: int
    at_source: int | None
    # Of the mails that the mail server has in this mailbox, those that are here.
    fetched: int = 0

    @property
    def accounted(self) -> int:
        """The sum that has to equal what arrived."""
        return self.registered + self.minor + self.spam + self.held + self.waiting

    @property
    def difference(self) -> int:
        """What is missing (positive) or too many (negative), against us or the mail server."""
        if self.arrived != self.accounted:
            return self.arrived - self.accounted
        return 0 if self.at_source is None else self.at_source - self.fetched


def counts_of_day(on: date, start: datetime, end: datetime) -> list[DayCount]:
    """The reconciliation of the local day `on`, which lasts from `start` until `end`.

    What arrived is counted from the deliveries alone, what became of it from the messages, so that
    a message that was lost on the way between the two shows as a difference. A message belongs to
    the day of its first delivery; what comes again, that day or later, is counted beside it.
    """
    first = Delivery.objects.filter(message=OuterRef("delivery__message_id")).order_by("pk")
    arrivals = {
        row["mailbox"]: (row["messages"], row["deliveries"])
        for row in DeliveryRecipient.objects.filter(
            delivery__received_at__gte=start, delivery__received_at__lt=end
        )
        .annotate(came_at=Subquery(first.values("received_at")[:1]))
        .values("mailbox")
        .annotate(
            messages=Count(
                "delivery__message_id",
                filter=Q(came_at__gte=start, came_at__lt=end),
                distinct=True,
            ),
            deliveries=Count("delivery", distinct=True),
        )
    }
    states: dict[int, dict[str, int]] = {}
    fates = (
        Message.objects.filter(
            received_at__gte=start,
            received_at__lt=end,
            deliveries__received_at__gte=start,
            deliveries__received_at__lt=end,
        )
        .values("deliveries__recipients__mailbox", "state")
        .annotate(Count("pk", distinct=True))
        .values_list("deliveries__recipients__mailbox", "state", "pk__count")
    )
    for mailbox_id, state, count in fates:
        states.setdefault(mailbox_id, {})[state] = count
    at_source = dict(SourceCount.objects.filter(on=on).values_list("mailbox", "count"))
    fetched = _fetched_of_day(start, end)
    rows = []
    for mailbox in Mailbox.objects.filter(Q(is_active=True) | Q(pk__in=arrivals)):
        messages, deliveries = arrivals.get(mailbox.pk, (0, 0))
        of = states.get(mailbox.pk, {})
        rows.append(
            DayCount(
                mailbox=mailbox,
                on=on,
                arrived=messages,
                again=deliveries - messages,
                registered=of.get(State.REGISTERED, 0),
                minor=of.get(State.MINOR, 0),
                spam=of.get(State.SPAM, 0),
                held=of.get(State.HELD, 0),
                waiting=of.get(State.SCREENED, 0) + of.get(State.RECEIVED, 0),
                at_source=at_source.get(mailbox.pk),
                fetched=fetched.get(mailbox.pk, 0),
            )
        )
    return rows


def source_prefix(mailbox: Mailbox, validity: int) -> str:
    """How the source keys of a mailbox's mails begin: account, folder and UIDVALIDITY.

    The UID follows; both together fit their column, however long the names are.
    """
    account = f"imap:{mailbox.imap_user}@{mailbox.imap_host}:{mailbox.imap_folder}:{validity}:"
    return account[-280:]


def _fetched_of_day(start: datetime, end: datetime) -> dict[int, int]:
    """How many mails of a day were fetched from each mailbox, as its server numbers them now.

    Only these can be held against the server's own count: the same mail may have come by SMTP as
    well, and once more when the server numbered its mails anew.
    """
    marks = FetchMark.objects.exclude(mailbox__imap_host="").select_related("mailbox")
    return {
        mark.mailbox_id: Delivery.objects.filter(
            received_at__gte=start,
            received_at__lt=end,
            source_key__startswith=source_prefix(mark.mailbox, mark.uidvalidity),
        ).count()
        for mark in marks
        if mark.folder == mark.mailbox.imap_folder
    }


def unopened_since(at: datetime) -> list[tuple[Mailbox, int]]:
    """Mailboxes with messages that nobody has opened within the mailbox's limit, and how many."""
    found = []
    for mailbox in Mailbox.objects.filter(is_active=True):
        limit = at - timedelta(minutes=mailbox.unread_alarm_minutes)
        count = waiting().filter(mailbox=mailbox, opened_at=None, received_at__lte=limit).count()
        if count:
            found.append((mailbox, count))
    return found


def waiting_without_receipt() -> int:
    """How many messages wait for a person whose receipt the limit for an address and day held back.

    The limit of the law runs out for them, and only registering acknowledges them.
    """
    numbers = messages_not_answered(NotAcknowledged.ADDRESS_DAY_CAP)
    return waiting().filter(pk__in=[int(number[1:]) for number in numbers]).count()


def last_arrival() -> datetime | None:
    """When something last came through any door."""
    return Delivery.objects.aggregate(last=Max("received_at"))["last"]


def last_fetch() -> datetime | None:
    """When mailboxes were last fetched from; None when none is fetched by IMAP."""
    return FetchMark.objects.aggregate(last=Max("fetched_at"))["last"]


def standing_alarms() -> list[Alarm]:
    """Alarms that have not been cleared, oldest first."""
    return list(Alarm.objects.filter(cleared_at=None).order_by("raised_at"))


def heartbeats() -> list[Heartbeat]:
    """The last signs of life."""
    return list(Heartbeat.objects.order_by("name"))


def silent_processes(at: datetime) -> list[str]:
    """Processes that have once shown that they live and have been silent for too long."""
    since = at - timedelta(seconds=settings.ALARM_SILENT_SECONDS)
    return list(
        Heartbeat.objects.filter(at__lt=since).order_by("name").values_list("name", flat=True)
    )


def blocked_at_source() -> list[FetchFailure]:
    """Mails that a mail server would not hand over though often asked, oldest first."""
    return list(
        FetchFailure.objects.filter(solved_at=None, tries__gte=TRIES_AT_SOURCE)
        .select_related("mailbox")
        .order_by("first_at")
    )
