"""Search the registry for what a person may see, quickly however much there is.

Candidates come from the index, newest weeks first, until there are enough; each is then asked of
access.py, and only what passes counts for hits, order and pages. Nothing is skipped by number
(keyset), nothing is counted beyond a bound, and no text but the entry's own decides whether it is
found: those who may not read it in full find it by its public title only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Prefetch, QuerySet

from lib.cursors import cursor_at, place
from registry import access
from registry.models import Entry, Party, SearchEntry
from registry.queries.candidates import walk
from registry.queries.terms import wanted
from registry.rules import searching
from registry.rules.cursors import seen_of, top_of
from registry.rules.searching import Criteria, Order

# So many of the newest hits are ranked.
RANKED = 200
# Whether words stand in a row is looked up entry by entry: so many at once, and for a page so many.
_AT_ONCE, _MOST_LOOKED_AT = 1_000, 3_000
# So many entries may have the number that is looked for, or one that begins with it.
_NUMBERS = 200
_DAY = timedelta(days=1)
# The very ends of the calendar cannot be counted with.
_EARLIEST, _LATEST = date.min + _DAY, date.max - _DAY

_BY_NUMBER = """
(SELECT entry.id, 0 AS place FROM registry_entry entry
    WHERE entry.reference = ANY(%(typed)s) LIMIT %(most)s)
UNION ALL
(SELECT entry.id, 1 FROM registry_case matter JOIN registry_entry entry ON entry.case_id = matter.id
    WHERE matter.reference = ANY(%(typed)s) ORDER BY entry.document LIMIT %(most)s)
UNION ALL
(SELECT entry_id, 2 FROM registry_searchentry
    WHERE number_key LIKE %(key)s || '%%' AND (%(sees)s::text[] IS NULL OR marks && %(sees)s)
    ORDER BY number_key, entry_id LIMIT %(most)s)
