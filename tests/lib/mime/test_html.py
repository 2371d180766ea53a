"""Mail shown as HTML runs nothing, loads nothing, sends nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.mime.html import clean
from lib.mime.plaintext import from_html

PIECES = [
    "<script>x</script>", "<img src=http://x.no/a.png>", "<img src='cid:a'>", "<b>", "</b>",
    "<p style='color:red;background:url(//x.no)'>", "</p>", "<table>", "<td background=//x.no>",
    "<a href='https://x.no/?a&b'>", "</a>", "<svg><style>", "</style>", "<math><mi>", "<form>",
    "<input>", "<!--", "-->", "<noscript>", "<title>", "</title>", "&lt;", "å", "<", "&amp;",
    "<iframe src=//x.no>", "<base href=//x.no>", "<meta http-equiv=refresh>", "<textarea>",
    "<img src=x onerror=alert(1)>", "<a href='java&#10;script:x'>", "<h1>", "<ul><li>", "\x00",
]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<form action=//x.no><input name=q></form>",
        "<iframe src=//x.no></iframe>",
        "<base href=//x.no><link rel=stylesheet href=//x.no><meta http-equiv=refresh content=0>",
        "<body onLoad.=alert(1) background=javascript:alert(1)>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<a href=javascript:alert(1)>x</a><a href='data:text/html,x'>y</a><a href=/logout>z</a>",
        "<p style='background:u\\72l(//x.no)'>x</p><p style='position:fixed;top:0'>y</p>",
        "<p id=csrf name=q class=button>x</p>",
        "<img src=//x.no/a srcset=//x.no/b><video poster=//x.no/c><table background=//x.no/d>",
    ],
)
def test_nothing_that_runs_or_loads_is_left(source: str) -> None:
    cleaned = clean(source, {}).html.lower()
    assert not re.search(r"<(script|style|form|input|svg|math|iframe|base|link|meta)\b", cleaned)
    assert not re.search(
        r"\s(on\w+|src|srcset|background|poster|id|name|class|href|action)\s*=", cleaned
    )
    assert "url" not in cleaned
    assert "position" not in cleaned


def test_only_inline_images_of_the_mail_itself_are_shown() -> None:
    source = (
        '<img src="cid:logo@x"><img src="cid:absent"><img src="https://x.no/t.gif">'
        '<img src="data:image/png;base64,AAAA"><img src="data:image/svg+xml;base64,AAAA">'
    )
    cleaned = clean(source, {"logo@x": "/message/1/part/2"})
    assert re.findall('src="([^"]*)"', cleaned.html) == [
        "/message/1/part/2",
        "data:image/png;base64,AAAA",
    ]
    assert cleaned.blocked_images == 2


def test_links_are_kept_and_listed_without_telling_where_the_reader_came_from() -> None:
    cleaned = clean('<a href="https://example.no/a?b=1&amp;c=2">x</a>', {})
    assert cleaned.links == ("https://example.no/a?b=1&c=2",)
    assert 'rel="noopener noreferrer nofollow"' in cleaned.html
    assert 'target="_blank"' in cleaned.html


def test_harmless_style_stays() -> None:
    assert (
        'style="color: red; font-size: 12px"'
        in clean('<p style="color:red;font-size:12px;display:none">x</p>', {}).html
    )


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_cleaning_twice_is_cleaning_once(source: str) -> None:
    urls = {"a": "/message/1/part/2"}
    once = clean(source, urls).html
    assert clean(once, urls).html == once
    assert not re.search(r"<script|onerror=|<form|<svg|//x\.no/a\.png", once)


def test_html_nested_to_keep_a_parser_busy_is_shown_as_text() -> None:
    assert "hei" in clean("<div>" * 100_000 + "hei", {}).html
    assert from_html("<div>" * 100_000 + "hei", 1_000_000) == "hei"


def test_text_of_html_keeps_lines_and_drops_what_is_not_shown() -> None:
    source = "<style>p{}</style><p>Hei &aring;</p><p>linje<br>to</p><script>x</script>"
    assert [line for line in from_html(source, 1_000).splitlines() if line] == [
        "Hei å",
        "linje",
        "to",
    ]
