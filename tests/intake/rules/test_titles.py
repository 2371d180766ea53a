"""Subjects as titles, and what in a title is not for everybody."""

from __future__ import annotations

import pytest

from intake.rules.subject import cleaned
from intake.rules.title_check import (
    NAME,
    TitleProblem,
    findings,
    public_title_problem,
    without_findings,
)
from lib.sensitive import Sensitive

# Of the public synthetic test population; its control digits are right.
NUMBER = "01010750160"


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Re: SV: Fwd:  Hull  i veien", "Hull i veien"),
        ("[EXT] Re[2]: Hull i veien", "Hull i veien"),
        ("VS: Fw (3): Hull i veien", "Hull i veien"),
        ("[Ekstern] Videresendt: Hull i veien", "Hull i veien"),
        # Words that only begin like a mark are the sender's own.
        ("Regulering: merknad", "Regulering: merknad"),
        ("Svar på brev", "Svar på brev"),
        ("VSB: tilbud", "VSB: tilbud"),
        ("Re:", ""),
        ("", ""),
    ],
)
def test_subject_loses_what_mail_programs_put_before_it(subject: str, title: str) -> None:
    assert cleaned(subject) == title


def test_number_of_the_case_is_not_said_again_but_another_number_stays() -> None:
    assert cleaned("Re: 2026/1 - Støttekontakt", number="2026/1") == "Støttekontakt"
    assert cleaned("Re: 2026/12 Støttekontakt", number="2026/1") == "2026/12 Støttekontakt"
    assert cleaned("Re: 2026/1", number="2026/1") == "2026/1"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Søknad for {NUMBER}", [(Sensitive.IDENTITY_NUMBER, NUMBER)]),
        ("Søknad fra Ola Nordmann om veglys", [(NAME, "Ola Nordmann")]),
        ("Klage fra Hansen", [(NAME, "Hansen")]),
        ("Ansökan av Anna-Karin Lundström", [(NAME, "Anna-Karin Lundström")]),
        ("Søknad om sykmelding", [(Sensitive.HEALTH, "sykmelding")]),
        ("Spørsmål om veglys i Storgata", []),
        ("Nordre Nes kommune, høring", []),
        # A name in lower case is a word: "tor", "dag" and "stein" are also that.
        ("stein og grus på en dag", []),
    ],
)
def test_what_everybody_may_not_read_is_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(each.kind, text[each.start : each.end]) for each in findings(text)] == found


def test_words_of_the_senders_name_are_names_though_no_list_has_them() -> None:
    assert findings("Klage, Zbigniewa Kowal") == []
    found = findings("Klage, Zbigniewa Kowal", names=["Zbigniewa Kowal"])
    assert [each.kind for each in found] == [NAME]


@pytest.mark.parametrize(
    ("title", "public"),
    [
        (f"Søknad om støttekontakt for Ola Nordmann {NUMBER}", "Søknad om støttekontakt for *****"),
        ("Søknad fra Ola Nordmann om veglys", "Søknad fra ***** om veglys"),
        # Nothing is left that says anything.
        ("Ola Nordmann", "Brev"),
        ("Legeerklæring - diabetes", "Brev"),
        ("Spørsmål om veglys", "Spørsmål om veglys"),
    ],
)
def test_public_title_leaves_out_what_was_found(title: str, public: str) -> None:
    assert without_findings(title, fallback="Brev") == public


def test_an_identity_number_is_never_public_and_a_name_only_after_a_look() -> None:
    number = f"Søknad for {NUMBER}"
    assert public_title_problem(number, looked_at=True) == TitleProblem.IDENTITY_NUMBER
    name = "Klage fra Ola Nordmann"
    assert public_title_problem(name, looked_at=False) == TitleProblem.NOT_LOOKED_AT
    assert public_title_problem(name, looked_at=True) is None
    assert public_title_problem("Klage på vedtak", looked_at=False) is None
