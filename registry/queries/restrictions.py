"""Questions about restricted cases."""

from __future__ import annotations

from django.db.models import QuerySet

from registry.models import Case, CaseReader, Restriction


def reader_of_case(case: Case, user_id: int) -> CaseReader | None:
    """The standing naming of a person in a case."""
    return case.readers.select_related("user").filter(user=user_id, ended_at=None).first()


def restrictions_of_case(case: Case) -> list[Restriction]:
    """When and why a case was restricted, the last time first."""
    return list(case.restrictions.order_by("-placed_at"))


def restricted_references() -> QuerySet[Case, str]:
    """The numbers of restricted cases, for what refers to cases by number."""
    return Case.objects.filter(is_restricted=True).values_list("reference", flat=True)
