"""A seeded registry of a million entries, written with COPY: Norwegian and Swedish words in the
frequencies of language, people, units and years."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from tqdm import tqdm

_HEADS = """
skole barnehage bygge plan vei vann avløps helse omsorgs kultur idretts miljø nærings bolig
eiendoms kommune samfunns beredskaps barnevern sosial pensjons lønns valg skatte avgifts
renovasjons brann hjemme sykehjems trafikk parkerings gang sykkel park lekeplass fritids skog
jordbruks vilt havne bibliotek ungdoms svømmehall vedlikeholds regulerings detaljplan
dispensasjons förskole bygglovs hälso äldre vägbelysnings färdtjänst livsmedels strandskydds
""".split()
_TAILS = """
søknad plan sak vedtak klage tilskudd rapport tilsyn avtale møte høring tillatelse prosjekt
budsjett utredning tjeneste plass bygg område ordning gebyr utvalg kontroll melding notat
ansökan ärende beslut yttrande anmälan bidrag avtal tillsyn granskning handling avgift
""".split()
_ENDINGS = ("", "en", "er", "ene", "et", "s")
COMMON = """
søknad skole kommunen svar vedtak barn møte plan klage frist sak tiltak ansökan beslut ärende
dokument vedlegg eiendom tomt vei helse informasjon spørsmål tilbakemelding oversendelse
""".split()
_FIRST = """
Kari Ola Anne Per Ingrid Lars Liv Jan Marit Knut Solveig Bjørn Åse Øyvind Gro Tor Hilde Arne Nina
Erik Astrid Sven Gösta Märta Åke Britt Lennart Karin Fatima Ahmed Amina Mohammed Nguyen Piotr
Agnieszka Máret Ánte Elle Jovnna Emma Nora Olivia Noah Jakob William Lucas Alma Ebba Saga
""".split()
_LAST_HEADS = """
Berg Lund Hauge Nord Sør Vest Øst Sol Ås Stein Strand Skog Bjørk Ek Gran Fjell Dal Elv Sjø Lind
Ström Back Häll Kvam Myr Nes Rød Ske Tveit Vik Ødegård Sæter Hjelm Sand Ring Holm Ny Löf Öst Dahl
""".split()
_LAST_TAILS = """
heim stad sen sson land gren ström berg mo vik nes li ås dal gård rud hagen bakken eng strand
lund skog set voll hus by vold tun moen lid
""".split()
_SYLLABLES = "ka ri mo ta le no si va de lu ha ro me ni sa to ve li ga ne do ma ru ki pe so".split()
_YEARS = 8
UNITS = range(101, 115)
TYPES = range(101, 109)
END = datetime(2026, 11, 20, 15, tzinfo=UTC)
# Every so many entries begin a case of two hundred.
_BIG_CASE, _BIG = 50_000, 200


class Words:
    """Words in falling frequency (Zipf), each with the lexemes that the database makes of it."""

    def __init__(self, chance: random.Random) -> None:
        self.rare = ["".join(parts) for parts in itertools.product(_HEADS, _TAILS, _ENDINGS)]
        chance.shuffle(self.rare)
        self._words = COMMON + self.rare
        weights = (1 / (rank + 10) for rank in range(len(self._words)))
        self._weights = list(itertools.accumulate(weights))
        self.lexemes = _lexemes(self._words, "registry_words")

    def some(self, chance: random.Random, number: int) -> list[str]:
        return chance.choices(self._words, cum_weights=self._weights, k=number)


class People:
    """Some common names and a long tail of rare ones, some 50,000 surnames."""

    def __init__(self, chance: random.Random) -> None:
        common = [head + tail for head, tail in itertools.product(_LAST_HEADS, _LAST_TAILS)]
        chance.shuffle(common)
        rare = {
            "".join(chance.choices(_SYLLABLES, k=chance.randint(3, 4))).title()
            for _ in range(60_000)
        }
        self._last = ["Hansen", "Johansson", "Nordmann", *common, *sorted(rare)]
        self._weights = list(itertools.accumulate(1 / (n + 5) for n in range(len(self._last))))
        self.lexemes = _lexemes([*_FIRST, *self._last], "registry_names")

    def one(self, chance: random.Random) -> tuple[str, str]:
        return chance.choice(_FIRST), chance.choices(self._last, cum_weights=self._weights)[0]


def filled() -> int:
    """How many entries there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(entry_id), 0) FROM registry_searchentry")
        return int(cursor.fetchone()[0])


