"""Geometry of charts, held against calculations by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lib import charts
from lib.charts import Event, Point

START = datetime(2026, 11, 2, 8, tzinfo=UTC)


def test_bars_and_their_line_share_one_scale():
    # 138 high, 20 for words below and 18 for numbers above: 100 pixels for the most, which is 20.
    drawn = charts.bars([Point("Mon", "2", 10, 5), Point("Tue", "3", 0, 20)], height=138)
    first, second = drawn.bars
    assert drawn.floor == 118
    assert (first.x, first.width, first.middle) == ("7.5%", "35%", "25%")
    assert (first.y, first.height, first.above) == (68, 50, 64)
    assert (second.x, second.y, second.height) == ("57.5%", 118, 0)
    assert drawn.line == (charts.Segment("25%", 93, "75%", 18),)
    assert all(bar.is_ticked for bar in drawn.bars)


def test_of_many_days_every_other_is_named_on_a_phone_and_always_the_newest():
    ticked = [bar.is_ticked for bar in charts.bars([Point("", "", 1)] * 14).bars]
    assert ticked == [False, True] * 7


def test_one_among_a_thousand_is_still_seen():
    drawn = charts.bars([Point("", "", 1), Point("", "", 10_000)], height=138)
    assert [bar.height for bar in drawn.bars] == [1, 100]
    assert drawn.line == ()
    assert drawn.end is None


def test_nothing_at_all_is_drawn_as_nothing():
    assert [bar.height for bar in charts.bars([Point("", "", 0, 0)]).bars] == [0]
    assert charts.bars([]).bars == ()
    assert charts.stack([]).columns == ()
    assert charts.rows([("", 0)]).rows[0].width == "0%"
    assert charts.shares([("", 0)])[0].width == "0%"
    assert charts.axis([]).marks == ()


def test_parts_of_a_column_stand_on_each_other_up_to_its_sum():
    # 138 high: 100 pixels for the most, which is 10.
    drawn = charts.stack([("w 48", "48", [3, 0, 2]), ("w 49", "49", [5, 4, 1])], height=138)
    first, second = drawn.columns
    assert [(part.series, part.y, part.height) for part in first.parts] == [
        (0, 88, 30),
        (2, 68, 20),
    ]
    assert [(part.y, part.height) for part in second.parts] == [(68, 50), (28, 40), (18, 10)]
    assert (first.total, first.above, second.above) == (5, 64, 14)


def test_rounded_parts_add_up_to_the_rounded_sum():
    # Three of three thirds: 33 + 34 + 33 pixels, not 3 x 33.
    (column,) = charts.stack([("", "", [1, 1, 1])], height=138).columns
    assert [part.height for part in column.parts] == [33, 34, 33]


def test_more_series_than_patterns_are_refused():
    with pytest.raises(ValueError, match="5 series"):
        charts.stack([("", "", [1, 1, 1, 1, 1])])


def test_lying_bars_are_measured_against_the_longest():
    drawn = charts.rows([("today", 3), ("a week", 12), ("older", 0)])
    assert [row.width for row in drawn.rows] == ["25%", "100%", "0%"]
    assert [row.y for row in drawn.rows] == [19, 57, 95]
    assert drawn.height == 114


def test_shares_follow_each_other_and_are_rounded_to_whole_percents():
    in_time, late, missing = charts.shares([("in time", 5), ("late", 1), ("missing", 2)])
    assert (in_time.x, in_time.width, in_time.of_hundred) == ("0%", "62.5%", 63)
    assert (late.x, late.width, late.of_hundred) == ("62.5%", "12.5%", 13)
    assert (missing.x, missing.width) == ("75%", "25%")


def test_events_stand_where_their_time_is():
    def event(days):
        return Event(START + timedelta(days=days), "in", "x", "2 Nov")

    drawn = charts.axis([event(10), event(0), event(5)])
    # One percent is left free at either end: 1 + 98 x 0.5 = 50.
    assert [mark.x for mark in drawn.marks] == ["1%", "50%", "99%"]
    # Four pixels a day, at least 40 and at most 88: five days are 20, so 40.
    assert [mark.y for mark in drawn.marks] == [18, 58, 98]
    assert [mark.lane for mark in drawn.marks] == [0, 0, 0]


def test_words_of_events_close_together_stand_in_lanes_of_their_own():
    same = [Event(START, "in", f"Registered {number}", "2 November") for number in range(6)]
    far = Event(START + timedelta(days=100), "due", "Answer", "10 February 2027")
    drawn = charts.axis([*same, far])
    assert [mark.lane for mark in drawn.marks] == [0, 1, 2, 3, None, None, 0]
    assert [mark.words_y for mark in drawn.marks[:4]] == [14, 52, 90, 128]
    # The last one's words would not fit to the right of it, so they end at the edge.
    assert (drawn.marks[-1].words_x, drawn.marks[-1].anchor) == ("100%", "end")
    assert (drawn.marks[0].words_x, drawn.marks[0].anchor) == ("0%", "start")
    assert drawn.marks[-1].y == drawn.marks[-2].y + 88
