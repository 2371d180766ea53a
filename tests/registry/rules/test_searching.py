"""What a search looks through."""

from __future__ import annotations

from registry.rules.searching import of_the_unit

SEES = ["unit:3", "unit:4", "caseworker:9", "case:17"]


def test_one_unit_is_looked_through_by_its_own_mark_and_by_what_is_ones_own_elsewhere() -> None:
    assert of_the_unit(SEES, ["unit:4", "direction:incoming"]) == [
        "unit:4",
        "caseworker:9",
        "case:17",
    ]


def test_in_a_unit_that_one_does_not_see_only_what_is_ones_own_is_looked_for() -> None:
    assert of_the_unit(SEES, ["unit:8"]) == ["caseworker:9", "case:17"]


def test_without_a_unit_nothing_is_left_out() -> None:
    assert of_the_unit(SEES, ["direction:incoming"]) == SEES
