"""The gate outwards: what may leave by plain e-mail, which anyone on its way can read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from lib.jurisdictions import Country
from lib.sensitive import MAX_TEXT, Sensitive, find_sensitive


class Stop(StrEnum):
    """Why a letter does not leave by e-mail. There is no way past it but another channel."""

    EXEMPT = "exempt"  # the letter is exempt from public access
    ANSWERS_EXEMPT = "answers_exempt"  # what it answers, or the case, is exempt
    SENSITIVE = "sensitive"
    TOO_LONG = "too_long_to_look_through"
    FILES_UNCHECKED = "files_unchecked"
    NO_ADDRESS = "no_email_address"


@dataclass(frozen=True, slots=True)
class Stopped:
    """The reason, the paragraph it comes from ("" for what is no law), and what was found."""

    why: Stop
    paragraph: str = ""
    kinds: tuple[Sensitive, ...] = ()


_PARAGRAPH: dict[Country, str] = {
    "NO": "eForvaltningsforskriften § 5; forvaltningsloven § 13",
    "SE": "offentlighets- och sekretesslagen; dataskyddsförordningen artikel 32",
}


def stopped(
    *,
    country: Country,
    access: str,
    answered_access: Collection[str],
    texts: Collection[str],
    files: int,
    files_checked: bool,
    address: str,
) -> Stopped | None:
    """Return why a letter may not leave by e-mail, or None when it may.

    `access` is the letter's own, `answered_access` that of the entry it answers and of the case;
    `texts` all that is written in it, with the names of its files. What is exempt is neither sent
    nor answered by e-mail (eForvf. § 5, fvl. § 13; OSL, GDPR art. 32). No rule reads the files: a
    person has looked through them, or they stay here.
    """
    paragraph = _PARAGRAPH[country]
    if access == "exempt":
        return Stopped(Stop.EXEMPT, paragraph)
    if "exempt" in answered_access:
        return Stopped(Stop.ANSWERS_EXEMPT, paragraph)
    kinds = {finding.kind for text in texts for finding in find_sensitive(text)}
    if kinds:
        return Stopped(Stop.SENSITIVE, paragraph, tuple(sorted(kinds)))
    if any(len(text) > MAX_TEXT for text in texts):
        return Stopped(Stop.TOO_LONG, paragraph)
    if files and not files_checked:
        return Stopped(Stop.FILES_UNCHECKED, paragraph)
    return None if address else Stopped(Stop.NO_ADDRESS)