def fill(entries: int, *, seed: int = 1) -> None:
    """Write units, cases, entries and parties, and what is searched of them; then ANALYZE."""
    chance = random.Random(seed)
    words, people = Words(chance), People(chance)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")
        cursor.execute(_FRAME, [UNITS[0], UNITS[-1], TYPES[0], TYPES[-1]])
        cursor.execute("DROP INDEX searched_by_words, searched_by_number, searched_newest_first")
        with tqdm(total=entries, unit="entry", desc="registry") as progress:
            for first in range(1, entries + 1, 20_000):
                number = min(20_000, entries + 1 - first)
                _Batch(chance, words, people, first, number, entries).write()
                progress.update(number)
        for table in ("case", "entry", "party"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('registry_{table}', 'id'), max(id)) "
                f"FROM registry_{table}"
            )
        names = sorted({lexeme for found in people.lexemes.values() for lexeme in found})
        _copy("registry_searchname", [{"word": name} for name in names])
        for statement in tqdm(_FINISH, desc="indexes", unit="step"):
            cursor.execute(statement)
        cursor.execute("RESET session_replication_role; RESET statement_timeout")


_FRAME = """
INSERT INTO accounts_unit (id, code, name, is_active, four_eyes)
    SELECT n, 'u' || n, 'Enhet ' || n, TRUE, FALSE FROM generate_series(%s::int, %s::int) n;
INSERT INTO registry_authority (id, code, name, is_active) VALUES (101, 'ks', 'KS', TRUE);
INSERT INTO registry_series
    (id, authority_id, name, prefix, case_pattern, document_pattern, is_active)
    VALUES (101, 101, 'Arkiv', '', '{year}/{number}', '-{document}', TRUE);
INSERT INTO registry_documenttype
    (id, code, name, class_code, must_register, clock, disposal, legal_basis, is_active,
     four_eyes)
    SELECT n, 't' || n, 'Type ' || n, 'F20', TRUE, 'none', 'keep', '', TRUE, FALSE
    FROM generate_series(%s::int, %s::int) n;
"""

# As the migration has them, made at once instead of entry by entry.
_FINISH = (
    "SET maintenance_work_mem = '512MB'",
    "CREATE INDEX searched_newest_first"
    " ON registry_searchentry (registered_at DESC, entry_id DESC)",
    "CREATE INDEX searched_by_number ON registry_searchentry (number_key text_pattern_ops)",
    "CREATE INDEX searched_by_words ON registry_searchentry USING gin (marks, words, public_words)"
    " WITH (fastupdate = on, gin_pending_list_limit = 256)",
    "VACUUM (ANALYZE) registry_searchentry",
    "VACUUM (ANALYZE) registry_entry",
    "VACUUM (ANALYZE) registry_case",
    "VACUUM (ANALYZE) registry_party",
    "ANALYZE registry_searchname",
)


