"""What in a text must not go out unprotected, nor stand in a title: where it is, of what kind.

The kinds are identity numbers (personopplysningsloven § 12; dataskyddslagen 3 kap. 10 §), what GDPR
articles 9 and 10 name, and signs that an address is protected. Words are found by their stems, so
compounds and endings count. A list of words finds no meaning: a wrong hit costs a look, a miss may
cost a leak, and a person decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# Mail can be megabytes of text. What lies behind counts as unread, which is as good as a finding.
MAX_TEXT = 200_000

# Eleven digits, also written "010190 12345"; ten or twelve with the mark before the last four.
_NORWEGIAN = re.compile(r"(?<!\d)(\d{6})[ \u00a0.-]?(\d{5})(?!\d)")
_SWEDISH = re.compile(
    r"(?<!\d)(?:\d{2})?(\d{6})[ \u00a0]?[-+\u2010-\u2013]?[ \u00a0]?(\d{4})(?!\d)"
)

_FIRST_CONTROL = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_CONTROL = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


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
        *["hjerteinf", "hjartein", "hjärtin", "hjerneslag", "sykdom", "sjukdom"],
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
        *["sosialhjelp", "økonomisk sosialhj", "försörjningsstöd", "ekonomiskt bistånd"],
        *[
            "omsorgsovertak",
            "fosterhjem",
            "fosterheim",
            "familjehem",
            "omhändertag",
            "gjeldsordning",
        ],
        *["skuldsanering", "fengselsstraff", "fängelsestraff", "mishandl", "misshandel"],
        *["vold i nære", "vald i nære", "dømt for", "dømd for", "dömd för", "sexual abuse"],
        *["belastningsreg", "etnisk opp", "etniskt urs", "kriminalomsorg", "kriminalvård"],
    ),
}

# At the beginning of a word only: "langstrakt" is no anxiety.
_BEGINNING: dict[Sensitive, tuple[str, ...]] = {
    Sensitive.HEALTH: (
        *["angst", "ångest", "adhd", "abort", "gravid", "medisiner", "mediciner", "missbruk"],
        *["astma", "allergi", "svulst", "ufør", "tvangsinn", "tvångsvård", "hiv", "aids"],
        *["sjuk ", "syk ", "pregnan", "illness", "stroke"],
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


def holds_identity_number(text: str) -> bool:
    """Whether the text holds a Norwegian or Swedish identity number with right control digits.

    Norwegian D-numbers (day + 40), help numbers (month + 40) and Swedish coordination numbers
    (day + 60) count too. A number with wrong control digits is taken for something else.
    """
    return bool(identity_numbers(text))


def identity_numbers(text: str) -> list[tuple[int, int]]:
    """Where in the text identity numbers stand, as (start, end), in its order."""
    norwegian = [
        found.span()
        for found in _NORWEGIAN.finditer(text)
        if _is_norwegian("".join(found.groups()))
    ]
    swedish = [
        found.span() for found in _SWEDISH.finditer(text) if _is_swedish("".join(found.groups()))
    ]
    return sorted({*norwegian, *swedish})


def _is_norwegian(digits: str) -> bool:
    """Eleven digits, two of them controls modulo 11 (folkeregisterforskriften § 2-2-1)."""
    numbers = [int(digit) for digit in digits]
    day, month = int(digits[:2]), int(digits[2:4])
    # Months + 80 and + 65 are those of test populations; + 40 of help numbers.
    if not _is_date(month, day, extra_day=40, extra_months=(40, 65, 80)):
        return False
    # The shorter weights leave out the last digits, on purpose.
    return all(
        sum(weight * number for weight, number in zip(weights, numbers, strict=False)) % 11 == 0
        for weights in (_FIRST_CONTROL, _SECOND_CONTROL)
    )


def _is_swedish(digits: str) -> bool:
    """Ten digits, the last a control modulo 10 (folkbokföringslagen 18 §)."""
    if not _is_date(int(digits[2:4]), int(digits[4:6]), extra_day=60, extra_months=()):
        return False
    total = 0
    for place, digit in enumerate(digits):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return total % 10 == 0


def _is_date(month: int, day: int, *, extra_day: int, extra_months: tuple[int, ...]) -> bool:
    if day > extra_day:
        day -= extra_day
    months = {month, *(month - extra for extra in extra_months)}
    return 1 <= day <= 31 and any(1 <= each <= 12 for each in months)
