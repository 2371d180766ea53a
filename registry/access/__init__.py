"""From a user to cases, entries and documents: the only way for anything that shows them.

Registrars and the secretary see all cases, or those of the unit that their role is granted for.
Caseworkers see the cases of their unit, leaders also those below it, and both what is assigned to
them, or to those for whom they stand in, and where they are named. No other case exists for them.

What is exempt or not assessed yet is read by those with the right to read what is protected, by the
unit that has the case, its caseworker and its named readers. A restricted case is read by its
caseworker and its named readers only, not by who stands in for them. Those who register see its
number, because they keep the registry complete, and nothing of what is in it or of its titles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Func, Q, QuerySet, TextField, Value, When
from django.db.models import Case as Choice
from django.http import Http404

from accounts.access import covers, home_units, may, scope, works_for
from accounts.rules.roles import Task
from registry import queries
from registry.models import Case, Deadline, Document, Entry
from registry.models.case import Access
from registry.models.deadline import RUNNING


@dataclass(frozen=True)
class Shown:
    """An entry as a person may see it; what is withheld is empty, not hidden."""

    entry: Entry
    title: str
    is_protected: bool
    # Of a restricted case that is not the person's: all that shows is that there is an entry.
    is_withheld: bool = False
    # Where the same document was registered first, and its copies: in cases the person knows of.
    first: Entry | None = None
    copies: tuple[Entry, ...] = ()
    # One line of a long case: what belongs to the entry was not read.
    in_short: bool = False


def cases_for(user: Any) -> QuerySet[Case]:
    """The cases that a user may see in a list; `title_of` says by which title, if by any."""
    if not may(user, Task.READ_CASES):
        return queries.case_list().none()
    return queries.case_list().filter(_listed(user))


def entries_for(user: Any) -> QuerySet[Entry]:
    """The entries that a user may see in a list, with their cases.

    None of a case that is restricted for the user, not even its numbers.
    """
    if not may(user, Task.READ_CASES):
        return Entry.objects.none()
    return Entry.objects.select_related("case__unit").filter(_open_to(user, "case__"))


def readable(user: Any, prefix: str = "") -> Q:
    """What the user may read in full: titles, parties, content.

    For cases as it stands; `prefix` is the way to the case from what is asked for: "case__" for
    entries, "entry__case__" for documents and parties. The access of that case or entry counts.
    """
    if not may(user, Task.READ_CASES):
        return Q(pk__in=())
    item = prefix.removesuffix("case__")
    protected = scope(user, Task.READ_PROTECTED)
    if protected is None:
        return _open_to(user, prefix)
    own = protected | home_units(user)
    return _mine(user, prefix) | (
        _open_to(user, prefix)
        & (Q(**{f"{item}access": Access.OPEN}) | Q(**{f"{prefix}unit__in": own}))
    )


def found_by(user: Any, *, in_full: bool) -> list[str] | None:
    """Marks of the search index of which an entry has one if the user may see it; None: any entry.

    With `in_full`, if the user may read all of it. An index may be behind, and knows nothing of
    restrictions: it narrows what is looked at, and `entries_for` and `readable` decide.
    """
    mine = [
        *(f"caseworker:{pk}" for pk in sorted({user.pk, *works_for(user)})),
        *(f"case:{pk}" for pk in queries.cases_named_to_read(user)),
    ]
    if in_full:
        protected = scope(user, Task.READ_PROTECTED)
        if protected is not None:
            own = protected | home_units(user)
            return ["access:open", *(f"unit:{pk}" for pk in sorted(own)), *mine]
    units = scope(user, Task.READ_CASES)
    return None if units is None else [*(f"unit:{pk}" for pk in sorted(units)), *mine]


def deadlines_for(user: Any) -> QuerySet[Deadline]:
    """The running and paused deadlines that a user may see in a list.

    Those of the cases that the user may see, and for those who have the whole queue also those of
    messages that are not registered yet. A deadline knows its unit and caseworker, so that no list
    has to look into the cases.
    """
    found = Deadline.objects.filter(state__in=RUNNING)
    if not may(user, Task.READ_CASES):
        return found.none()
    named = queries.cases_named_to_read(user)
    withheld = Case.objects.filter(is_restricted=True).exclude(pk__in=named)
    withheld = withheld.exclude(caseworker=user.pk)
    units = scope(user, Task.READ_CASES)
    seen = Q(case__isnull=False) if units is None else Q(unit__in=units)
    seen |= Q(caseworker__in=works_for(user)) | Q(case__in=named)
    seen &= Q(case__isnull=False) & ~Q(case__in=withheld.values("pk"))
    if scope(user, Task.TRIAGE) is None:
        seen |= Q(case__isnull=True)
    return found.filter(seen)


def is_withheld(user: Any, case: Case) -> bool:
    """Whether the case is restricted and the user neither has it nor is named as a reader."""
    return case.is_restricted and not _is_mine(user, case)


def knows_of(user: Any, case: Case) -> bool:
    """Whether the user may know that there is the case: whether it is in the user's lists."""
    if not may(user, Task.READ_CASES):
        return False
    if _is_mine(user, case) or covers(user, Task.REGISTER, case.unit_id):
        return True
    return not case.is_restricted and covers(user, Task.READ_CASES, case.unit_id)


