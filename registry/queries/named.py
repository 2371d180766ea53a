"""Which cases a text names by their numbers."""

from __future__ import annotations

from lib.recent import recent
from registry.models import Case, Series
from registry.models.case import CaseStatus
from registry.rules.numbering import NumberPattern, parse_reference


def cases_named_in(text: str) -> list[int]:
    """Cases, not void, whose numbers stand in a line of text, in its order; ten at most."""
    references = parse_reference(text, _patterns())
    if not references:
        return []
    found = dict(
        Case.objects.filter(reference__in=references)
        .exclude(status=CaseStatus.VOID)
        .values_list("reference", "pk")
    )
    return [found[reference] for reference in references if reference in found]


@recent(seconds=5)
def _patterns() -> list[NumberPattern]:
    return [
        NumberPattern(case=case, document=document, prefix=prefix)
        for case, document, prefix in Series.objects.values_list(
            "case_pattern", "document_pattern", "prefix"
        )
    ]
