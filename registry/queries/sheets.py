"""What sheets for paper ask for."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch, QuerySet

from registry.models import Case, Entry, Party, Version


def versions_of_entries(case: Case) -> list[Version]:
    """The trails of correction of all entries of a case, each oldest first."""
    return list(
        Version.objects.filter(entry__case=case)
        .select_related("entry")
        .order_by("entry", "version")
    )


def registered_between(
    start: datetime, end: datetime, cases: QuerySet[Case], limit: int
) -> list[Entry]:
    """Entries of these cases that were registered from `start` until `end`, by running number."""
    return list(
        Entry.objects.filter(
            registered_at__gte=start, registered_at__lt=end, case__in=cases.order_by().values("pk")
        )
        .select_related("case__unit", "document_type", "series", "quality_check")
        .prefetch_related(
            Prefetch("parties", Party.objects.filter(until_version=None).order_by("pk"))
        )
        .order_by("series", "running_year", "running_number")[:limit]
    )