def case_id_numbered(user: Any, reference: str) -> int | None:
    """The case of this number, or of the entry of this number, if the user may know of it."""
    found = queries.case_id_by_reference(reference)
    known = found is not None and cases_for(user).filter(pk=found).exists()
    return found if known else None


def case_for(user: Any, case_id: int) -> Case:
    """A case that the user may see. Raises Http404; PermissionDenied when it is restricted."""
    case = cases_for(user).filter(pk=case_id).first()
    if case is None:
        raise Http404
    if is_withheld(user, case):
        raise PermissionDenied
    return case


def still_sees(user: Any, case: Case) -> bool:
    """Whether the user may see the case as it is now, after something has changed it."""
    queries.forget_cases_named_to_read(user)
    now = cases_for(user).filter(pk=case.pk).first()
    return now is not None and not is_withheld(user, now)


def entry_for(user: Any, entry_id: int) -> Entry:
    """An entry of a case that the user may see, with its case. Raises as `case_for`."""
    entry = Entry.objects.select_related("case__unit").filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    _must_see(user, entry.case)
    return entry


def protected_entry_for(user: Any, entry_id: int) -> Entry:
    """An entry that the user may read in full. Raises Http404, or PermissionDenied."""
    entry = entry_for(user, entry_id)
    if not reads_in_full(user, entry.case, entry.access):
        raise PermissionDenied
    return entry


def document_for(user: Any, document_id: int) -> Document:
    """A document whose content the user may read. Raises Http404, or PermissionDenied."""
    document = Document.objects.select_related("entry__case").filter(pk=document_id).first()
    if document is None:
        raise Http404
    _must_see(user, document.entry.case)
    if not reads_in_full(user, document.entry.case, document.entry.access):
        raise PermissionDenied
    return document


def reads_in_full(user: Any, case: Case, access: str) -> bool:
    """Whether the user may read what has this access in the case: titles, parties, content."""
    if not may(user, Task.READ_CASES):
        return False
    if _is_mine(user, case):
        return True
    if case.is_restricted or not covers(user, Task.READ_CASES, case.unit_id):
        return False
    return (
        access == Access.OPEN
        or covers(user, Task.READ_PROTECTED, case.unit_id)
        or case.unit_id in home_units(user)
    )


def title_of(user: Any, case: Case) -> str:
    """The title of a case that the user may see; "" where there is no public one."""
    if reads_in_full(user, case, case.access):
        return case.title
    return case.public_title if not is_withheld(user, case) and knows_of(user, case) else ""


def find_cases(user: Any, text: str) -> QuerySet[Case]:
    """Cases whose number or title holds the text; never by a title that the user may not see.

    Letters are compared folded, as in a search: å = aa = a, ä = æ = a, ö = ø = o.
    """
    cases = cases_for(user)
    text = text.replace("\0", "").strip()
    if not text:
        return cases
    held = Func(Value(text), function="registry_fold", output_field=TextField())
    everything = Func(
        *("reference", "title", "public_title"),
        function="registry_case_text",
        output_field=TextField(),
    )
    may_know = Choice(
        When(
            Q(folded_number__contains=held)
            | (Q(folded_public_title__contains=held) & _open_to(user))
            | (Q(folded_title__contains=held) & readable(user)),
            then=Value(True),
        ),
        default=Value(False),
        output_field=BooleanField(),
    )
    # The index answers the first; that the second is one expression keeps the planner from
    # taking the few that it guesses for all there are.
    return cases.alias(
        everything=everything,
        folded_number=_folded("reference"),
        folded_public_title=_folded("public_title"),
        folded_title=_folded("title"),
    ).filter(Q(everything__contains=held), may_know)


def open_cases_found(user: Any, text: str, *, limit: int, but_not: int = 0) -> list[dict[str, Any]]:
    """Open cases that the user may see and whose number or title holds the text, for choosing."""
    if not text:
        return []
    cases = find_cases(user, text).filter(status="open").exclude(pk=but_not)[:limit]
    return [{"case": case, "title": title_of(user, case)} for case in cases]


