from __future__ import annotations

import pytest

from intake.rules.kind import MessageKind
from intake.rules.placing import (
    DocumentKind,
    Earlier,
    Placed,
    TypeReason,
    UnitReason,
    propose_document_type,
    propose_unit,
)

LETTER, ACCESS, APPEAL, ROADS, ADVERTISING = (
    DocumentKind(1, "Alminnelig henvendelse", False, True),
    DocumentKind(2, "Innsynskrav", True, True),
    DocumentKind(3, "Klage på vedtak", False, True),
    DocumentKind(4, "Vei, vann og avløp", False, True),
    DocumentKind(5, "Reklame og rundsending", False, False),
)
KINDS = [LETTER, ACCESS, APPEAL, ROADS, ADVERTISING]


def earlier(*rows: tuple[int, int]) -> list[Earlier]:
    return [Earlier(9, True, unit, kind) for unit, kind in rows]


def unit(**changes: object) -> Placed:
    asked = {"case_unit": None, "earlier": [], "mailbox_unit": 7, "mailbox_is_central": True}
    return propose_unit(**{**asked, **changes})  # type: ignore[arg-type]


def test_the_unit_of_the_proposed_case_wins_over_all_else() -> None:
    found = unit(case_unit=3, earlier=earlier((4, 1), (4, 1)))
    assert found == Placed(3, UnitReason.CASE)


def test_like_titles_speak_for_a_unit_when_most_of_them_agree() -> None:
    assert unit(earlier=earlier((4, 1), (4, 1), (5, 1))) == Placed(4, UnitReason.EARLIER)
    assert unit(earlier=earlier((4, 1), (5, 1))) == Placed(7, UnitReason.MAILBOX)


def test_a_units_own_mailbox_says_more_than_likeness() -> None:
    found = unit(earlier=earlier((4, 1)), mailbox_is_central=False)
    assert found == Placed(7, UnitReason.MAILBOX)


def kind(subject: str = "", **changes: object) -> Placed | None:
    asked = {
        "kinds": KINDS,
        "text": "",
        "file_names": [],
        "kind": MessageKind.PERSON,
        "earlier": [],
    }
    return propose_document_type(subject=subject, **{**asked, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Spørsmål", "Jeg ber om innsyn i sak 2026/1", (ACCESS.id, TypeReason.ACCESS_REQUEST)),
        ("Begäran om allmän handling", "", (ACCESS.id, TypeReason.ACCESS_REQUEST)),
        ("Klage", "", (APPEAL.id, TypeReason.WORDS)),
        ("Hull i veien", "", (ROADS.id, TypeReason.WORDS)),
        # "på vedtak" tells what an appeal is about, not what it is.
        ("Spørsmål om vedtak", "", (LETTER.id, TypeReason.NONE)),
        # "vei" is a word of its own: a guide is no road.
        ("Veileder", "", (LETTER.id, TypeReason.NONE)),
        ("God jul", "", (LETTER.id, TypeReason.NONE)),
    ],
)
def test_words_tell_the_kind_of_document(
    subject: str, text: str, expected: tuple[int, str]
) -> None:
    assert kind(subject, text=text) == Placed(*expected)


def test_files_bulk_and_earlier_post_tell_it_in_this_order() -> None:
    before = earlier((1, ROADS.id))
    named = kind("Se vedlegg", file_names=["Klage.pdf"], earlier=before)
    assert named == Placed(APPEAL.id, TypeReason.FILES)
    bulk = kind("Tilbud", kind=MessageKind.LIST, earlier=before)
    assert bulk == Placed(ADVERTISING.id, TypeReason.BULK)
    assert kind("Tilbud", earlier=before) == Placed(ROADS.id, TypeReason.EARLIER)
    assert kind("Tilbud", earlier=earlier((1, 99))) == Placed(LETTER.id, TypeReason.NONE)
    assert kind("Tilbud", kinds=[]) is None
