"""Numbers made into the geometry of pictures: attributes of SVG, without words of their own.

Across, lengths are percent of the picture's width, so that a picture fits a phone and a sheet
without its text being squeezed; down, they are pixels. Lengths are text or whole numbers, because a
template writes a fraction with the reader's own decimal comma, which no browser understands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

# Fills that can be told apart without colour (components/chart_patterns.html).
MOST_SERIES = 4

_ABOVE = 18  # room for the number above the highest bar
_BELOW = 20  # room for the words below the line
_GAP = 0.3  # of the room of a bar
_ALL_TICKED = 8  # more words than these touch each other on a phone


@dataclass(frozen=True)
class Picture:
    """What a chart template shows: the drawing, its words, and the sentence that it proves.

    `id` is unique on the page; `head` is what the rows of the table are ("Day"), `series` what its
    columns are.
    """

    id: str
    title: str
    conclusion: str
    head: str
    series: Sequence[str]
    shape: Any


def percent(value: float) -> str:
    """A length across, such as "7.14%"."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True)
class Point:
    """A day, or another step: how many in it, and how high the line stands at its end."""

    label: str
    short: str
    count: int
    line: int | None = None


@dataclass(frozen=True)
class Bar:
    """A bar with its place; `middle` is where its words stand."""

    point: Point
    x: str
    width: str
    middle: str
    y: int
    height: int
    is_ticked: bool

    @property
    def above(self) -> int:
        """Where the foot of the number above the bar stands."""
        return self.y - 4


@dataclass(frozen=True)
class Segment:
    """A straight piece of a line."""

    x1: str
    y1: int
    x2: str
    y2: int


@dataclass(frozen=True)
class Bars:
    """Bars, and over them a line in the same scale."""

    bars: tuple[Bar, ...]
    line: tuple[Segment, ...]
    height: int
    floor: int
    words_y: int

    @property
    def end(self) -> Segment | None:
        """The last piece of the line."""
        return self.line[-1] if self.line else None


def bars(points: Sequence[Point], *, height: int = 140, with_words: bool = True) -> Bars:
    """Bars of the points' counts and a line of their `line`, all in one scale.

    What is more than nothing is seen: its bar is at least a pixel high.
    """
    above, below = (_ABOVE, _BELOW) if with_words else (2, 1)
    floor = height - below
    most = max((max(each.count, each.line or 0) for each in points), default=0) or 1
    room = 100 / max(len(points), 1)

    def tall(count: int) -> int:
        return max(round(count * (floor - above) / most), 1 if count else 0)

    drawn = tuple(
        Bar(
            point=each,
            x=percent(room * (place + _GAP / 2)),
            width=percent(room * (1 - _GAP)),
            middle=percent(room * (place + 0.5)),
            y=floor - tall(each.count),
            height=tall(each.count),
            # Counted from the last one, which is today.
            is_ticked=len(points) <= _ALL_TICKED or (len(points) - place) % 2 == 1,
        )
        for place, each in enumerate(points)
    )
    tops = [
        (bar.middle, floor - tall(bar.point.line)) for bar in drawn if bar.point.line is not None
    ]
    line = tuple(Segment(x1, y1, x2, y2) for (x1, y1), (x2, y2) in pairwise(tops))
    return Bars(drawn, line, height, floor, height - 5)


@dataclass(frozen=True)
class Part:
    """One series' share of a column."""

    series: int
    count: int
    y: int
    height: int


@dataclass(frozen=True)
class Column:
    """What is stacked in a column; `above` is where its sum is written."""

    label: str
    short: str
    counts: tuple[int, ...]
    parts: tuple[Part, ...]
    x: str
    width: str
    middle: str
    above: int
    is_ticked: bool

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Stack:
    """Columns beside each other, each made of the same series from below."""

    columns: tuple[Column, ...]
    height: int
    floor: int
    words_y: int


def stack(columns: Sequence[tuple[str, str, Sequence[int]]], *, height: int = 160) -> Stack:
    """Columns of label, short label and the counts of each series, the first at the foot."""
    floor = height - _BELOW
    most = max((sum(counts) for _, _, counts in columns), default=0) or 1
    room = 100 / max(len(columns), 1)
    drawn = []
    for place, (label, short, counts) in enumerate(columns):
        if len(counts) > MOST_SERIES:
            raise ValueError(f"{len(counts)} series cannot be told apart")
        parts, below = [], 0
        for series, count in enumerate(counts):
            # From running sums, so that rounding never adds up to another total.
            foot = round(below * (floor - _ABOVE) / most)
            below += count
            top = round(below * (floor - _ABOVE) / most)
            if count:
                parts.append(Part(series, count, floor - max(top, foot + 1), max(top - foot, 1)))
        drawn.append(
            Column(
                label=label,
                short=short,
                counts=tuple(counts),
                parts=tuple(parts),
                x=percent(room * (place + _GAP / 2)),
                width=percent(room * (1 - _GAP)),
                middle=percent(room * (place + 0.5)),
                above=(parts[-1].y if parts else floor) - 4,
                is_ticked=len(columns) <= _ALL_TICKED or place % 2 == 0,
            )
        )
    return Stack(tuple(drawn), height, floor, height - 5)


