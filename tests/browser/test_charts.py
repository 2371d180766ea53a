"""Charts in a real browser: contrast, reflow, forced colours, print."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lib import charts
from lib.charts import Event, Picture, Point
from tests.browser.samples import RECEIVED, shell


@pytest.fixture
def address(site, render):
    counts = [12, 31, 0, 0, 44, 52, 38, 29, 31, 3, 0, 61, 47, 18]
    waits = [14, 20, 20, 20, 31, 43, 40, 22, 18, 21, 21, 52, 40, 33]
    points = [
        Point(f"{day} November 2026", str(day), *pair)
        for day, pair in enumerate(zip(counts, waits, strict=True), start=12)
    ]
    kinds = ["in", "out", "asked", "in", "now", "over", "due"]
    words = [
        "Received 2026/118-1",
        "Acknowledged",
        "Asked for information",
        "Received 2026/118-3",
        "Today",
        "Interim reply",
        "Answer",
    ]
    days = [0, 1, 6, 20, 26, 24, 44]
    events = [
        Event(
            RECEIVED + timedelta(days=on), kind, word, f"{RECEIVED + timedelta(days=on):%d.%m.%Y}"
        )
        for on, kind, word in zip(days, kinds, words, strict=True)
    ]
    weeks = [("Week 48", "48", [4, 7, 2]), ("Week 49", "49", [1, 3, 0]), ("Week 50", "50", [0] * 3)]

    def picture(name, shape, *series):
        conclusion = f"366 came in fourteen days, most on 23 November (61): {name}."
        return Picture(name, f"Title of {name}", conclusion, "Day", series, shape)

    context = shell(
        bars=picture("bars", charts.bars(points), "Came", "Wait at the end of the day"),
        small=picture("small", charts.bars(points, height=28, with_words=False), "Came", "Wait"),
        stack=picture("stack", charts.stack(weeks), "Answers", "Interim replies", "Other"),
        rows=picture("rows", charts.rows([("Up to a day", 12), ("Older", 3)]), "Wait"),
        split=picture(
            "split",
            charts.shares([(word, 1) for word in ("In time", "Late", "Not sent", "Held", "Waits")]),
        ),
        axis=picture("axis", charts.axis(events)),
    )
    return site.add("/charts", render("sample_charts.html", **context))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_charts_break_no_rule_and_have_their_numbers_under_them(
    page_at, address, axe, width, scheme
):
    page = page_at(width, scheme)
    page.goto(address)
    for summary in page.locator(".chart summary").all():
        summary.click()
    axe(page)
    assert page.locator("svg[role=img]:visible").count() == 6
    assert "52" in page.inner_text(".chart:first-of-type table")
    # One drawing of the case: lying where there is room, standing on a phone.
    assert page.is_visible(".lying") == (width == 1280)
    assert page.is_visible(".standing") == (width == 390)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide == page.evaluate("document.documentElement.clientWidth")


def test_charts_on_paper_are_black_on_white_and_show_the_numbers(page_at, address):
    page = page_at(1280, "dark")
    page.goto(address)
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        """() => [...new Set([...document.querySelectorAll('.chart svg *')].flatMap(e => {
        const s = getComputedStyle(e); return [s.fill, s.stroke] }))]"""
    )
    plain = {"rgb(0, 0, 0)", "rgb(255, 255, 255)", "none"}
    assert {each for each in colours if not each.startswith("url(")} <= plain
    heights = "e => e.getBoundingClientRect().height"
    assert page.locator(".chart table").first.evaluate(heights) > 0


def test_forced_colours_leave_bars_and_words_to_be_seen(page_at, address):
    page = page_at(1280, forced_colors="active")
    page.goto(address)
    edge, text, paper = page.evaluate(
        """() => ['.fill-edge', 'text', '.fill-paper'].map(name => {
        const s = getComputedStyle(document.querySelector('.chart ' + name));
        return name === '.fill-edge' ? s.stroke : s.fill })"""
    )
    assert edge != paper
    assert text != paper
