from __future__ import annotations

from datetime import date

import pytest

from lib.asked import day, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("17", 17), ("0", 0), ("²", None), ("١٧", None), ("-1", None), ("", None), ("9" * 30, None)],
)
def test_a_number_is_what_we_could_have_written(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "x", "2026-02-31", "1999-12-31", "2026-11-26", "9999-12-31"])
def test_what_is_no_day_of_those_is_the_last_of_them(text: str) -> None:
    last = date(2026, 11, 25)
    assert day(text, first=date(2000, 1, 1), last=last) == last
    assert day("2026-11-22", first=date(2000, 1, 1), last=last) == date(2026, 11, 22)