@dataclass(frozen=True)
class Row:
    """A bar that lies, below its own words."""

    label: str
    count: int
    width: str
    words_y: int
    y: int


@dataclass(frozen=True)
class Rows:
    rows: tuple[Row, ...]
    height: int
    thick: int = 14


def rows(counts: Sequence[tuple[str, int]]) -> Rows:
    """Bars that lie below each other: how many of each age, for example."""
    most = max((count for _, count in counts), default=0) or 1
    step = 38
    return Rows(
        tuple(
            Row(label, count, percent(count * 100 / most), place * step + 14, place * step + 19)
            for place, (label, count) in enumerate(counts)
        ),
        height=len(counts) * step,
    )


@dataclass(frozen=True)
class Share:
    """A part of a whole."""

    label: str
    series: int
    count: int
    x: str
    width: str
    # Of a hundred, to the nearest whole one.
    of_hundred: int


def shares(counts: Sequence[tuple[str, int]]) -> tuple[Share, ...]:
    """One bar that is divided; what is nothing has no width."""
    total = sum(count for _, count in counts)
    found, before = [], 0
    for series, (label, count) in enumerate(counts):
        found.append(
            Share(
                label=label,
                series=series,
                count=count,
                x=percent(before * 100 / (total or 1)),
                width=percent(count * 100 / (total or 1)),
                of_hundred=(200 * count + total) // (2 * total) if total else 0,
            )
        )
        before += count
    return tuple(found)


@dataclass(frozen=True)
class Event:
    """Something on a time axis. `kind` is the shape: in, out, asked, due, over or now."""

    at: datetime
    kind: str
    label: str
    # The day, or day and time, as it is written.
    when: str


@dataclass(frozen=True)
class Mark:
    """An event with its place on the lying and on the standing axis.

    `lane` is the row of its words on the lying axis, from the top; None where there is no room for
    them: the list below the picture has them all.
    """

    event: Event
    x: str
    words_x: str
    anchor: str
    lane: int | None
    words_y: int
    y: int

    @property
    def when_y(self) -> int:
        """The second line of the words on the lying axis."""
        return self.words_y + 15

    @property
    def foot(self) -> int:
        """Where the leader from words to axis begins."""
        return self.words_y + 19


@dataclass(frozen=True)
class Axis:
    """Events along time: lying for wide pages, standing for phones."""

    marks: tuple[Mark, ...]
    height: int
    line_y: int
    standing_height: int


_LANES = 4
_LANE = 38
_WIDE = 640  # pixels: the least width at which the lying axis is shown
_LETTER = 7.2  # pixels of an average letter of the words
_LEAST_STEP, _MOST_STEP, _STEP_OF_DAY = 40, 88, 4


def axis(events: Sequence[Event]) -> Axis:
    """Events in the order of time, with words that do not run into each other.

    On the standing axis two days are further apart than one, but never so far that nothing else
    fits on a phone.
    """
    ordered = sorted(events, key=lambda event: event.at)
    if not ordered:
        return Axis((), 0, 0, 0)
    span = max(ordered[-1].at - ordered[0].at, timedelta(days=1))
    ends = [0.0] * _LANES  # how far to the right each lane is taken
    places: list[tuple[Event, float, float, int | None]] = []
    for event in ordered:
        x = 1 + 98 * ((event.at - ordered[0].at) / span)
        long = max(len(event.label), len(event.when)) * _LETTER * 100 / _WIDE
        begin = x - 1 if x - 1 + long <= 100 else max(100 - long, 0)
        lane = next((number for number, end in enumerate(ends) if end <= begin), None)
        if lane is not None:
            ends[lane] = begin + long + 1
        places.append((event, x, begin, lane))
    used = 1 + max((lane for _, _, _, lane in places if lane is not None), default=0)
    marks: list[Mark] = []
    y, before = 18, ordered[0].at
    for event, x, begin, lane in places:
        if marks:
            step = round((event.at - before) / timedelta(days=1) * _STEP_OF_DAY)
            y += min(max(step, _LEAST_STEP), _MOST_STEP)
        before = event.at
        # The earlier event of two has the upper lane: its leader passes left of the other's words.
        words_y = 14 + (lane or 0) * _LANE
        anchor, words_x = ("start", x - 1) if begin == x - 1 else ("end", 100.0)
        marks.append(Mark(event, percent(x), percent(words_x), anchor, lane, words_y, y))
    line_y = used * _LANE + 10
    return Axis(tuple(marks), line_y + 14, line_y, y + 30)
