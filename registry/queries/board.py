"""Questions of the deadlines board and of a person's own work. What is asked of is given."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from registry.models import (
    Acknowledgement,
    Case,
    CaseReader,
    Deadline,
    DeadlinePause,
    Entry,
    Escalation,
)
from registry.models.case import CaseStatus
from registry.models.deadline import RUNNING, DeadlineState
from registry.models.entry import Direction, EntryStatus
from registry.rules.escalation import ESCALATES

# By which a page may be sorted, each with the index that reads it in order.
SORTS = {"due": ("due_at", "pk"), "case": ("case_id", "due_at", "pk")}


def sorted_page(
    rows: QuerySet[Deadline], *, sort: str, after: tuple[str, ...] | None, limit: int
) -> list[Deadline]:
    """`limit` rows after the values of the last one seen (a keyset), with what the board shows.

    Raises ValueError where `after` is no place in this order.
    """
    fields = SORTS[sort]
    if after is not None:
        rows = rows.filter(_beyond(fields, _values(fields, after)))
    # A thousand may end on the same day and have to be sorted: by their ids, before anything is
    # joined to them.
    ids = list(rows.order_by(*fields).values_list("pk", flat=True)[:limit])
    standing = DeadlinePause.objects.filter(ended_at=None)
    return list(
        Deadline.objects.filter(pk__in=ids)
        .select_related("entry", "case__unit", "case__caseworker")
        .prefetch_related(Prefetch("pauses", standing, to_attr="standing"))
        .order_by(*fields)
    )


def place_of(row: Deadline, sort: str) -> tuple[str, ...]:
    """The values by which the page after this row is asked for."""
    values = (getattr(row, field) for field in SORTS[sort])
    return tuple(
        value.isoformat() if isinstance(value, datetime) else str(value or 0) for value in values
    )


def _values(fields: tuple[str, ...], after: tuple[str, ...]) -> list[object]:
    if len(after) != len(fields):
        raise ValueError("no place in this order")
    values: list[object] = []
    for field, text in zip(fields, after, strict=True):
        value: object = datetime.fromisoformat(text) if field == "due_at" else int(text)
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("no place in this order")
        values.append(value)
    return values


def _beyond(fields: tuple[str, ...], values: list[object]) -> Q:
    """(a, b, c) > (x, y, z), with a >= x said apart, which is what an index can be entered by."""
    beyond = Q()
    for n, field in enumerate(fields):
        same = dict(zip(fields[:n], values[:n], strict=True))
        beyond |= Q(**same, **{f"{field}__gt": values[n]})
    return Q(**{f"{fields[0]}__gte": values[0]}) & beyond


def load(rows: QuerySet[Deadline]) -> list[tuple[str, date, str, int]]:
    """How many deadlines of each state and kind end on each day."""
    grouped = rows.order_by().values_list("state", "due_on", "kind")
    return list(grouped.annotate(Count("pk")))


def outstanding(people: Collection[int], *, limit: int) -> list[Entry]:
    """Incoming entries of these caseworkers' open cases that nobody has signed off.

    Those whose deadline ends first come first; with deadlines and standing pauses.
    """
    running = Q(deadlines__state=DeadlineState.OPEN) & ~Q(deadlines__kind="missing_information")
    deadlines = Deadline.objects.filter(state__in=RUNNING).order_by("state", "due_at")
    standing = DeadlinePause.objects.filter(ended_at=None)
    return list(
        _outstanding(people)
        .annotate(first_due=Min("deadlines__due_at", filter=running))
        .select_related("case__unit", "case__caseworker")
        .prefetch_related(
            Prefetch(
                "deadlines",
                deadlines.prefetch_related(Prefetch("pauses", standing, to_attr="standing")),
                to_attr="running",
            )
        )
        .order_by("first_due", "arrived_at", "pk")[:limit]
    )


def outstanding_since(people: Collection[int]) -> list[datetime]:
    """When each of them arrived."""
    return list(_outstanding(people).values_list("arrived_at", flat=True))


def _outstanding(people: Collection[int]) -> QuerySet[Entry]:
    return Entry.objects.filter(
        case__caseworker__in=people,
        case__status=CaseStatus.OPEN,
        direction=Direction.INCOMING,
        status=EntryStatus.REGISTERED,
        sign_off=None,
        # It is dealt with where it was registered first.
        copy_of=None,
    )


def quiet_cases(people: Collection[int], *, limit: int) -> list[Case]:
    """Open cases of these caseworkers in which nothing is outstanding, the newest first."""
    waits = Entry.objects.filter(
        case=OuterRef("pk"),
        direction=Direction.INCOMING,
        status=EntryStatus.REGISTERED,
        sign_off=None,
        copy_of=None,
    )
    return list(
        Case.objects.filter(caseworker__in=people, status=CaseStatus.OPEN)
        .exclude(Exists(waits))
        .select_related("unit", "caseworker")
        .order_by("-opened_at")[:limit]
    )


def escalated_to(people: Collection[int], *, limit: int) -> list[Escalation]:
    """Deadlines that came to these leaders and run still, the first to end first."""
    return list(
        Escalation.objects.filter(leader__in=people, deadline__state=DeadlineState.OPEN)
        .select_related("deadline__entry", "deadline__case__unit", "deadline__case__caseworker")
        .order_by("deadline__due_at")[:limit]
    )


def escalated_references(
    user_id: int, people: Collection[int], *, registers: bool = False
) -> list[str]:
    """The numbers of their cases, for the person who stands in for the others of them.

    A restricted case may have become one since: then its number is for its readers only, and for
    one who `registers`.
    """
    open_to = Q(deadline__case__is_restricted=False) | Q(
        deadline__case__in=CaseReader.objects.filter(user=user_id, ended_at=None).values("case")
    )
    if registers:
        open_to |= Q(leader=user_id)
    rows = Escalation.objects.filter(open_to, leader__in=people, deadline__state=DeadlineState.OPEN)
    return list(
        rows.order_by("deadline__due_at").values_list("deadline__case__reference", flat=True)
    )


def due_of(user_id: int, people: Collection[int], *, until: date) -> list[tuple[date, str]]:
    """Last days, up to one, of what these caseworkers have, with the numbers of the cases.

    Of the restricted ones only those that the person has who is told: nobody stands in there.
    """
    rows = _running_of(user_id, people).filter(due_on__lte=until)
    return [
        (due_on, reference)
        for due_on, reference in rows.values_list("due_on", "case__reference")
        if reference is not None
    ]


def reminded_of(user_id: int, people: Collection[int], *, since: date, until: date) -> list[str]:
    """The numbers of the cases with a reminder on one of these days, as `due_of` has them."""
    days = {(since + timedelta(days=n)).isoformat() for n in range((until - since).days + 1)}
    rows = _running_of(user_id, people).exclude(warn_on=[])
    return [
        reference
        for warn_on, reference in rows.values_list("warn_on", "case__reference")
        if reference is not None and days & set(warn_on)
    ]


def _running_of(user_id: int, people: Collection[int]) -> QuerySet[Deadline]:
    """What runs in these caseworkers' cases; nobody stands in where a case is restricted."""
    return Deadline.objects.filter(
        Q(caseworker=user_id) | Q(case__is_restricted=False),
        caseworker__in=people,
        state=DeadlineState.OPEN,
    ).order_by("due_at", "pk")


def untouched(until: date, *, after: int, limit: int) -> list[int]:
    """Running deadlines of entries, with a last day up to one, that no leader was told of.

    Untouched is a case from which nothing has been sent since the entry came but receipts.
    """
    receipt = Acknowledgement.objects.filter(letter_entry=OuterRef("pk"))
    sent = Entry.objects.filter(
        case=OuterRef("case"),
        direction=Direction.OUTGOING,
        status=EntryStatus.REGISTERED,
        registered_at__gt=OuterRef("entry__registered_at"),
    ).exclude(Exists(receipt))
    return list(
        Deadline.objects.filter(
            state=DeadlineState.OPEN,
            due_on__lte=until,
            kind__in=ESCALATES,
            case__isnull=False,
            escalation=None,
            pk__gt=after,
        )
        .exclude(Exists(sent))
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )


def next_due(rows: QuerySet[Deadline], today: date) -> Deadline | None:
    """The first deadline that ends after this week, for a board with nothing on it."""
    after = today + timedelta(days=6 - today.weekday())
    return rows.filter(due_on__gt=after).order_by("due_at").first()
