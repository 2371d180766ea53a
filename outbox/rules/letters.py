"""A letter's text from a template and values: a subject, plain text, and HTML that says the same.

A template is `Subject: …`, a blank line, then paragraphs with a blank line between them.
`{name}` stands for a value. A paragraph that holds a placeholder whose value is empty is left
out whole; that is how sentences are optional. Letters carry no links, because a municipality
that sends links teaches people to follow them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from types import MappingProxyType

LANGUAGES = ("nb", "nn", "sv", "en")

_SUBJECT = "Subject:"
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# Everything that is neither printable nor a line's end or tab; also the marks that turn the
# direction of writing, with which a value could make a number read backwards.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")

_FOOTER = frozenset({"municipality", "postal_address", "phone", "central_address"})

# What a template of each kind may hold. Never the citizen's subject line or the case's title:
# both can be sensitive, and a letter travels unprotected (eForvaltningsforskriften § 5).
PLACEHOLDERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "acknowledgement": _FOOTER
        | {
            "ref",
            "message_number",
            "received_date",
            "received_time",
            "unit",
            "answer_by",
            "portal_address",
        },
        "receipt": _FOOTER | {"message_number", "received_date", "received_time", "portal_address"},
        "misdirected": _FOOTER
        | {"ref", "received_date", "received_time", "body", "forwarded_to", "send_to"},
        # to another public body, with the citizen's mail attached
        "forwarded": _FOOTER | {"ref", "received_date", "received_time", "body"},
        "missing_information": _FOOTER
        | {"ref", "received_date", "received_time", "items", "deadline", "portal_address"},
        "interim_reply": _FOOTER | {"ref", "reason", "answer_by"},
        "answer": _FOOTER | {"ref", "heading", "written", "author", "unit"},
        # to our own operators
        "alarm": _FOOTER | {"alarm", "count", "address"},
        "alarm_cleared": _FOOTER | {"alarm", "count", "address"},
        # to colleagues
        "notice_assigned": _FOOTER | {"ref"},
        "notice_mention": _FOOTER | {"ref"},
        "notice_threat": _FOOTER | {"ref"},
        "notice_escalated": _FOOTER | {"ref"},
        "digest": _FOOTER | {"count", "overdue", "soon", "week", "reminded", "escalated"},
    }
)

# What each kind is for: without these the letter does not do what the law asks of it.
REQUIRED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        # time of receipt and the number as reference: eForvaltningsforskriften § 6
        "acknowledgement": frozenset({"ref", "received_date", "received_time"}),
        "receipt": frozenset({"message_number", "received_date", "received_time"}),
        # say that it went wrong and name the right body: forvaltningsloven § 11, FL 6 §
        "misdirected": frozenset({"received_date", "received_time", "body"}),
        # when it came to us, which may save a deadline: forvaltningslovforskriften § 4, FL 6 §
        "forwarded": frozenset({"ref", "received_date", "received_time"}),
        # what is missing and by when: eForvaltningsforskriften § 7
        "missing_information": frozenset({"ref", "items", "deadline"}),
        # the cause; the expected date only "if possible": forvaltningsloven § 11 a, FL 11 §
        "interim_reply": frozenset({"ref", "reason"}),
        # the person's own words, and the number: forvaltningsloven § 11 a, FL 9 §
        "answer": frozenset({"ref", "heading", "written"}),
        "alarm": frozenset({"alarm"}),
        "alarm_cleared": frozenset({"alarm"}),
        "notice_assigned": frozenset({"ref"}),
        "notice_mention": frozenset({"ref"}),
        "notice_threat": frozenset({"ref"}),
        "notice_escalated": frozenset({"ref"}),
        "digest": frozenset({"count"}),
    }
)

# Values that a person of ours has written, with paragraphs of their own. All others come from rows
# that a sender may have filled, and stay within the paragraph that they are put in.
_WRITTEN = frozenset({"written"})


@dataclass(frozen=True)
class Rendered:
    """A letter ready to send. `subject` is one line; `html` says what `text` says."""

    subject: str
    text: str
    html: str


@lru_cache
def placeholders(template_text: str) -> frozenset[str]:
    """The names that `template_text` asks values for.

    Raises ValueError for a brace that belongs to no placeholder, so that a slip of the pen
    (`{ref`, `{Ref}`) is found when the text is saved and not in a citizen's inbox.
    """
    stray = re.search(r"[{}]", _PLACEHOLDER.sub("", template_text))
    if stray:
        raise ValueError(f"a {stray.group()!r} is not part of a placeholder like {{ref}}")
    return frozenset(_PLACEHOLDER.findall(template_text))


def check(kind: str, template_text: str) -> None:
    """Raise ValueError, naming the cause, unless the text can serve as a letter of `kind`."""
    if kind not in PLACEHOLDERS:
        raise ValueError(f"no such kind of letter: {kind}")
    _split(template_text)
    used = placeholders(template_text)
    unknown = used - PLACEHOLDERS[kind]
    if unknown:
        raise ValueError(f"unknown placeholders: {', '.join(sorted(unknown))}")
    missing = REQUIRED[kind] - used
    if missing:
        raise ValueError(f"missing placeholders: {', '.join(sorted(missing))}")


def with_footer(template_text: str, footer_text: str) -> str:
    """The template with the municipality's footer as its last paragraph."""
    return f"{template_text.rstrip()}\n\n{footer_text.strip()}\n"