"""
_ENDS = "SELECT min(registered_at), max(registered_at) FROM registry_searchentry"


@dataclass(frozen=True)
class Hit:
    """An entry as the person may see it; what is withheld is empty."""

    entry: Entry
    title: str
    in_full: bool
    parties: tuple[Party, ...]


@dataclass(frozen=True)
class Page:
    """Hits, where the next page begins ("" = there is none), and how many there are.

    `total` is None where it was not counted; `more_than_ranked` says that only the newest hits
    were ranked. `by_number` tells that the text was understood as a number. `looked_at` is how many
    entries were looked through for words in a row when that had to end, so that more may follow on
    the next page whatever is on this one; 0: all of them.
    """

    hits: list[Hit]
    after: str
    total: int | None
    more_than_ranked: bool = False
    by_number: bool = False
    looked_at: int = 0


@dataclass(frozen=True)
class _Found:
    """A candidate that the person may see; `rank` is by what the person may read."""

    entry_id: int
    registered_at: datetime
    in_full: bool
    rank: int
    entry: Entry | None = None

    @property
    def place(self) -> tuple[datetime, int]:
        return self.registered_at, self.entry_id


class Search:
    """One person's search. `zone` is the municipality's, for the days of the filter; with `since`,
    only in what has been registered after that."""

    def __init__(
        self, user: Any, criteria: Criteria, zone: ZoneInfo, *, since: datetime | None = None
    ) -> None:
        self._user = user
        self._criteria = criteria
        self._sees = access.found_by(user, in_full=False)
        self._reads = access.found_by(user, in_full=True)
        self._allowed = access.entries_for(user)
        start = _midnight(max(criteria.start, _EARLIEST), zone) if criteria.start else None
        self._from = max(filter(None, (start, since)), default=None)
        end = min(criteria.end, _LATEST) + _DAY if criteria.end else None
        self._until = _midnight(end, zone) if end else None
        self._wanted = wanted(criteria.text, near=criteria.near)
        self._query = self._wanted.words
        # Where looking for words in a row ended before there was enough, and after how many.
        self._stopped: tuple[tuple[datetime, int], int] | None = None

    def page(self, after: str, size: int) -> Page:
        """The hits after a cursor of an earlier page; a cursor that makes no sense is the start."""
        if not after.startswith(("t", "b")) and (numbered := self._by_number(size)):
            return numbered
        if self._query and self._criteria.order == Order.BEST and not after.startswith("t"):
            return self._best(after, size)
        found = list(self._some(place(after), size + 1, enough=size + 1, load=True))
        hits = self._hits(found[:size])
        further = cursor_at(found[size - 1].place) if len(found) > size else self._further()
        total = len(found) if not after and not further else None
        return Page(hits, further, total, looked_at=self._looked_at())

    def exists(self) -> bool:
        """Whether there is any hit, as far as one page would look for it."""
        return bool(self._by_number(1)) or next(self._some(None, 1, enough=1), None) is not None

    def all(self, most: int) -> list[Hit]:
        """Every hit, newest first, but at most so many."""
        if numbered := self._by_number(most):
            return numbered.hits
        return self._hits(list(self._some(None, most, load=True)))

    def _best(self, after: str, size: int) -> Page:
        top = top_of(after)
        found = list(self._some(top, RANKED, enough=size + 1, including=True))
        if not found:
            return Page([], self._further(), 0, looked_at=self._looked_at())
        newest = found[0]
        ranked = sorted(found, key=lambda each: (each.rank, each.place), reverse=True)
        seen = seen_of(after)
        rest = [each for each in ranked if seen is None or (each.rank, *each.place) < seen]
        further = self._further()
        if len(rest) > size:
            last = rest[size - 1]
            further = f"b{last.rank}.{cursor_at(last.place)}.{cursor_at(newest.place)}"
        full = len(found) == RANKED
        return Page(
            self._hits(rest[:size]),
            further,
            None if full or self._stopped else len(found),
            more_than_ranked=full,
            looked_at=self._looked_at(),
        )

    def _further(self) -> str:
        return cursor_at(self._stopped[0]) if self._stopped else ""

    def _looked_at(self) -> int:
        return self._stopped[1] if self._stopped else 0

    def _some(
        self,
        before: tuple[datetime, int] | None,
        number: int,
        *,
        enough: int | None = None,
        including: bool = False,
        load: bool = False,
    ) -> Iterator[_Found]:
        """Up to so many candidates that the person may see, newest first; `load` reads them too.

        Looking for words in a row ends earlier when `enough` are found, or after so many entries.
        """
        self._stopped = None
        left, looked_at, further = number, 0, before
        while left > 0:
            rows, looked, further = self._batch(
                further, left, min(left, enough or left), including=including
            )
            while rows and left > 0:
                some, rows = rows[:left], rows[left:]
                for each in self._allow(some, load=load):
                    left -= 1
                    yield each
            if further is None:
                return
            including, looked_at = False, looked_at + looked
            has_enough = enough is not None and number - left >= enough
            if enough and self._wanted.anywhere and (has_enough or looked_at >= _MOST_LOOKED_AT):
                self._stopped = (further, looked_at) if left > 0 else None
                return

    def _allow(self, rows: list[Any], *, load: bool = False) -> Iterator[_Found]:
        """What access.py says of candidates: which may be seen, and which of them in full."""
        if not rows:
            return
        in_full = ExpressionWrapper(
            access.readable(self._user, "case__"), output_field=BooleanField()
        )
        allowed = self._allowed.filter(pk__in=[row[0] for row in rows]).annotate(in_full=in_full)
        entries = {entry.pk: entry for entry in _shown(allowed)} if load else {}
        reading = (
            {pk: entry.in_full for pk, entry in entries.items()}  # type: ignore[attr-defined]
            if load
            else dict(allowed.values_list("pk", "in_full"))
        )
        for entry_id, registered_at, rank, public_rank, *_ in rows:
            if entry_id not in reading:
                continue
            reads = bool(reading[entry_id])
            by_what_is_read = rank if reads else public_rank
            if not self._query or by_what_is_read is not None:
                entry = entries.get(entry_id)
                yield _Found(entry_id, registered_at, reads, by_what_is_read or 0, entry)

    def _batch(
        self, before: tuple[datetime, int] | None, left: int, enough: int, *, including: bool
    ) -> tuple[list[Any], int, tuple[datetime, int] | None]:
        """Candidates, how many were looked at for them, and where to go on: None is nowhere.

        So many as are left to find; of words in a row `enough`, or what the most looks give.
        """
        rows: list[Any] = []
        looked_at = 0
        in_a_row = bool(self._wanted.anywhere)
        spans = list(self._spans(before)) if self._narrows() else [None]
        for number, span in enumerate(spans, 1):
            is_through = False
            while not is_through:
                limit = self._limit(span) if in_a_row else left - len(rows)
                where, params = self._within(span, before, including)
                found, looked = walk(where, params, self._ways(), self._wanted, limit)
                is_through = looked < limit
                looked_at += looked
                if looked:
                    before, including = (found[-1][1], found[-1][0]), False
                rows += [row for row in found if not self._query or row[2:4] != (None, None)]
                is_last = is_through and number == len(spans)
                done = len(rows) >= (enough if in_a_row else left) or looked_at >= _MOST_LOOKED_AT
                if done and not is_last:
                    return rows, looked_at, before
        return rows, looked_at, None

    @staticmethod
    def _limit(span: tuple[int, int] | None) -> int:
        """How many are looked at at once; where all weeks are gone through, better all in one."""
        is_long = span is None or span[1] - span[0] >= searching.MOST_WEEKS
        return _MOST_LOOKED_AT if is_long else _AT_ONCE

    def _within(
        self, span: tuple[int, int] | None, before: tuple[datetime, int] | None, including: bool
    ) -> tuple[list[str], list[Any]]:
        where, params = self._where()
        # Older spans lie before it anyway; said twice, the planner takes them for small.
        if before is not None and (span is None or before[0] < searching.begin_of(span[1] + 1)):
            where.append(f"(registered_at, entry_id) {'<=' if including else '<'} (%s, %s)")
            params += before
        if span is not None:
            begin, end = span
            where += ["registered_at >= %s", "registered_at < %s"]
            params += [searching.begin_of(begin), searching.begin_of(end + 1)]
            if end - begin < searching.MOST_WEEKS:
                where.append("marks && %s")
                params.append([f"week:{week}" for week in range(begin, end + 1)])
        return where, params

    def _narrows(self) -> bool:
        return bool(
            self._query or self._sees is not None or searching.marks(self._criteria, self._user.pk)
        )

    def _spans(self, before: tuple[datetime, int] | None) -> Iterator[tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute(_ENDS)
            oldest, newest = cursor.fetchone()
        if newest is None:
            return
        last = min(filter(None, (newest, self._until, before and before[0])))
        first = max(filter(None, (oldest, self._from)))
        yield from searching.steps(searching.week_of(first), searching.week_of(last))

    def _where(self) -> tuple[list[str], list[Any]]:
        where: list[str] = []
        params: list[Any] = []
        needed = searching.marks(self._criteria, self._user.pk)
        if needed:
            where.append("marks @> %s")
            params.append(needed)
        if self._sees is not None:
            where.append("marks && %s")
            params.append(searching.of_the_unit(self._sees, needed))
        if self._from:
            where.append("registered_at >= %s")
            params.append(self._from)
        if self._until:
            where.append("registered_at < %s")
            params.append(self._until)
        return where, params

    def _ways(self) -> list[tuple[str, list[Any]]]:
        """By which words an entry is found; each way is a look of its own into the index."""
        query = self._wanted.anywhere or self._query
        if not query:
            return [("TRUE", [])]
        if self._reads is None or (self._sees is not None and set(self._sees) <= set(self._reads)):
            # All that is seen is read in full, and the public title's words are among all words.
            return [("words @@ %s::tsquery", [query])]
        return [
            ("words @@ %s::tsquery AND marks && %s", [query, self._reads]),
            ("public_words @@ %s::tsquery", [query]),
        ]

    def _by_number(self, size: int) -> Page | None:
        """Entries whose number it is or begins so, the exact ones first; None: it is no number."""
        text = self._criteria.text.strip()
        if message := searching.message_number(text):
            found = Entry.objects.filter(message_number=message).order_by("-pk")
            ids = list(found.values_list("pk", flat=True)[:_NUMBERS])
        elif key := searching.number_key(text):
            ids = self._numbered(text, key)
        else:
            return None
        needed = set(searching.marks(self._criteria, self._user.pk))
        fitting = {
            pk: at
            for pk, at, marks in SearchEntry.objects.filter(entry__in=ids).values_list(
                "pk", "registered_at", "marks"
            )
            if needed <= set(marks)
            and (not self._from or at >= self._from)
            and (not self._until or at < self._until)
        }
        rows = [(pk, fitting[pk], 0, 0) for pk in dict.fromkeys(ids) if pk in fitting]
        found_here = list(self._allow(rows))
        if not found_here:
            return None
        total = len(found_here)
        return Page(self._hits(found_here[:size]), "", total, by_number=True)

    def _numbered(self, text: str, key: str) -> list[int]:
        with connection.cursor() as cursor:
            typed = [text, text.upper()]
            cursor.execute(
                _BY_NUMBER, {"typed": typed, "key": key, "sees": self._sees, "most": _NUMBERS}
            )
            return [pk for pk, _ in sorted(cursor.fetchall(), key=lambda row: row[1])]

    def _hits(self, found: list[_Found]) -> list[Hit]:
        entries = {each.entry_id: each.entry for each in found if each.entry}
        if missing := [each.entry_id for each in found if not each.entry]:
            entries |= {entry.pk: entry for entry in _shown(self._allowed).filter(pk__in=missing)}
        hits = []
        for each in found:
            entry = entries.get(each.entry_id)
            if entry is None:
                continue
            reads = each.in_full
            hits.append(
                Hit(
                    entry=entry,
                    title=entry.title if reads else entry.public_title,
                    in_full=reads,
                    parties=tuple(entry.parties.all()) if reads else (),
                )
            )
        return hits


def _shown(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    parties = Party.objects.filter(until_version=None).order_by("pk")
    return entries.select_related("case__unit", "quality_check").prefetch_related(
        Prefetch("parties", parties)
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
