"""What must not go out, nor stand in a title. Identity numbers are of the public test series."""

from __future__ import annotations

import pytest

from lib.sensitive import MAX_TEXT, Sensitive, find_sensitive


def kinds(text: str) -> list[str]:
    return [found.kind.value for found in find_sensitive(text)]


@pytest.mark.parametrize(
    ("text", "kind", "marked"),
    [
        # Month + 80: nobody's. 1·7+8·6+1·1+9·8+1·4 = 132 = 12·11, so the first control is 0;
        # 1·4+8·3+1·2+9·7+1·5 = 98, 98 + 1 = 9·11, so the second is 1.
        ("Gjelder 018190 10001.", Sensitive.IDENTITY_NUMBER, "018190 10001"),
        ("Jeg har fått en diagnose", Sensitive.HEALTH, "diagnose"),
        ("Sonen min har barnekreft.", Sensitive.HEALTH, "barnekreft"),
        ("Jag är sjukskriven nu", Sensitive.HEALTH, "sjukskriven"),
        ("I am on sick leave", Sensitive.HEALTH, "sick leave"),
        ("Jeg bor på hemmelig\nadresse", Sensitive.PROTECTED_ADDRESS, "hemmelig\nadresse"),
        (
            "Hon har skyddade personuppgifter",
            Sensitive.PROTECTED_ADDRESS,
            "skyddade personuppgifter",
        ),
        ("orosanmälan om ett barn", Sensitive.OTHER_CATEGORY, "orosanmälan"),
        ("ANGST", Sensitive.HEALTH, "ANGST"),
    ],
)
def test_what_is_sensitive_is_found_with_its_kind_as_whole_words(
    text: str, kind: Sensitive, marked: str
) -> None:
    (found,) = find_sensitive(text)
    assert found.kind is kind
    assert text[found.start : found.end] == marked


@pytest.mark.parametrize(
    "text",
    [
        "Spørsmål om veglys i Storgata 1, 0001 NN",
        "Langstrakte kommuner og saksbehandling",
        "Søknad om byggetillatelse, gnr. 12 bnr. 345, tlf. 12 34 56 78",
        "Faktura 12345678901 av 1.2.2026",  # eleven digits without a date or its control digits
        "Ansökan om bygglov på fastigheten Norsjö 1:23",
        "Kjekt med gravemaskin på arbeidsplassen",
    ],
)
def test_common_words_are_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_findings_come_in_the_order_of_the_text_and_long_text_ends() -> None:
    text = "Min diagnose er kreft. Kode 6."
    assert kinds(text) == ["health", "health", "protected_address"]
    assert kinds("x " * MAX_TEXT + "diagnose") == []
