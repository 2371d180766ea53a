"""HTML of a mail made harmless for showing: nothing runs, nothing loads, nothing is sent.

The frame it is shown in has a sandbox and a policy of its own; this is the other lock.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

import nh3

from lib.mime.nesting import too_nested, without_tags

_TAGS = set(
    "a abbr address b bdi big blockquote br caption center cite code col colgroup dd del dfn div"
    " dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q s samp small span strike"
    " strong sub sup table tbody td tfoot th thead tr tt u ul var".split()
)
_DROPPED_WITH_CONTENT = set(
    "script style title template noscript iframe frame frameset noframes object embed applet svg"
    " math select option textarea button audio video canvas xmp plaintext noembed".split()
)
_SIZES = {"align", "valign", "width", "height", "bgcolor"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "dir", "lang", "title", "background"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": _SIZES | {"border", "cellpadding", "cellspacing"},
    "tr": _SIZES,
    "td": _SIZES | {"colspan", "rowspan"},
    "th": _SIZES | {"colspan", "rowspan"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "div": {"align"},
    "p": {"align"},
}
_PROPERTIES = re.compile(
    r"(?:background-color|color|direction|font(?:-(?:family|size|style|weight|variant))?"
    r"|text-(?:align|decoration|indent|transform)|line-height|letter-spacing|white-space"
    r"|vertical-align|(?:max-|min-)?(?:width|height)|list-style-type|word-(?:break|wrap)"
    r"|(?:margin|padding)(?:-(?:top|right|bottom|left))?|border-(?:collapse|spacing)"
    r"|border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width))?)"
)
# No parenthesis but a colour's, no backslash (it hides names), no @: nothing can be loaded.
_VALUE = re.compile(
    r"(?:[a-z0-9 #%.,'+!\"-]|rgba?\([0-9 .,%/]{1,60}\)|hsla?\([0-9a-z .,%/]{1,60}\)){1,300}"
)
_NEGATIVE = re.compile(r"(?:^|\s)-\d")
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]{1,200000}")
_LINK = re.compile(r"(?:https?://|mailto:)[^\s]{1,4000}", re.IGNORECASE)
_ROUNDS = 6
_MAX_CHARS = 2_000_000


@dataclass(frozen=True)
class Cleaned:
    """HTML that is safe to show, what was left out, and where it leads."""

    html: str
    blocked_images: int  # images and backgrounds that would have been loaded from elsewhere
    links: tuple[str, ...]  # addresses of the links, each once, in order


def clean(source: str, cid_urls: Mapping[str, str]) -> Cleaned:
    """`source` without anything that runs, loads, submits or covers.

    `cid_urls` maps Content-IDs (no angle brackets) to our own URLs of the parts (RFC 2392);
    those and small data: images are the only images left. Cleaning the result changes nothing.
    HTML nested to keep a parser busy is shown as text; two million characters are read at most.
    Tags closed in a twisted order still take seconds: use `child.ParserChild.clean_html`.
    """
    source = source[:_MAX_CHARS]
    if too_nested(source):
        return Cleaned(html.escape(without_tags(source), quote=False), 0, ())
    attributes = _Attributes(cid_urls)
    result = attributes.clean(source)
    blocked, links = attributes.blocked, tuple(dict.fromkeys(attributes.links))
    for _ in range(_ROUNDS):
        again = attributes.clean(result)
        if again == result:
            return Cleaned(result, blocked, links)
        result = again
    # A document that a browser would read differently each time is shown as text.
    return Cleaned(html.escape(nh3.clean(result, tags=set()), quote=False), blocked, links)


class _Attributes:
    """Decides on each attribute that nh3 lets through, and counts what it refuses."""

    def __init__(self, cid_urls: Mapping[str, str]) -> None:
        self._cid_urls = cid_urls
        self._own = frozenset(cid_urls.values())
        self.blocked = 0
        self.links: list[str] = []

    def clean(self, source: str) -> str:
        return nh3.clean(
            source,
            tags=_TAGS,
            clean_content_tags=_DROPPED_WITH_CONTENT,
            attributes=_ATTRIBUTES,
            attribute_filter=self._filter,
            set_tag_attribute_values={"a": {"target": "_blank"}},
            url_schemes={"http", "https", "mailto", "cid", "data"},
            link_rel="noopener noreferrer nofollow",
            strip_comments=True,
        )

    def _filter(self, tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return self._image(value.strip())
        if name == "background":
            self.blocked += 1
            return None
        if name == "style":
            return self._style(value)
        if name == "href":
            return self._link(value.strip())
        return value

    def _image(self, value: str) -> str | None:
        if value in self._own or _DATA_IMAGE.fullmatch(value):
            return value
        if value[:4].lower() == "cid:":
            return self._cid_urls.get(value[4:])
        self.blocked += 1
        return None

    def _link(self, value: str) -> str | None:
        if not _LINK.fullmatch(value):
            return None
        self.links.append(value)
        return value

    def _style(self, value: str) -> str | None:
        kept = []
        for declaration in value[:10_000].split(";"):
            name, _, setting = declaration.partition(":")
            name, setting = name.strip().lower(), setting.strip()
            if "url" in setting.lower():
                self.blocked += 1
            elif (
                _PROPERTIES.fullmatch(name)
                and _VALUE.fullmatch(setting.lower())
                and not _NEGATIVE.search(setting)
            ):
                kept.append(f"{name}: {setting}")
        return "; ".join(kept) or None
