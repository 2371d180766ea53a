"""What in a text must not go out, nor stand in a title: where it is, and of what kind.

S2: nothing sensitive in a title or subject; sensitive mail is neither forwarded nor answered by
e-mail. The kinds are identity numbers (personopplysningsloven § 12; dataskyddslagen 3 kap. 10 §),
what GDPR article 9 names, and signs that an address is protected. Words are found by their stems,
so compounds and endings count; a wrong hit costs a look, a miss costs a leak.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from registry.rules.titles import identity_numbers

# Mail can be megabytes of text. What lies behind counts as unread, which is as good as a finding.
MAX_TEXT = 200_000


class Sensitive(StrEnum):
    """Kinds of what is sensitive."""

    IDENTITY_NUMBER = "identity_number"
    HEALTH = "health"
    PROTECTED_ADDRESS = "protected_address"
    OTHER_CATEGORY = "other_category"  # belief, politics, union, origin, sexuality, crime, care


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a text, from `start` to before `end`."""

    kind: Sensitive
    start: int
    end: int


# Anywhere in a word ("barnekreft"), for stems that no harmless word holds.
_INSIDE: dict[Sensitive, tuple[str, ...]] = {
    Sensitive.HEALTH: (
        *["diagnos", "psykiatr", "psykolog", "psykisk", "psykos", "psykose", "kreft", "cancer"],
        *["sykemeld", "sjukemeld", "sykmeld", "sjukskriv", "sjukmäl", "legeerklær", "läkarintyg"],
        *["legeattest", "epikrise", "pasientjournal", "pasjientjournal", "patientjournal"],
        *["depresjon", "depression", "selvmord", "sjølvmord", "självmord", "suicid", "demens"],
        *["autism", "epilep", "diabet", "schizo", "bipolar", "alkoholmis", "rusmid", "rusmis"],
        *["narkoman", "funksjonsneds", "funktionsneds", "funksjonshem", "utviklingshem"],
        *["uførhet", "uføretrygd", "multippel skl", "multipel skl", "kjemoterap", "kemoterap"],
        *["hjerteinf", "hjartein", "hjärtin", "hjerneslag", "stroke", "sykdom", "sjukdom"],
        *["mental health", "medical condition", "sick leave", "disability"],
    ),
    Sensitive.PROTECTED_ADDRESS: (
        *["adressesperre", "sperret adresse", "sperra adresse", "hemmelig adresse"],
        *["hemmeleg adresse", "skjult adresse", "fortrolig adresse", "fortruleg adresse"],
        *["skyddad adress", "skyddade personuppg", "skyddad folkbok", "sekretessmark"],
        *["kvarskriv", "hemlig adress", "skyddad identitet", "protected address"],
        *["secret address", "protected identity", "voldsalarm", "valdsalarm"],
    ),
    Sensitive.OTHER_CATEGORY: (
        *["fagforeningsmed", "fackmedlem", "fackföreningsmed", "religiøs tilh", "trossamfunn"],
        *["trossamfund", "seksuell legning", "sexuell läggning", "sexual orientation"],
        *["homofil", "transperson", "voldtekt", "valdtekt", "våldtäkt", "overgrep", "overgrip"],
        *["incest", "barnevernssak", "bekymringsmeld", "orosanmäl", "straffedømt", "strafferegist"],
        *["belastningsreg", "etnisk opp", "etniskt urs", "kriminalomsorg", "kriminalvård"],
    ),
}

# At the beginning of a word only: "langstrakt" is no anxiety.
_BEGINNING: dict[Sensitive, tuple[str, ...]] = {
    Sensitive.HEALTH: (
        *["angst", "ångest", "adhd", "abort", "gravid", "medisiner", "mediciner", "missbruk"],
        *["astma", "allergi", "svulst", "ufør", "tvangsinn", "tvångsvård", "hiv", "aids"],
        *["sjuk ", "syk ", "pregnan", "illness"],
    ),
    Sensitive.PROTECTED_ADDRESS: ("kode 6", "kode 7", "besøksforbud", "kontaktförbud"),
    Sensitive.OTHER_CATEGORY: ("muslim", "jødisk", "jødedom", "judisk", "straffbar"),
}


