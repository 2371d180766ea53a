from __future__ import annotations

import pytest

from intake.rules.language import Language, LanguageReason, guess_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Hei, jeg lurer på hvordan jeg søker om barnehageplass, og når fristen er."),
        (
            "nb",
            "Vi har ikke fått noe svar på søknaden vår om å bygge garasje. Hva er status, og hvem "
            "kan jeg snakke med? Vennlig hilsen Ola",
        ),
        ("nn", "Hei, eg lurer på korleis eg søkjer om barnehageplass, og når fristen er."),
        (
            "nn",
            "Me har ikkje fått noko svar på søknaden vår om å byggje garasje. Kva er status, og "
            "kven kan eg snakke med? Venleg helsing Ola",
        ),
        ("sv", "Hej, jag undrar hur jag ansöker om förskoleplats och när ansökan ska vara inne."),
        (
            "sv",
            "Vi har inte fått något svar på vår ansökan om bygglov för ett garage. Vad händer nu? "
            "Med vänlig hälsning Göran",
        ),
        ("en", "Hello, I would like to know how to apply for a place in kindergarten, please."),
        ("en", "We have not had an answer to our application. What is the status of this?"),
    ],
)
def test_everyday_mail_is_told_apart_whatever_the_mailboxs_language(
    language: Language, text: str
) -> None:
    for default in ("nb", "nn", "sv", "en"):
        guess = guess_language(text, default=default)
        assert (guess.language, guess.reason) == (language, LanguageReason.WORDS), guess


@pytest.mark.parametrize("text", ["", "Hei", "Faktura 4711", "😀" * 100, "12345 67890"])
def test_what_is_too_short_gets_the_mailboxs_language(text: str) -> None:
    guess = guess_language(text, default="nn")
    assert (guess.language, guess.reason) == ("nn", LanguageReason.TOO_SHORT)


def test_what_bokmål_and_nynorsk_share_gets_the_mailboxs_language() -> None:
    guess = guess_language("Er det opp til meg å møte til møtet, og når er det?", default="nn")
    assert (guess.language, guess.reason) == ("nn", LanguageReason.UNCLEAR)


def test_quoted_lines_do_not_count() -> None:
    text = (
        "Hello, I have not had an answer from you, what is the status?\n"
        + "> jeg har ikke noe å si, hva er det, hvordan, hvorfor\n" * 20
    )
    assert guess_language(text, default="nb").language == "en"


def test_a_guess_shows_how_many_words_of_each_language_it_saw() -> None:
    seen = dict(guess_language("jeg ikke hva", default="sv").seen)
    assert seen == {"nb": 3, "nn": 0, "sv": 0, "en": 0}
