"""A person's own work: what to answer, what is due, and what waits for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from accounts.access import requires, works_for
from accounts.queries import absences_to_come
from accounts.rules.roles import Task
from lib.charts import Picture, rows
from registry import access
from registry.access.answers import waiting_for_approval
from registry.models import Entry
from registry.models.deadline import DeadlineState
from registry.queries import answers, board
from registry.rules.board import Age, age_of
from registry.rules.deadlines import is_reminded

_MOST = 100
_SOON = timedelta(days=7)
# A mention that is older has been read, or has become something else.
_RECENT = timedelta(days=14)

_AGES = {
    Age.DAYS: gettext_lazy("Less than a week"),
    Age.WEEKS: gettext_lazy("One to four weeks"),
    Age.MONTHS: gettext_lazy("One to three months"),
    Age.OLDER: gettext_lazy("More than three months"),
}


@dataclass(frozen=True)
class Row:
    """An incoming entry to be answered or signed off, as the person may see it."""

    entry: Entry
    title: str
    works_on: bool
    is_for_another: bool

    @property
    def is_waiting(self) -> bool:
        """Whether somebody else has to do something first."""
        return any(
            each.state == DeadlineState.PAUSED or each.kind == "missing_information"
            for each in self.entry.running  # type: ignore[attr-defined]
        )

    def is_reminded(self, today: date) -> bool:
        """Whether the day has come on which the person is reminded of one of its deadlines."""
        return any(
            is_reminded(each.warn_on, today)
            for each in self.entry.running  # type: ignore[attr-defined]
        )


@require_GET
@requires(Task.ANSWER)
def my_work(request: HttpRequest) -> HttpResponse:
    """What the person has, and what those have for whom the person stands in today."""
    user: Any = request.user
    today = timezone.localdate()
    people = works_for(user)
    # Whoever stands in does not see the restricted cases of those who are away.
    shown = [
        _row(user, entry)
        for entry in board.outstanding(people, limit=_MOST)
        if access.knows_of(user, entry.case)
    ]
    waiting = [row for row in shown if row.is_waiting]
    soon = timezone.now() + _SOON
    due = [
        row
        for row in shown
        if not row.is_waiting and (_ends_before(row.entry, soon) or row.is_reminded(today))
    ]
    rest = [row for row in shown if row not in waiting and row not in due]
    arrived = board.outstanding_since(people)
    context = {
        "returned": [
            (each, step)
            for each in answers.answers_returned(user.pk)
            if (step := answers.last_return(each)) is not None
            and not access.is_withheld(user, each.entry.case)
        ],
        "to_approve": waiting_for_approval(user),
        "asked": answers.answers_asked(user.pk),
        "mentions": [
            (each, access.title_of(user, each.comment.case))
            for each in answers.mentions_of(people, since=timezone.now() - _RECENT)
            if access.knows_of(user, each.comment.case)
            and not access.is_withheld(user, each.comment.case)
        ],
        "escalated": [
            (
                each,
                access.title_of(user, each.deadline.case),
                access.is_withheld(user, each.deadline.case),
            )
            for each in board.escalated_to(people, limit=_MOST)
            if each.deadline.case is not None and access.knows_of(user, each.deadline.case)
        ],
        "due": due,
        "rest": rest,
        "waiting": waiting,
        "count": len(arrived),
        "is_cut": len(arrived) > len(shown),
        "quiet": [
            (case, access.title_of(user, case))
            for case in board.quiet_cases(people, limit=_MOST)
            if access.knows_of(user, case)
        ],
        "picture": _picture(arrived, today),
        "absences": absences_to_come([user.pk], today),
        "stands_in": len(people) > 1,
    }
    return render(request, "registry/my_work.html", context)


def _row(user: Any, entry: Entry) -> Row:
    full = access.reads_in_full(user, entry.case, entry.access)
    return Row(
        entry=entry,
        title=entry.title if full else entry.public_title,
        works_on=access.works_on(user, entry.case),
        is_for_another=entry.case.caseworker_id != user.pk,
    )


def _ends_before(entry: Entry, moment: datetime) -> bool:
    first: datetime | None = entry.first_due  # type: ignore[attr-defined]
    return first is not None and first <= moment


def _picture(arrived: Iterable[datetime], today: date) -> Picture:
    ages = Counter(age_of(timezone.localdate(each), today) for each in arrived)
    total = sum(ages.values())
    old = ages[Age.MONTHS] + ages[Age.OLDER]
    conclusion = ngettext("%(total)d waits", "%(total)d wait", total) % {"total": total}
    if old:
        conclusion += ngettext(
            ", %(old)d of them for more than four weeks",
            ", %(old)d of them for more than four weeks",
            old,
        ) % {"old": old}
    return Picture(
        id="age",
        title=_("How old it is"),
        conclusion=f"{conclusion}.",
        head=_("Age"),
        series=[_("Waiting")],
        shape=rows([(str(_AGES[age]), ages[age]) for age in Age]),
    )