class _Batch:
    """Consecutive entries, four to a case in the mean; the case has the id of its first entry."""

    def __init__(
        self,
        chance: random.Random,
        words: Words,
        people: People,
        first: int,
        number: int,
        entries: int,
    ) -> None:
        self._chance, self._words, self._people = chance, words, people
        self._step = timedelta(days=365 * _YEARS) / entries
        self._first_at = END - self._step * entries
        self._rows: dict[str, list[dict[str, Any]]] = {
            f"registry_{name}": [] for name in ("case", "entry", "party", "searchentry")
        }
        pk = first
        while pk < first + number:
            size = _BIG if pk % _BIG_CASE == 1 else chance.randint(1, 7)
            size = min(size, first + number - pk)
            case = self._case(pk, size)
            for document in range(1, size + 1):
                self._entry(case, document)
            pk += size

    def write(self) -> None:
        for table, rows in self._rows.items():
            _copy(table, rows)

    def _at(self, pk: int) -> datetime:
        return self._first_at + self._step * pk

    def _title(self) -> list[str]:
        return self._words.some(self._chance, self._chance.randint(3, 7))

    def _case(self, pk: int, size: int) -> dict[str, Any]:
        title, at = self._title(), self._at(pk)
        access = self._chance.choices(("open", "exempt", "unassessed"), (70, 20, 10))[0]
        case = {
            "id": pk,
            "series_id": 101,
            "year": at.year,
            "number": pk,
            "reference": f"{at.year}/{pk}",
            "title": " ".join(title),
            "public_title": title[0],
            "access": access,
            "legal_basis": "offl. § 13" if access == "exempt" else "",
            "unit_id": UNITS[min(int(self._chance.expovariate(0.25)), len(UNITS) - 1)],
            "status": "closed" if at.year < END.year - 1 else "open",
            "opened_at": at,
            "opened_by": "system:bench",
            "void_reason": "",
            "last_document": size,
            "version": 1,
            "is_restricted": False,
        }
        self._rows["registry_case"].append(case)
        return case

    def _entry(self, case: dict[str, Any], document: int) -> None:
        pk = case["id"] + document - 1
        title, at = self._title(), self._at(pk)
        entry = {
            "id": pk,
            "case_id": case["id"],
            "document": document,
            "reference": f"{case['reference']}-{document}",
            "running_year": at.year,
            "running_number": pk,
            "series_id": 101,
            "direction": "incoming" if document % 2 else "outgoing",
            "title": " ".join(title),
            "public_title": " ".join(title[:3]),
            "document_type_id": self._chance.choice(TYPES),
            "access": case["access"],
            "legal_basis": case["legal_basis"],
            "arrived_at": at,
            "registered_at": at,
            "registered_by": "system:bench",
            "status": "registered",
            "void_reason": "",
            "message_number": "",
            "version": 1,
        }
        name = self._people.one(self._chance)
        self._rows["registry_entry"].append(entry)
        self._rows["registry_party"].append(
            {
                "id": pk,
                "entry_id": pk,
                "role": "sender" if document % 2 else "recipient",
                "name": " ".join(name),
                "email": f"innbygger{pk}@post.example",
                "postal_address": "Storgata 1",
                "is_person": True,
                "from_version": 1,
            }
        )
        self._rows["registry_searchentry"].append(self._searched(case, entry, title, name))

    def _searched(
        self, case: dict[str, Any], entry: dict[str, Any], title: list[str], name: tuple[str, str]
    ) -> dict[str, Any]:
        """What the product's own statement makes, without asking the database a million times."""
        text = self._words.some(self._chance, 60)
        marks = [
            f"week:{int(entry['registered_at'].timestamp()) // 604_800}",
            *(f"unit:{case['unit_id']}", f"case:{case['id']}", "series:101", "authority:101"),
            *(f"type:{entry['document_type_id']}", f"direction:{entry['direction']}"),
            *(f"access:{entry['access']}", "status:registered"),
            *(["attachment:yes"] if self._chance.random() < 0.3 else []),
        ]
        words, names = self._words.lexemes, self._people.lexemes
        weighted = [
            *((lexeme, "A") for word in title for lexeme in words[word]),
            *((lexeme, "B") for word in name for lexeme in names[word]),
            *((lexeme, "D") for word in text for lexeme in words[word]),
        ]
        return {
            "entry_id": entry["id"],
            "registered_at": entry["registered_at"],
            "number_key": "".join(char for char in entry["reference"] if char.isalnum()),
            "marks": marks,
            "public_words": _vector((lexeme, "A") for word in title[:3] for lexeme in words[word]),
            "words": _vector(weighted),
            "text_state": "done",
            "text_attempts": 1,
            "text_problems": "{}",
        }


def _vector(weighted: Iterable[tuple[str, str]]) -> str:
    places: dict[str, str] = {}
    for place, (lexeme, weight) in enumerate(weighted, 1):
        known = places.get(lexeme)
        places[lexeme] = f"{known},{place}{weight}" if known else f"{place}{weight}"
    return " ".join(f"'{lexeme}':{where}" for lexeme, where in places.items())


def _lexemes(words: list[str], function: str) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT word, tsvector_to_array({function}(word)) FROM unnest(%s::text[]) word",
            [words],
        )
        return dict(cursor.fetchall())


def _copy(table: str, rows: list[dict[str, Any]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(rows[0])}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(tuple(row.values()))
