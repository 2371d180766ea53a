"""What in a title should not be read by everybody, and a public title without it.

What is sensitive is found by the rule that all texts are searched by (lib/sensitive.py),
names of persons by lists. A person decides; an identity number is never let through.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from lib.sensitive import Sensitive, find_sensitive
from registry.rules.titles import MAX_TITLE

# What stands in place of what is left out (offentlegforskrifta § 7; OSL 5 kap. 2 §).
OMITTED = "*****"


NAME = "name"  # seems to be the name of a person


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and where in the text."""

    kind: str  # a Sensitive, or NAME
    start: int
    end: int


class TitleProblem(StrEnum):
    """Why a public title cannot be taken as it is."""

    IDENTITY_NUMBER = "identity_number"  # never
    NOT_LOOKED_AT = "not_looked_at"  # not before a person has looked at what is marked


# Given names that are borne often in both countries, and that are no ordinary words there.
_GIVEN = frozenset(
    "aase abdi agnes ahmad ahmed aisha aksel albin alexander alexandra alf ali alice alma amalie "
    "amanda amina amir anders andrea andreas andré ane anette anita anja ann anna anne annette "
    "annika anton are aril arild arne arvid asbjørn astrid audun august barbro beate benjamin "
    "bente berit bertil birgit birgitta birger birgitte bjarne bjørg bjørn björn bo bodil "
    "britt camilla carina carl caroline casper cathrine cecilia cecilie charlotte christer "
    "christian christina christine christoffer dag dagfinn daniel david ebba edvard egil einar "
    "eirik elias elin elisabeth elise elisabet ella ellen elsa else emil emilia emilie emma erica "
    "erik erika erlend erling espen eva even evelina fatima felix filip finn fredrik frida frode "
    "fredrika gabriel geir georg gerd gjertrud gro grete greta gudrun gun gunilla gunn gunnar "
    "gunvor gustav gøran göran hanna hannah hans harald hassan hedda heidi helen helena helene "
    "helge henrik henriette hilde hugo håkan håkon håvard ibrahim ida ina ingeborg ingebjørg "
    "ingegerd inge inger ingrid ingvild isabella isak ivar jakob jan janne jarle jens jesper "
    "jennifer jenny johan johanna johannes john jon jonas jorunn josefin josefine julia julie "
    "jørgen jörgen kaja kari karl karin karina karoline kathrine katarina katrine kent kenneth "
    "kerstin ketil kim kjell kjersti kjetil klara knut kristian kristin kristina kristine "
    "kristoffer kåre lars laila leif lena lennart linda linn linnea linnéa lisa lise liv lotta "
    "louise lovisa ludvig lukas magne magnhild magnus maja malin margareta margit margrete "
    "marianne maria marie marit marius markus marte marthe martin mats matilda mattias mette "
    "mia michael mikael mikkel mohamed mohammad mohammed mona monica monika morten nils nina "
    "nora odd oddvar oda ola olav ole olga oline olivia omar oscar oskar ove patrik paul per "
    "pernille peter petter petra pia pål pär rachel ragnar ragnhild randi rebecka renate rikard "
    "robert roger roland rolf roy rune ruth sander sandra sara sebastian selma signe sigrid "
    "sigrun siri siv sofia sofie solveig stein steinar stian stig stina sturla susanne svein "
    "sven sverre synne sigurd sindre tage terje thea thomas thor tobias tom tommy tone tonje "
    "tor tore torgeir torill tormod torstein tove trine trond trude truls tuva ulf ulla ulrika "
    "unni ursula vegard vera victoria vidar viktor viktoria vigdis wenche wilhelm william yasmin "
    "yngve yusuf yvonne øivind øystein øyvind åke åsa åse".split()
)
_SURNAME_ENDINGS = ("sen", "sson", "sdotter", "sdatter")
_CAPITALISED = re.compile(r"(?<![\w@])[^\W\d_]+(?:-[^\W\d_]+)*", re.UNICODE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_LONE_MARKS = re.compile(rf"{re.escape(OMITTED)}(?:[\s,]+{re.escape(OMITTED)})+")
# Words that say nothing when what they were about is gone.
_EMPTY_WORDS = frozenset("om for til fra vedr vedrørende angående till från gjelder gäller".split())


def findings(text: str, *, names: Collection[str] = ()) -> list[Finding]:
    """What in the text should not be public, in its order; places do not overlap.

    `names` are names that are known from elsewhere (the sender's): their words count as names.
    """
    found = [Finding(each.kind, each.start, each.end) for each in find_sensitive(text)]
    found += [Finding(NAME, *place) for place in _names(text, names)]
    order = [*Sensitive, NAME]
    kept: list[Finding] = []
    for each in sorted(found, key=lambda one: (order.index(one.kind), one.start)):
        if all(each.end <= other.start or each.start >= other.end for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda one: one.start)


def public_title_problem(
    public_title: str, *, names: Collection[str] = (), looked_at: bool
) -> TitleProblem | None:
    """Why everybody may not read this title, or None (S2: nothing sensitive in a title)."""
    found = findings(public_title, names=names)
    if any(each.kind == Sensitive.IDENTITY_NUMBER for each in found):
        return TitleProblem.IDENTITY_NUMBER
    return TitleProblem.NOT_LOOKED_AT if found and not looked_at else None


def without_findings(text: str, *, names: Collection[str] = (), fallback: str) -> str:
    """A public title: the text with what was found left out, or `fallback` if too little is left.

    The result holds nothing that `findings` would find; a fallback is taken as it is.
    """
    pieces, end = [], 0
    for each in findings(text, names=names):
        pieces += [text[end : each.start], OMITTED]
        end = each.end
    shown = _LONE_MARKS.sub(OMITTED, "".join([*pieces, text[end:]]))
    shown = " ".join(shown.split())[:MAX_TITLE].strip(" ,;:–-")
    meaning = {word.lower() for word in _WORD.findall(shown)} - _EMPTY_WORDS
    return shown if meaning and not findings(shown, names=names) else fallback


def _names(text: str, known: Collection[str]) -> list[tuple[int, int]]:
    """Runs of capitalised words that hold a given name, a patronymic, or a word of a known name."""
    own = {word.lower() for name in known for word in _WORD.findall(name)}
    runs: list[list[re.Match[str]]] = []
    for match in _CAPITALISED.finditer(text):
        if not match[0][0].isupper():
            continue
        if runs and text[runs[-1][-1].end() : match.start()] in (" ", "\u00a0"):
            runs[-1].append(match)
        else:
            runs.append([match])
    found = []
    for run in runs:
        first = next((n for n, match in enumerate(run) if _is_name(match[0], own)), None)
        if first is not None:
            found.append((run[first].start(), run[-1].end()))
    return found


def _is_name(word: str, own: Collection[str]) -> bool:
    lower = word.lower()
    if lower in own or lower.split("-")[0] in _GIVEN:
        return True
    return len(lower) >= 6 and lower.endswith(_SURNAME_ENDINGS)
