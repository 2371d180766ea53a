from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from registry.rules.numbering import (
    NumberPattern,
    PatternProblem,
    number_year,
    parse_reference,
    render_case,
    render_document,
    validate_pattern,
)

PLAIN = NumberPattern("{year}/{number}")
SHORT = NumberPattern("{prefix}-{yy}/{number:04}", prefix="KS")
LONG = NumberPattern("{prefix} {year}/{number}", prefix="KS")
BUILDING = NumberPattern("{prefix} {year}/{number}", prefix="BMN")


@pytest.mark.parametrize(
    ("pattern", "number", "case", "document"),
    [
        (PLAIN, 123, "2026/123", "2026/123-4"),
        (SHORT, 110, "KS-26/0110", "KS-26/0110-4"),
        (SHORT, 12345, "KS-26/12345", "KS-26/12345-4"),
        (LONG, 123, "KS 2026/123", "KS 2026/123-4"),
        (NumberPattern("{number}/{yy}", ".{document:03}"), 7, "7/26", "7/26.004"),
    ],
)
def test_numbers_are_written_as_the_municipality_writes_them(
    pattern: NumberPattern, number: int, case: str, document: str
) -> None:
    assert validate_pattern(pattern) is None
    assert render_case(pattern, year=2026, number=number) == case
    assert render_document(pattern, year=2026, number=number, document=4) == document


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (NumberPattern("{number}"), PatternProblem.NO_YEAR),
        (NumberPattern("{year}"), PatternProblem.NO_NUMBER),
        (NumberPattern("{year}/{yy}/{number}"), PatternProblem.YEAR_TWICE),
        (NumberPattern("{year}/{number}/{number}"), PatternProblem.NUMBER_TWICE),
        (NumberPattern("{year}{number}"), PatternProblem.DIGITS_TOUCH),
        (NumberPattern("{year}/5{number}"), PatternProblem.DIGITS_TOUCH),
        (NumberPattern("{year}/{number}", "{document}"), PatternProblem.SUFFIX_LIKE_CASE),
        (NumberPattern("{year}/{number}", "-"), PatternProblem.NO_DOCUMENT),
        (NumberPattern("{year}/{number}", ""), PatternProblem.NO_DOCUMENT),
        (NumberPattern("{year}/{number}", "-{document}-{document}"), PatternProblem.NO_DOCUMENT),
        (NumberPattern("{year}/{nummer}"), PatternProblem.UNKNOWN_PLACEHOLDER),
        (NumberPattern("{year}/{number:00}"), PatternProblem.UNKNOWN_PLACEHOLDER),
        (NumberPattern("{year}/{number}-{document}"), PatternProblem.UNKNOWN_PLACEHOLDER),
        (NumberPattern("{year}/{number"), PatternProblem.UNKNOWN_PLACEHOLDER),
        (NumberPattern("{year}\n{number}"), PatternProblem.STRANGE_CHARACTER),
        (NumberPattern("<{year}/{number}>"), PatternProblem.STRANGE_CHARACTER),
        (NumberPattern(" {year}/{number}"), PatternProblem.EDGE_SPACE),
        (NumberPattern("{prefix} {year}/{number}"), PatternProblem.PREFIX_MISSING),
        (NumberPattern("{year}/{number}", prefix="KS"), PatternProblem.PREFIX_UNUSED),
        (NumberPattern("{prefix}{year}/{number}", prefix="K2"), PatternProblem.PREFIX_STRANGE),
        (NumberPattern("{year}/{number}" + "-" * 60), PatternProblem.TOO_LONG),
    ],
)
def test_a_pattern_that_could_be_misread_is_refused_with_its_reason(
    pattern: NumberPattern, problem: PatternProblem
) -> None:
    assert validate_pattern(pattern) is problem


@pytest.mark.parametrize(
    ("text", "patterns", "found"),
    [
        ("SV: Deres ref. 2026/123", [PLAIN], ["2026/123"]),
        ("Klage på vedtak 2026/123-4.", [PLAIN], ["2026/123"]),
        ("(2026/0123)", [PLAIN], ["2026/123"]),
        ("ks-26/110", [SHORT], ["KS-26/0110"]),
        ("KS–26/0110 bygglov", [SHORT], ["KS-26/0110"]),
        ("Ang. KS\u00a02026/123", [LONG], ["KS 2026/123"]),
        ("KS2026/123", [LONG], ["KS 2026/123"]),
        ("KS 2026/1 och BMN 2026/2 och KS 2026/1", [LONG, BUILDING], ["KS 2026/1", "BMN 2026/2"]),
        ("KS 2026/123", [PLAIN, LONG], ["KS 2026/123"]),
        ("møte 2026/12/24", [PLAIN], []),
        ("telefon 12026/123", [PLAIN], []),
        ("2026/1234567890", [PLAIN], []),
        ("https://example.org/2026/123", [PLAIN], []),
        ("XKS 2026/123", [LONG], []),
        ("٢٠٢٦/١٢٣", [PLAIN], []),
        ("", [PLAIN], []),
    ],
)
def test_references_are_found_as_people_write_them_and_nothing_else_is(
    text: str, patterns: list[NumberPattern], found: list[str]
) -> None:
    assert parse_reference(text, patterns) == found


def test_what_is_written_is_found_again() -> None:
    for pattern in (PLAIN, SHORT, LONG):
        written = render_document(pattern, year=2026, number=77, document=3)
        assert parse_reference(f"Re: {written}", [pattern]) == [
            render_case(pattern, year=2026, number=77)
        ]


def test_at_most_ten_references_are_taken_from_a_subject() -> None:
    text = " ".join(f"2026/{n}" for n in range(1, 50))
    assert parse_reference(text, [PLAIN]) == [f"2026/{n}" for n in range(1, 11)]


def test_a_megabyte_of_almost_references_takes_no_time() -> None:
    start = time.perf_counter()
    parse_reference("KS " * 350_000, [LONG, SHORT, PLAIN])
    parse_reference("2026/" * 200_000, [LONG, SHORT, PLAIN])
    assert time.perf_counter() - start < 0.5


def test_mail_of_the_old_year_registered_in_the_new_gets_the_new_years_number() -> None:
    # 31 December 23:30 UTC is 00:30 on New Year's Day in Oslo and Stockholm.
    for zone in ("Europe/Oslo", "Europe/Stockholm"):
        assert number_year(datetime(2026, 12, 31, 22, 59, tzinfo=UTC), zone) == 2026
        assert number_year(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), zone) == 2027
    with pytest.raises(ValueError, match="time zone"):
        number_year(datetime(2026, 12, 31), "Europe/Oslo")  # noqa: DTZ001
