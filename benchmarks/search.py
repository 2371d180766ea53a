"""How fast a million entries are searched, beside bare SQL over the same rows in the same run.

./dev bench search [--entries 1000000] [--times 40]

Filling takes a quarter of an hour. To keep what was filled, name a database of your own in
DATABASE_URL: a registry that is large enough is not filled again.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django

django.setup()

from _registry import COMMON, END, UNITS, fill, filled  # noqa: E402
from _times import HEADINGS, milliseconds, say  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import RoleGrant, User  # noqa: E402
from accounts.rules.roles import Role  # noqa: E402
from registry import access  # noqa: E402
from registry.models import Entry  # noqa: E402
from registry.rules.searching import Criteria, Order  # noqa: E402
from registry.search import Search  # noqa: E402

_ZONE = ZoneInfo("Europe/Oslo")
_GOAL, _LIST_GOAL = 100.0, 20.0
_ROWS = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def person(name: str, role: Role, unit: int | None = None) -> User:
    """Someone who holds the role, perhaps made by an earlier run."""
    user, _ = User.objects.get_or_create(
        email=f"{name}@bench.example", defaults={"name": name, "unit_id": unit}
    )
    RoleGrant.objects.get_or_create(
        user=user, role=role, defaults={"granted_at": timezone.now(), "granted_by": "system:bench"}
    )
    return user


def searched(user: User, after: str = "", **criteria: Any) -> Any:
    """A page of hits, for a person whose rights are read anew as in each request."""
    fresh = User.objects.get(pk=user.pk)
    return Search(fresh, Criteria(**criteria), _ZONE).page(after, _ROWS)


def queries() -> list[tuple[str, Callable[[int], dict[str, Any]], float]]:
    """Name, criteria of each run, and the goal for p95."""
    rare = ["strandskyddsgebyrene", "lekeplassklagens", "viltutredningene", "sykkelbidragets"]
    misspelt = ["Nordmanm", "Johanson", "Ødegårdrød", "Bergheimm", "Hansenn", "Strømsen"]

    def two(number: int) -> str:
        return f"{COMMON[number % 12]} {COMMON[(number + 5) % 12]}"

    return [
        ("one very common word", lambda n: {"text": COMMON[n % 12]}, _GOAL),
        ("two very common words", lambda n: {"text": two(n)}, _GOAL),
        ("the same, newest first", lambda n: {"text": two(n), "order": Order.NEWEST}, _GOAL),
        (
            "the same, only what is six years old",
            lambda n: {"text": two(n), "end": date(END.year - 6, 12, 31)},
            _GOAL,
        ),
        ("a rare word", lambda n: {"text": rare[n % 4]}, _GOAL),
        ("a common and a rare word", lambda n: {"text": f"søknad {rare[n % 4]}"}, _GOAL),
        ("words in a row", lambda n: {"text": f'"{two(n)}"'}, _GOAL),
        (
            "words in a row that stand nowhere so",
            lambda n: {"text": f'"{two(n)} {two(n + 1)}"'},
            _GOAL,
        ),
        ("a name", lambda n: {"text": "Kari Nordmann"}, _GOAL),
        ("a misspelt name", lambda n: {"text": misspelt[n % 6], "near": True}, _GOAL),
        ("nothing that there is", lambda n: {"text": f"xyzzy{n}"}, _GOAL),
        ("a number, whole", lambda n: {"text": f"{END.year}/{999_001 + n}"}, _GOAL),
        ("a number, begun, without punctuation", lambda n: {"text": f"{END.year}99{n}"}, _GOAL),
        (
            "a common word in one unit, outgoing",
            lambda n: {"text": COMMON[n % 12], "unit": UNITS[-2], "direction": "outgoing"},
            _GOAL,
        ),
        ("the list", lambda n: {}, _LIST_GOAL),
        ("the list of one unit", lambda n: {"unit": UNITS[n % len(UNITS)]}, _LIST_GOAL),
        (
            "the list by five filters",
            lambda n: {
                "unit": UNITS[n % len(UNITS)],
                "direction": "incoming",
                "access": "exempt",
                "document_type": 103,
                "attachment": True,
            },
            _GOAL,
        ),
    ]


def deep(user: User, entries: int) -> None:
    """Pages far down the list, by keyset, beside OFFSET."""
    for part in (0.1, 0.5, 0.999):
        pk = int(entries * (1 - part))
        at = cursor_of(pk)
        taken = milliseconds(lambda n, at=at: searched(user, at), 30)
        say(f"the list, {part:.1%} down", taken, _LIST_GOAL)
    bare(
        "  bare SQL: the last page by OFFSET",
        "SELECT id FROM registry_entry ORDER BY registered_at DESC, id DESC"
        f" LIMIT {_ROWS} OFFSET {entries - _ROWS}",
    )


def cursor_of(pk: int) -> str:
    """The cursor of the page that follows an entry, as the page's own link has it."""
    at = Entry.objects.values_list("registered_at", flat=True).get(pk=pk)
    return f"t{(at - _EPOCH) // timedelta(microseconds=1)}.{pk}"


