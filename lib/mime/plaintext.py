"""Plain text of HTML, for search, preview and language guess; never for showing as HTML."""

from __future__ import annotations

import html
import re

import nh3

from lib.mime.charsets import scrub
from lib.mime.nesting import too_nested, without_tags

_BREAKING = re.compile(r"(?i)<(?=/?(?:p|div|tr|li|h[1-6]|br|hr|table|blockquote|pre|ul|ol)\b)")
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]+")
_ANY_BLANK = re.compile(r"\s+")
_MANY_BREAKS = re.compile(r" ?\n[ \n]*\n ?|\s?\n\s?")
_HIDDEN = {"script", "style", "title", "template", "noscript", "textarea", "svg", "math"}


def from_html(source: str, limit: int) -> str:
    """Text of the first `limit` characters of `source`, without tags, at most `limit` long."""
    marked = _BREAKING.sub("\n<", _ANY_BLANK.sub(" ", source[:limit]))
    if too_nested(marked):
        marked = without_tags(marked)
    bare = html.unescape(nh3.clean(marked, tags=set(), clean_content_tags=_HIDDEN))
    text = _MANY_BREAKS.sub(_break, _BLANKS.sub(" ", bare))
    return scrub(text.strip()[:limit])


def _break(match: re.Match[str]) -> str:
    return "\n\n" if match[0].count("\n") > 2 else "\n"
