"""Questions about the record: cases, entries, parties, deadlines, numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case as Choice
from django.db.models import Count, F, Prefetch, Q, QuerySet, When, prefetch_related_objects

from lib import rows
from lib.jurisdictions import NoRuleError, Profile, Roll, Rule, RuleKind, Unit, rule
from lib.recent import recent
from lib.workdays import Closed
from registry.models import (
    Acknowledgement,
    Authority,
    Case,
    CaseReader,
    ClosedDay,
    Deadline,
    Document,
    DocumentType,
    Entry,
    Hold,
    Notice,
    Party,
    RecordsPlanItem,
    RuleOverride,
    Series,
    Version,
)
from registry.models.case import Access
from registry.models.deadline import RUNNING, DeadlineState
from registry.models.entry import Direction, EntryStatus

_OPEN_CASES_OF_PARTY = """
SELECT registry_entry.case_id FROM registry_party
JOIN registry_entry ON registry_entry.id = registry_party.entry_id
JOIN registry_case ON registry_case.id = registry_entry.case_id
WHERE registry_party.email = %s AND until_version IS NULL AND registry_case.status = 'open'
ORDER BY registry_entry.id DESC LIMIT %s
"""

_PARTY_ADDRESSES = """
SELECT registry_entry.case_id, email FROM registry_party
JOIN registry_entry ON registry_entry.id = registry_party.entry_id
WHERE registry_entry.case_id = ANY(%s::bigint[]) AND registry_entry.status = 'registered'
    AND until_version IS NULL AND email <> ''
"""


@recent(seconds=5)
def own_rules(profile: Profile) -> list[Rule]:
    """The municipality's own deadline rules, which win over those that come with the product.

    How a last day rolls is not the municipality's to choose: it is the shipped rule's.
    """
    return [own_rule(profile, row) for row in RuleOverride.objects.all()]


def own_rule(profile: Profile, row: RuleOverride) -> Rule:
    """The municipality's own rule as deadlines are counted by it."""
    return Rule(
        key=row.key,
        number=row.number,
        unit=Unit(row.unit),
        roll=_shipped_roll(profile, row),
        paragraph=row.paragraph,
        note="",
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        kind=RuleKind.SERVICE,
    )


@recent(seconds=5)
def closed_days() -> Closed:
    """The municipality's own closed days, with their names."""
    return dict(ClosedDay.objects.values_list("on", "name"))


def _shipped_roll(profile: Profile, row: RuleOverride) -> Roll:
    try:
        return rule(profile, row.key, row.valid_from).roll
    except NoRuleError:
        return Roll.NONE


def case_list() -> QuerySet[Case]:
    """Cases, newest first, with unit and caseworker."""
    return Case.objects.select_related("unit", "caseworker").order_by("-opened_at", "-pk")


def cases_named_to_read(user: Any) -> frozenset[int]:
    """The cases that a person is named to read; read once per request, kept with the person."""
    named = getattr(user, "_named_cases", None)
    if named is None:
        rows = CaseReader.objects.filter(user=user.pk, ended_at=None)
        named = user._named_cases = frozenset(rows.values_list("case", flat=True))
    return frozenset(named)


def forget_cases_named_to_read(user: Any) -> None:
    """Have it read again: to be called when a request has changed it."""
    user._named_cases = None


def last_linked(case: Case, *, by: str, since: datetime) -> Entry | None:
    """The copy of an entry elsewhere that the person has put in the case after an instant."""
    copies = Entry.objects.filter(case=case, copy_of__isnull=False, registered_by=by)
    made = copies.filter(status=EntryStatus.REGISTERED, registered_at__gt=since)
    return made.order_by("-registered_at").first()


def readers_of_case(case: Case) -> list[CaseReader]:
    """Everyone who is or was named to read a case, those who are first."""
    return list(
        case.readers.select_related("user").order_by(
            F("ended_at").desc(nulls_first=True), "named_at"
        )
    )


def timeline(case: Case) -> list[Entry]:
    """The entries of a case in the order of their numbers.

    Each has what is acknowledged by it, and what runs (`running`). The rest of what belongs to
    them comes by `read_details`, for as many as are shown in full.
    """
    running = Deadline.objects.filter(state__in=RUNNING).order_by("due_at")
    return list(
        case.entries.select_related("sign_off__answer", "copy_of__case", "quality_check")
        .prefetch_related(
            Prefetch("deadlines", running, "running"),
            Prefetch("acknowledgements", Acknowledgement.objects.filter(undone_at=None)),
        )
        .order_by("document")
    )