def bare(what: str, sql: str, parameters: list[Any] | None = None, times: int = 3) -> None:
    """The naive statement for the same question."""

    def ask(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            cursor.fetchall()

    say(what, milliseconds(ask, times))


def comparisons() -> None:
    """What the same questions cost when they are put the obvious way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE INDEX IF NOT EXISTS bench_names ON registry_party USING gin (name gin_trgm_ops)"
        )
    ranked = (
        "SELECT entry_id FROM registry_searchentry WHERE words @@ %s::tsquery"
        f" ORDER BY ts_rank(words, %s::tsquery) DESC LIMIT {_ROWS}"
    )
    for what, query in (
        ("one very common word, all ranked", "'soknad'"),
        ("two very common words, all ranked", "'soknad' & 'skol'"),
    ):
        bare(f"  bare SQL: {what}", ranked, [query, query])
    bare(
        "  bare SQL: a misspelt name among all parties",
        "SELECT entry_id FROM registry_party WHERE name %% 'Kari Nordmanm'"
        f" ORDER BY similarity(name, 'Kari Nordmanm') DESC LIMIT {_ROWS}",
        [],
    )
    bare("  bare SQL: exact count of all", "SELECT count(*) FROM registry_entry")
    bare(
        "  bare SQL: exact count of a common word",
        "SELECT count(*) FROM registry_searchentry WHERE words @@ '''soknad'''::tsquery",
    )


def main(entries: int, times: int) -> None:
    if filled() < entries:
        fill(entries)
    connection.cursor().execute("SET statement_timeout = 0")
    print(f"{entries:,} entries, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
    people = {
        "a registrar": person("registrar", Role.REGISTRAR),
        "a secretary, who may not read what is protected": person("secretary", Role.SECRETARY),
        "a caseworker of a small unit": person("caseworker", Role.CASEWORKER, UNITS[-2]),
    }
    for who, user in people.items():
        print(f"{who}\n{HEADINGS}")
        for what, criteria, goal in queries():
            hits = len(searched(user, **criteria(0)).hits)
            taken = milliseconds(lambda n, u=user, c=criteria: searched(u, **c(n)), times)
            say(what, taken, goal, f"{hits} hits on the first page")
        taken = milliseconds(
            lambda n, u=user: list(
                access.find_cases(User.objects.get(pk=u.pk), COMMON[n % 12])[:10]
            ),
            times,
        )
        say("cases by part of a title (triage, key 0)", taken, _GOAL)
        print()
    print(HEADINGS)
    deep(people["a registrar"], entries)
    comparisons()
    print(f"\nload {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40)
    chosen = parser.parse_args()
    main(chosen.entries, chosen.times)