def works_on(user: Any, case: Case) -> bool:
    """Whether the user may sign off in, assign and close the case.

    Those who register, its own unit, its caseworker, and readers whose role lets them write.
    """
    if _is_mine(user, case):
        return may(user, Task.ANSWER)
    if case.is_restricted:
        return False
    return covers(user, Task.REGISTER, case.unit_id) or covers(user, Task.ANSWER, case.unit_id)


def case_to_work_on(user: Any, case_id: int) -> Case:
    """A case that the user may work on. Raises Http404, or PermissionDenied."""
    case = case_for(user, case_id)
    if not works_on(user, case):
        raise PermissionDenied
    return case


def protected_case_to_work_on(user: Any, case_id: int) -> Case:
    """A case that the user may read in full and work on. Raises Http404, or PermissionDenied."""
    case = protected_case_for(user, case_id)
    if not works_on(user, case):
        raise PermissionDenied
    return case


def entry_to_work_on(user: Any, entry_id: int) -> Entry:
    """An entry that the user may work on. Raises Http404, or PermissionDenied."""
    entry = entry_for(user, entry_id)
    if not works_on(user, entry.case):
        raise PermissionDenied
    return entry


def protected_entry_to_work_on(user: Any, entry_id: int) -> Entry:
    """An entry that the user may read in full and work on. Raises Http404, or PermissionDenied."""
    entry = protected_entry_for(user, entry_id)
    if not works_on(user, entry.case):
        raise PermissionDenied
    return entry


def protected_case_for(user: Any, case_id: int) -> Case:
    """A case whose title the user may read. Raises Http404, or PermissionDenied."""
    case = case_for(user, case_id)
    if not reads_in_full(user, case, case.access):
        raise PermissionDenied
    return case


def corrects(user: Any, case: Case) -> bool:
    """Whether the user may correct the case, and make it void."""
    return reads_in_full(user, case, case.access) and _may_correct(user, case)


def case_to_correct(user: Any, case_id: int) -> Case:
    """A case that the user may correct or make void. Raises Http404, or PermissionDenied."""
    case = case_for(user, case_id)
    if not corrects(user, case):
        raise PermissionDenied
    return case


def entry_to_correct(user: Any, entry_id: int) -> Entry:
    """An entry that the user may correct or make void. Raises Http404, or PermissionDenied."""
    entry = protected_entry_for(user, entry_id)
    if not _may_correct(user, entry.case):
        raise PermissionDenied
    return entry


def _may_correct(user: Any, case: Case) -> bool:
    if _is_mine(user, case):
        return may(user, Task.CORRECT)
    return covers(user, Task.CORRECT, case.unit_id)


def _must_see(user: Any, case: Case) -> None:
    """Raise Http404 when the case is none for the user, PermissionDenied when it is withheld."""
    if not may(user, Task.READ_CASES):
        raise Http404
    if _is_mine(user, case):
        return
    if case.is_restricted:
        raise PermissionDenied if covers(user, Task.REGISTER, case.unit_id) else Http404
    if not covers(user, Task.READ_CASES, case.unit_id):
        raise Http404


def _listed(user: Any) -> Q:
    """Cases that are in the user's lists: those open to the user, and the numbers of the rest."""
    registers = scope(user, Task.REGISTER)
    if registers is None:
        return Q()
    return Q(unit__in=registers) | _open_to(user)


def _open_to(user: Any, prefix: str = "") -> Q:
    """Cases of which the user may read more than the number, by the way to them (`readable`)."""
    units = scope(user, Task.READ_CASES)
    if units is None:
        # By the few that are not: no list has to look into the cases for it.
        named = queries.cases_named_to_read(user)
        withheld = Case.objects.filter(is_restricted=True).exclude(pk__in=named)
        return ~Q(**{f"{prefix}pk__in": withheld.exclude(caseworker=user.pk).values("pk")})
    return _mine(user, prefix) | Q(
        **{f"{prefix}unit__in": units, f"{prefix}is_restricted": False},
    )


def _mine(user: Any, prefix: str = "") -> Q:
    others = works_for(user) - {user.pk}
    mine = Q(**{f"{prefix}caseworker": user.pk}) | Q(
        **{f"{prefix}pk__in": queries.cases_named_to_read(user)}
    )
    if not others:
        return mine
    return mine | Q(**{f"{prefix}caseworker__in": others, f"{prefix}is_restricted": False})


def _is_mine(user: Any, case: Case) -> bool:
    """Whether the user has the case, is named as its reader, or stands in for its caseworker."""
    if case.caseworker_id == user.pk or case.pk in queries.cases_named_to_read(user):
        return True
    return not case.is_restricted and case.caseworker_id in works_for(user)


def _folded(name: str) -> Func:
    return Func(name, function="registry_fold", output_field=TextField())
