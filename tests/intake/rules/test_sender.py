from __future__ import annotations

import time

import pytest

from intake.rules.sender import Missing, missing_from_sender

ADDRESS = "kari@example.no"
COMPLETE = "Hei\n\nJeg søker om byggetillatelse.\n\nHilsen\nKari Nordmann\nStorgata 1\n0155 Oslo\n"


def test_name_and_postal_address_in_the_text_are_enough() -> None:
    assert missing_from_sender("", ADDRESS, COMPLETE) == ()


def test_a_display_name_is_enough_for_the_name() -> None:
    assert missing_from_sender("Kari Nordmann", ADDRESS, "Hei") == (Missing.POSTAL_ADDRESS,)
    assert missing_from_sender("Nordmann, Kari", ADDRESS, "Hei") == (Missing.POSTAL_ADDRESS,)


@pytest.mark.parametrize(
    "name", ["", "kari", "Kari", "kari@example.no", "Kari kari@example.no", "x x", "K4ri N0rd"]
)
def test_a_nickname_or_an_address_is_no_name(name: str) -> None:
    assert Missing.NAME in missing_from_sender(name, ADDRESS, "Hei, hva er åpningstiden?")


@pytest.mark.parametrize(
    "closing",
    [
        "Med vennlig hilsen\nKari Nordmann",
        "Mvh Kari Nordmann",
        "Hilsen Kari Anne Nordmann-Hansen",
        "Venleg helsing,\n\nÅse Øygard",
        "Med vänliga hälsningar\nGöran Öström",
        "Vänligen,\nAnna-Lena Åberg",
        "Best regards,\nJohn O'Hara",
    ],
)
def test_a_name_under_a_closing_is_a_name(closing: str) -> None:
    assert Missing.NAME not in missing_from_sender("", ADDRESS, f"Hei\n\n{closing}\n")


@pytest.mark.parametrize(
    "text",
    [
        "Hilsen\nKari",
        "Vi håper at De svarer med hilsen til alle som bor her, for vi har ventet i to år nå",
        "> Hilsen\n> Kari Nordmann",
        "",
    ],
)
def test_a_first_name_or_a_quoted_name_is_not_enough(text: str) -> None:
    assert Missing.NAME in missing_from_sender("", ADDRESS, text)


@pytest.mark.parametrize(
    "line",
    ["0155 Oslo", "Storgata 1, 0155 Oslo", "935 31 Norsjö", "SE-93531 Norsjö", "N-7011 Trondheim"],
)
def test_a_postal_code_before_a_place_is_an_address(line: str) -> None:
    assert missing_from_sender("Kari Nordmann", ADDRESS, f"Hei\n{line}\n") == ()


@pytest.mark.parametrize("line", ["i 2024 Mars", "12345678 Oslo", "2026 er året", "kr 5000 for"])
def test_years_and_sums_are_no_address(line: str) -> None:
    assert missing_from_sender("Kari Nordmann", ADDRESS, line) == (Missing.POSTAL_ADDRESS,)


def test_an_access_request_is_never_asked_for_anything() -> None:
    assert missing_from_sender("", "", "", is_access_request=True) == ()


def test_without_an_address_nobody_can_be_asked() -> None:
    assert missing_from_sender("Kari Nordmann", "", COMPLETE) == (Missing.EMAIL_ADDRESS,)


def test_a_megabyte_of_closings_takes_no_time() -> None:
    start = time.perf_counter()
    for text in ("hilsen " * 200_000, "hilsen\n" * 200_000, "1234 " * 200_000, "A-" * 500_000):
        missing_from_sender(text, ADDRESS, text)
    assert time.perf_counter() - start < 3
