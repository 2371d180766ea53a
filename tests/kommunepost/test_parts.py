"""The smallest parts of pages say what their components promise."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import timezone, translation

# Two o'clock at night in Oslo, where the clock is one hour ahead of UTC in winter.
AT = datetime(2026, 11, 25, 1, 5, 30, tzinfo=UTC)
ISO = "2026-11-25T02:05:30+01:00"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% when at %}", f'<time datetime="{ISO}">25 November 2026, 02:05</time>'),
        ("{% when at on=today %}", f'<time datetime="{ISO}">02:05</time>'),
        (
            "{% when at on=other short=True %}",
            f'<time datetime="{ISO}">25 Nov 02:05</time>',
        ),
        ("{% when nothing %}", ""),
        (
            '{% include "components/when.html" with at=at on=today only %}',
            f'<time datetime="{ISO}">02:05</time>',
        ),
        ("{% day at %}", f'<time datetime="{ISO}">25 Nov 2026</time>'),
        (
            '{% icon "ok" %}',
            '<svg class="icon" aria-hidden="true" focusable="false">'
            '<use href="/static/icons.svg#ok"/></svg>',
        ),
        (
            '{% due_chip "over" "A<b>" other %}',
            '<span class="chip" data-status="due">{icon}<span>A&lt;b&gt;: overdue, '
            '<time datetime="2026-12-01">1 December 2026</time></span></span>',
        ),
        (
            '{% due_chip "soon" "A" other "in 6 days" short=True %}',
            '<span class="chip" data-status="soon">{icon}<span>A: due soon, '
            '<time datetime="2026-12-01">1 Dec</time> (in 6 days)</span></span>',
        ),
        # In a list the word says which day that is; a paused one has none.
        (
            '{% due_chip "today" "" today short=True %}',
            '<span class="chip" data-status="due">{icon}<span>due today</span></span>',
        ),
        (
            '{% include "components/deadline_chip.html" with state="paused" name="A" only %}',
            '<span class="chip" data-status="paused">{icon}<span>A: paused</span></span>',
        ),
    ],
)
def test_a_part_of_a_page(source: str, expected: str) -> None:
    values = {"at": AT, "today": date(2026, 11, 25), "other": date(2026, 12, 1)}
    with translation.override("en"), timezone.override(ZoneInfo("Europe/Oslo")):
        template = engines["django"].from_string("{% load parts %}" + source)
        shown = template.render(values).strip()
    shape = expected.split('data-status="')[1].split('"')[0] if "data-status" in expected else ""
    icon = (
        '<svg class="icon" aria-hidden="true" focusable="false">'
        f'<use href="/static/icons.svg#{shape}"/></svg>'
    )
    assert shown == expected.replace("{icon}", icon)