def read_details(entries: list[Entry]) -> None:
    """Read all that belongs to these entries: documents, parties, deadlines, copies, notices."""
    prefetch_related_objects(
        entries,
        "document_type",
        Prefetch("documents", Document.objects.order_by("number")),
        Prefetch("parties", Party.objects.filter(until_version=None).order_by("pk")),
        Prefetch("deadlines", Deadline.objects.order_by("due_at")),
        Prefetch(
            "copies",
            Entry.objects.filter(status=EntryStatus.REGISTERED).select_related("case"),
        ),
        Prefetch(
            "notices",
            Notice.objects.filter(undone_at=None)
            .select_related("letter_entry", "answer")
            .order_by("pk"),
        ),
    )


def deadlines_of_case(case: Case) -> list[Deadline]:
    """Running deadlines of a case, the first to end first, and then those that are paused."""
    return list(
        Deadline.objects.filter(case=case, state__in=RUNNING)
        .select_related("entry")
        .order_by("state", "due_at")
    )


def holds_of_case(case: Case) -> list[Hold]:
    """Holds that stand on a case."""
    return list(case.holds.filter(released_at=None).order_by("placed_at"))


def versions_of_case(case: Case) -> list[Version]:
    """The trail of corrections of a case, oldest first."""
    return list(case.versions.order_by("version"))


def versions_of_entry(entry: Entry) -> list[Version]:
    """The trail of corrections of an entry, oldest first."""
    return list(entry.versions.order_by("version"))


def parties_of_entry(entry: Entry) -> list[Party]:
    """The parties of an entry that stand."""
    return list(entry.parties.filter(until_version=None).order_by("pk"))


def wait_of(entry: Entry) -> Notice | None:
    """The request whose answer is waited for in an entry, or None."""
    return next((each for each in entry.notices.filter(undone_at=None) if each.is_waiting), None)


def waits_of_cases(cases: Iterable[int]) -> list[Notice]:
    """Requests in these cases whose answer is waited for, oldest first."""
    found = Notice.objects.filter(
        entry__case__in=list(cases),
        entry__status=EntryStatus.REGISTERED,
        kind="missing_information",
        ended_at=None,
        undone_at=None,
    )
    return list(found.select_related("entry__case").order_by("pk"))


def entries_of_message(message_number: str) -> list[Entry]:
    """The entries, not void, under which a message is registered."""
    return entries_of_messages([message_number])


def entries_of_messages(message_numbers: Iterable[str]) -> list[Entry]:
    """The entries, not void, under which these messages are registered, in their own order."""
    return list(
        Entry.objects.select_related("case")
        .filter(message_number__in=list(message_numbers), status=EntryStatus.REGISTERED)
        .order_by("pk")
    )


def is_acknowledged(message_number: str) -> bool:
    """Whether a letter acknowledges the message (a reason for sending none does not)."""
    return Acknowledgement.objects.filter(
        message_number=message_number, undone_at=None, letter__isnull=False
    ).exists()


def acknowledgement_of(message_number: str) -> Acknowledgement | None:
    """What was done about acknowledging a message, or why nothing was."""
    return Acknowledgement.objects.filter(message_number=message_number, undone_at=None).first()


def messages_due_for_acknowledgement(*, until: datetime, limit: int) -> list[str]:
    """Numbers of messages whose acknowledgement must be sent by `until`, the most urgent first."""
    return list(
        Deadline.objects.filter(kind="acknowledgement", state=DeadlineState.OPEN, due_at__lte=until)
        .exclude(message_number="")
        .order_by("due_at", "pk")
        .values_list("message_number", flat=True)[:limit]
    )


def acknowledgements_at_risk(*, at: datetime) -> int:
    """How many messages are still unacknowledged though their receipt ought to have gone out.

    Receipts go out RECEIPT_LEAD_HOURS before the limit; half of that time left is an alarm.
    """
    until = at + timedelta(hours=settings.RECEIPT_LEAD_HOURS) / 2
    return Deadline.objects.filter(
        kind="acknowledgement", state=DeadlineState.OPEN, due_at__lte=until
    ).count()


def messages_not_answered(reason: str) -> list[str]:
    """Numbers of the messages without an entry that got no letter, for this reason."""
    return list(
        Acknowledgement.objects.filter(
            not_sent_reason=reason, entry=None, undone_at=None
        ).values_list("message_number", flat=True)
    )


