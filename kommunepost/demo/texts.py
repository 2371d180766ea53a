"""Ready-made texts for answers, as a small municipality would write them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadyText:
    """A text with slots: known ones are filled in, the rest is left to be written."""

    code: str
    language: str
    name: str
    heading: str
    text: str


TEXTS = {
    "NO": (
        ReadyText(
            "svar",
            "nb",
            "Svar på spørsmål",
            "Svar på henvendelsen din",
            "Hei, ((party_name)).\n\nVi viser til henvendelsen vi mottok ((received_date)).\n\n"
            "((svaret))\n\nHar du spørsmål, kan du ringe oss på telefon ((phone)).",
        ),
        ReadyText(
            "svar",
            "nn",
            "Svar på spørsmål",
            "Svar på førespurnaden din",
            "Hei, ((party_name)).\n\nVi viser til førespurnaden vi fekk ((received_date)).\n\n"
            "((svaret))\n\nHar du spørsmål, kan du ringje oss på telefon ((phone)).",
        ),
        ReadyText(
            "svar",
            "en",
            "Answer to a question",
            "Answer to your inquiry",
            "Dear ((party_name)),\n\nThank you for your inquiry, which we received on"
            " ((received_date)).\n\n((the answer))\n\nIf you have questions, call ((phone)).",
        ),
        ReadyText(
            "befaring",
            "nb",
            "Vi kommer på befaring",
            "Befaring",
            "Hei, ((party_name)).\n\nVi kommer på befaring ((dato og klokkeslett)). Passer det"
            " ikke, ringer du ((phone)) og oppgir ((reference)).",
        ),
    ),
    "SE": (
        ReadyText(
            "svar",
            "sv",
            "Svar på fråga",
            "Svar på ditt ärende",
            "Hej ((party_name)),\n\nTack för ditt meddelande, som kom in till oss"
            " ((received_date)).\n\n((svaret))\n\nHar du frågor kan du ringa ((phone)).",
        ),
        ReadyText(
            "svar",
            "en",
            "Answer to a question",
            "Answer to your inquiry",
            "Dear ((party_name)),\n\nThank you for your message, which we received on"
            " ((received_date)).\n\n((the answer))\n\nIf you have questions, call ((phone)).",
        ),
        ReadyText(
            "besok",
            "sv",
            "Vi kommer på besök",
            "Besök på plats",
            "Hej ((party_name)),\n\nVi kommer på besök ((datum och tid)). Passar det inte ringer du"
            " ((phone)) och anger ((reference)).",
        ),
    ),
}
