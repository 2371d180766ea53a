"""Lock several cases before anything else, always in the same order."""

from __future__ import annotations

from collections.abc import Iterable

from registry.models import Case


def lock_cases(cases: Iterable[int]) -> dict[int, Case]:
    """The cases with these ids, locked by their order until the transaction ends, by id.

    Who needs more than one case takes them all here first: registering locks a case and then the
    counter of its series, and a second case after that counter could be waited for by its holder.
    """
    found = Case.objects.select_for_update().filter(pk__in=set(cases)).order_by("pk")
    return {case.pk: case for case in found}