def registrations_overdue(*, at: datetime) -> int:
    """How many messages nobody has decided on though the last day for registering them is over."""
    return Deadline.objects.filter(
        kind="registration_alarm", state=DeadlineState.OPEN, due_at__lte=at
    ).count()


def deadlines_of_message(message_number: str) -> list[Deadline]:
    """Deadlines of a message, also when it is registered: running ones first, by their end."""
    return list(
        Deadline.objects.filter(
            Q(message_number=message_number) | Q(entry__message_number=message_number)
        )
        .exclude(message_number="", entry__status=EntryStatus.VOID)
        .order_by(Choice(When(state__in=RUNNING, then=0), default=1), "due_at")
    )


def first_deadlines(message_numbers: Iterable[str]) -> dict[str, Deadline]:
    """The running deadline that ends first of each message that is not registered yet."""
    rows = Deadline.objects.filter(
        message_number__in=list(message_numbers), state=DeadlineState.OPEN
    )
    # How it was counted is long, and told nowhere in a list.
    first = rows.order_by("message_number", "due_at", "kind").distinct("message_number")
    return {row.message_number: row for row in first.defer("rule", "steps")}


def case_id_by_reference(reference: str) -> int | None:
    """The case with this number, or the case of the entry with this number."""
    case = Case.objects.filter(reference=reference).values_list("pk", flat=True).first()
    if case is not None:
        return case
    return Entry.objects.filter(reference=reference).values_list("case", flat=True).first()


def case_id_of_messages(message_numbers: Iterable[str]) -> int | None:
    """The case in which the newest of these messages is registered."""
    return (
        Entry.objects.filter(
            message_number__in=list(message_numbers), status=EntryStatus.REGISTERED
        )
        .exclude(message_number="")
        .order_by("-pk")
        .values_list("case", flat=True)
        .first()
    )


def open_cases_of_party(email: str, *, limit: int = 20) -> list[int]:
    """Open cases in which the address is a party, the newest entry first."""
    if not email:
        return []
    # By hand, as the next one: both are asked with every message.
    found = rows.run(_OPEN_CASES_OF_PARTY, [email.lower(), 10 * limit])
    return list(dict.fromkeys(case for (case,) in found))[:limit]


def party_addresses(cases: Iterable[int]) -> dict[int, set[str]]:
    """E-mail addresses of the parties of each case."""
    wanted = list(cases)
    found: dict[int, set[str]] = {case: set() for case in wanted}
    for case, email in rows.run(_PARTY_ADDRESSES, [wanted]):
        found[case].add(email)
    return found


def standing_open(case: Case) -> dict[str, int]:
    """What stands open in a case, counted, by the names that `may_close` asks for."""
    entries = case.entries.filter(status=EntryStatus.REGISTERED).aggregate(
        # A copy is dealt with where the first one lies.
        unanswered=Count("pk", filter=Q(direction=Direction.INCOMING, sign_off=None, copy_of=None)),
        unassessed=Count("pk", filter=Q(access=Access.UNASSESSED)),
    )
    running = Deadline.objects.filter(case=case, state__in=RUNNING)
    return {
        "holds": case.holds.filter(released_at=None).count(),
        "unanswered_entries": entries["unanswered"],
        "open_deadlines": running.count(),
        # Internal documents are registered as they are made official; none waits here.
        "undecided_internal": 0,
        "unassessed_entries": entries["unassessed"],
    }


@recent(seconds=5)
def document_type_in_use(pk: int) -> DocumentType | None:
    """The kind of document with this id; None when there is none, or it is not in use."""
    return DocumentType.objects.filter(pk=pk, is_active=True).first()


@recent(seconds=5)
def document_types() -> list[DocumentType]:
    """Kinds of document in use, by name."""
    return list(DocumentType.objects.filter(is_active=True))


@recent(seconds=5)
def records_plan() -> list[RecordsPlanItem]:
    """What need not be registered, the commonest first."""
    return list(RecordsPlanItem.objects.filter(is_active=True))


@recent(seconds=5)
def series_in_use() -> list[Series]:
    """Series in which cases may be opened, by authority."""
    return list(
        Series.objects.filter(is_active=True, authority__is_active=True)
        .select_related("authority")
        .order_by("authority__name", "name")
    )


def series_of(authority_id: int) -> list[Series]:
    """Series in which cases may be opened, those of the authority first."""
    return sorted(series_in_use(), key=lambda series: series.authority_id != authority_id)


def authorities() -> QuerySet[Authority]:
    """Authorities in use, by name."""
    return Authority.objects.filter(is_active=True)
