"""Numbers and acknowledgements under real concurrency: own connections, real commits."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from outbox.models import Letter
from registry.models import Acknowledgement, Case, Entry
from tests.registry.cast import MORNING, Town, build_town

# Oslo is one hour ahead of UTC in winter.
LAST_SECOND = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
NEW_YEAR = LAST_SECOND + timedelta(seconds=1)


@pytest.fixture
def town(transactional_db: None) -> Town:
    return build_town()


class Broken(Exception):
    """What goes wrong after a number was taken."""


def together(jobs: list[Callable[[], object]]) -> list[object]:
    """Run the jobs at the same time, each on a connection of its own; give results or errors."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        try:
            barrier.wait()
            return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def registration(town: Town, number: int, at: datetime, case: int | None, fails: bool) -> Callable:
    def job() -> str:
        with transaction.atomic():
            entry = town.register(case=case, at=at, message_number=f"M{number}")
            if fails:
                raise Broken
        return entry.reference

    return job


def gapless(numbers: list[int]) -> bool:
    return sorted(numbers) == list(range(1, len(numbers) + 1))


def test_fifty_registrations_at_once_with_rollbacks_leave_no_gap(town: Town) -> None:
    luck = random.Random(17)
    case = town.register(message_number="M0").case_id
    jobs = [
        registration(
            town,
            number,
            at=MORNING,
            case=case if number % 2 else None,
            fails=luck.random() < 0.3,
        )
        for number in range(1, 51)
    ]
    results = together(jobs)
    failures = Counter(type(each).__name__ for each in results if isinstance(each, Exception))
    assert set(failures) == {"Broken"}
    assert 5 < failures["Broken"] < 25
    kept = 51 - failures["Broken"]
    assert Entry.objects.count() == kept
    assert gapless(list(Entry.objects.values_list("running_number", flat=True)))
    assert gapless(list(Case.objects.values_list("number", flat=True)))
    assert gapless(list(Entry.objects.filter(case=case).values_list("document", flat=True)))
    assert len(set(Entry.objects.values_list("reference", flat=True))) == kept


def test_numbers_begin_again_at_the_local_new_year_and_both_years_are_gapless(town: Town) -> None:
    luck = random.Random(1)
    jobs = [
        registration(
            town,
            number,
            at=NEW_YEAR if number % 2 else LAST_SECOND,
            case=None,
            fails=luck.random() < 0.2,
        )
        for number in range(1, 25)
    ]
    results = together(jobs)
    assert {type(each) for each in results} == {str, Broken}
    for year in (2026, 2027):
        assert gapless(list(Case.objects.filter(year=year).values_list("number", flat=True)))
        running = Entry.objects.filter(running_year=year)
        assert gapless(list(running.values_list("running_number", flat=True)))
        assert running.count() == sum(str(each).startswith(f"{year}/") for each in results)


def test_two_registrations_of_one_message_in_a_case_make_one_entry(town: Town) -> None:
    case = town.register(message_number="M0").case_id
    results = together(
        [registration(town, 17, at=MORNING, case=case, fails=False) for _ in range(2)]
    )
    assert sorted(getattr(each, "code", "") for each in results) == ["", "already_registered"]
    assert Entry.objects.filter(message_number="M17").count() == 1


def test_two_who_acknowledge_at_once_send_one_letter(town: Town) -> None:
    entry = town.register()
    results = together([lambda: town.acknowledge(entry) for _ in range(4)])
    assert len({each.pk for each in results}) == 1  # type: ignore[attr-defined]
    assert Letter.objects.count() == 1
    assert Entry.objects.filter(direction="outgoing").count() == 1


def test_a_receipt_and_an_acknowledgement_at_once_are_one_letter(town: Town) -> None:
    entry = town.register()
    results = together([lambda: town.acknowledge(None), lambda: town.acknowledge(entry)])
    assert not [each for each in results if isinstance(each, Exception)]
    assert Letter.objects.count() == 1
    row = Acknowledgement.objects.get(undone_at=None)
    assert row.entry == entry
    assert row.letter_entry is not None