def _pattern() -> re.Pattern[str]:
    groups = []
    for kind in (Sensitive.HEALTH, Sensitive.PROTECTED_ADDRESS, Sensitive.OTHER_CATEGORY):
        inside = "|".join(map(_loose, _INSIDE[kind]))
        beginning = "|".join(map(_loose, _BEGINNING[kind]))
        groups.append(rf"(?P<{kind}>(?:{inside}|(?<!\w)(?:{beginning})))")
    return re.compile("|".join(groups), re.IGNORECASE)


def _loose(stem: str) -> str:
    """The stem; a blank in it may be a line's end or a hard blank."""
    return re.escape(stem).replace(r"\ ", r"\s{1,3}")


_WORDS = _pattern()
_WORD_BEGIN = re.compile(r"\w{0,40}\Z")
_WORD_END = re.compile(r"\w{0,40}")


def find_sensitive(text: str) -> list[Finding]:
    """What is sensitive in the first MAX_TEXT characters, in the order of the text.

    A finding covers whole words, so that what is left when it is struck out tells nothing.
    """
    text = text[:MAX_TEXT]
    found = [Finding(Sensitive.IDENTITY_NUMBER, *span) for span in identity_numbers(text)]
    for match in _WORDS.finditer(text):
        before = _WORD_BEGIN.search(text, max(0, match.start() - 40), match.start())
        after = _WORD_END.match(text, match.end())
        start = before.start() if before else match.start()
        end = after.end() if after and not match.group().endswith(" ") else match.end()
        found.append(Finding(Sensitive(str(match.lastgroup)), start, end))
    return sorted(found, key=lambda each: (each.start, each.end))


class NotForwarded(StrEnum):
    """Why a mail is not sent on by e-mail."""

    HELD = "held"  # nobody could read it
    ENCRYPTED = "encrypted"
    SENSITIVE = "sensitive"  # S2: sensitive mail is never forwarded
    TOO_LONG = "too_long"  # more text than is looked through
    TOO_LARGE = "too_large"  # more than mail systems take
    UNREAD_ATTACHMENTS = "unread_attachments"  # a person must have read them
    NO_ADDRESS = "no_address"  # the right body has no address for e-mail


# What a person can settle by having looked; the rest stands whatever anyone says.
SETTLED_BY_READING = frozenset({NotForwarded.UNREAD_ATTACHMENTS})

_ENCRYPTED = frozenset(
    {
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "multipart/encrypted",
        "application/pgp-encrypted",
        "application/pgp",
    }
)
_MAX_FORWARDED = 10_000_000  # bytes; with base64 a third more, and many servers stop at 20 MB


def why_not_forwarded(
    *,
    is_held: bool,
    texts: Sequence[str],
    attachment_types: Sequence[str],
    size: int,
    address: str,
) -> NotForwarded | None:
    """Ask whether a mail may be sent on to another body: None means yes.

    Norway: a written inquiry to the wrong authority should as a rule be sent on
    (forvaltningslovforskriften § 4); Sweden: as service (FL 6 §). Neither overrides secrecy
    (fvl. § 13; OSL) nor S2. What cannot be looked through is not sent: no by default.
    `texts` are subject, text, names and file names; `attachment_types` their types, by content and
    as declared.
    """
    if is_held:
        return NotForwarded.HELD
    if _ENCRYPTED & {each.lower() for each in attachment_types} or any(
        "-----BEGIN PGP MESSAGE-----" in text for text in texts
    ):
        return NotForwarded.ENCRYPTED
    if any(find_sensitive(text) for text in texts):
        return NotForwarded.SENSITIVE
    if any(len(text) > MAX_TEXT for text in texts):
        return NotForwarded.TOO_LONG
    if size > _MAX_FORWARDED:
        return NotForwarded.TOO_LARGE
    if not address:
        return NotForwarded.NO_ADDRESS
    return NotForwarded.UNREAD_ATTACHMENTS if attachment_types else None
