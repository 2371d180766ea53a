"""The subject line of a mail as a title: without what mail programs put before it."""

from __future__ import annotations

import re

# Reply and forward marks of English, bokmål, nynorsk, Swedish, Danish, Finnish and German mail
# programs, also counted ("Re[2]:", "SV (3):"), and the marks that mail gateways put on post from
# outside.
_MARK = re.compile(
    r"\s*(?:"
    r"(?:re|aw|antw|sv|svar|vs|vb|fw|fwd|wg|vl|videresendt|vidaresendt|vidarebefordrat)"
    r"\s*(?:\[\d+\]|\(\d+\))?\s*[:：]"
    r"|\[(?:ext|extern|external|ekstern|eksternt|externt|spam\??)\]:?"
    r"|(?:ekstern e-post|extern e-post|external)\s*:"
    r")\s*",
    re.IGNORECASE,
)
_MAX_MARKS = 50


def cleaned(subject: str, *, number: str = "") -> str:
    """The subject on one line without reply and forward marks; "" when nothing else is in it.

    `number` is that of the case which it is to be registered in: what is said of the case by its
    number needs not be said again in words.
    """
    text = " ".join(subject.split())
    for _again in range(_MAX_MARKS):
        mark = _MARK.match(text)
        if mark is None:
            break
        text = text[mark.end() :]
    if number and text.startswith(number) and not text[len(number) :][:1].isalnum():
        return text[len(number) :].strip(" ,.:;–-") or text
    return text.strip()