def render(
    template_text: str,
    values: Mapping[str, str],
    *,
    lang: str,
    required: Collection[str] = (),
) -> Rendered:
    """Fill in `values` and return the letter in language `lang`.

    Values that the template does not ask for are ignored. Raises ValueError, naming them, for
    placeholders without a value, for an empty value in the subject and for an empty value
    among `required` (see `REQUIRED`).
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no letters in language: {lang}")
    subject_template, paragraphs = _split(template_text)
    unknown = placeholders(template_text) - set(values)
    if unknown:
        raise ValueError(f"no value for placeholders: {', '.join(sorted(unknown))}")
    clean = {
        name: _paragraphs(value) if name in _WRITTEN else _clean(value)
        for name, value in values.items()
    }
    empty = {name for name, value in clean.items() if not value}
    needed = set(required) | placeholders(subject_template)
    refused = {name for name in needed if not clean.get(name)}
    if refused:
        raise ValueError(f"empty value for placeholders: {', '.join(sorted(refused))}")

    # One line, whatever a value holds: a line's end here would be a header of the sender's own.
    subject = " ".join(_fill(subject_template, clean).split())
    kept = [_fill(part, clean) for part in paragraphs if not placeholders(part) & empty]
    text = "\n\n".join(kept) + "\n"
    return Rendered(subject=subject, text=text, html=_html(subject, text, lang))


def format_date(day: date, lang: str) -> str:
    """`day` in words: 21. november 2026 (nb, nn), 21 november 2026 (sv), 21 November 2026 (en)."""
    dot = "." if lang in ("nb", "nn") else ""
    return f"{day.day}{dot} {_months(lang)[day.month - 1]} {day.year}"


def format_time(clock: time | datetime, lang: str) -> str:
    """The local time of day to the minute: 08.12 (nb, nn, sv), 08:12 (en)."""
    _months(lang)
    return f"{clock:%H:%M}" if lang == "en" else f"{clock:%H.%M}"


_MONTHS = {
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
}
_MONTHS["nn"] = _MONTHS["nb"]


def _months(lang: str) -> list[str]:
    if lang not in _MONTHS:
        raise ValueError(f"no month names in language: {lang}")
    return _MONTHS[lang].split()


@lru_cache
def _split(template_text: str) -> tuple[str, tuple[str, ...]]:
    """Subject template and paragraph templates."""
    head, _, body = _lines(template_text).strip().partition("\n")
    if not head.startswith(_SUBJECT) or not head.removeprefix(_SUBJECT).strip():
        raise ValueError("the first line is not a subject: Subject: …")
    if body.partition("\n")[0].strip():
        raise ValueError("the line after the subject is not blank")
    paragraphs = tuple(part.strip() for part in re.split(r"\n\s*\n", body) if part.strip())
    if not paragraphs:
        raise ValueError("there is no text after the subject")
    return head.removeprefix(_SUBJECT).strip(), paragraphs


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)], template)


def _lines(text: str) -> str:
    return re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)


def _clean(value: str) -> str:
    """No unprintable characters and no blank lines: a value never makes a paragraph of its own."""
    lines = _UNPRINTABLE.sub("", _lines(value)).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _paragraphs(value: str) -> str:
    """Paragraphs as they were written, each clean, with one blank line between them."""
    parts = re.split(r"\n[^\S\n]*\n", _UNPRINTABLE.sub("", _lines(value)))
    return "\n\n".join(part for part in map(_clean, parts) if part)


def _html(subject: str, text: str, lang: str) -> str:
    paragraphs = (
        "<p>" + html.escape(part).replace("\n", "<br>\n") + "</p>"
        for part in text.strip().split("\n\n")
    )
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(subject)}</title>\n</head>\n<body>\n"
        + "\n".join(paragraphs)
        + "\n</body>\n</html>\n"
    )
