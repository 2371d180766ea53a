"""Templates keep to what the Content-Security-Policy allows and say everything through gettext."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
FORBIDDEN = {
    "inline style": re.compile(r"<style|\sstyle\s*="),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:"),
    "evaluated htmx": re.compile(r"hx-on|hx-vars|[\"']js:"),
    "another host": re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//"),
}
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<!--.*?-->|<[^>]+>|&[a-z#0-9]+;", re.DOTALL)
TRANSLATED = re.compile(r"\{% blocktranslate.*?%\}.*?\{% endblocktranslate %\}", re.DOTALL)
CLASSES = re.compile(r"\{% block (?:body_class|size) %\}.*?\{% endblock[^%]*%\}")
COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
# Names, keys and marks that are the same in every language.
SAME_EVERYWHERE = {"kommunepost", "Ctrl", "Shift", "Enter", "Ctrl + Enter"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_holds_nothing_the_content_security_policy_refuses(path):
    text = COMMENT.sub("", path.read_text())
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_has_no_words_outside_gettext(path):
    text = CLASSES.sub("", COMMENT.sub("", path.read_text()))
    bare = TAGS.sub("\n", TRANSLATED.sub("\n", text))
    words = {line.strip() for line in bare.splitlines() if re.search(r"[A-Za-zÀ-ž]{2}", line)}
    assert words <= SAME_EVERYWHERE
