"""Asking for what is missing: what can be asked for, and when nobody may be asked.

Whoever sends something with errors or omissions is told before the case is handled, with a short
time to put it right; the time of receipt stays (fvl. § 11; eForvaltningsforskriften § 7; FL 20 §).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from lib.sensitive import find_sensitive

MAX_POINTS = 12
MAX_POINT = 200


class Point(StrEnum):
    """What is often missing."""

    NAME = "name"
    POSTAL_ADDRESS = "postal_address"
    SIGNATURE = "signature"
    MATTER = "matter"
    ATTACHMENT_MISSING = "attachment_missing"
    ATTACHMENT_UNREADABLE = "attachment_unreadable"
    PROPERTY = "property"
    AUTHORISATION = "authorisation"


# As they stand in the letter, in its language; never a word of the sender's own.
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "nb": {
            Point.NAME: "navnet ditt",
            Point.POSTAL_ADDRESS: "postadressen din",
            Point.SIGNATURE: "underskriften din",
            Point.MATTER: "hva saken gjelder, og hva du vil at vi skal gjøre",
            Point.ATTACHMENT_MISSING: "vedlegget som du nevner; det fulgte ikke med",
            Point.ATTACHMENT_UNREADABLE: "vedlegget i et format vi kan åpne og lese",
            Point.PROPERTY: "hvilken eiendom det gjelder (adresse, eller gårds- og bruksnummer)",
            Point.AUTHORISATION: "fullmakt fra den du skriver på vegne av",
        },
        "nn": {
            Point.NAME: "namnet ditt",
            Point.POSTAL_ADDRESS: "postadressa di",
            Point.SIGNATURE: "underskrifta di",
            Point.MATTER: "kva saka gjeld, og kva du vil at vi skal gjere",
            Point.ATTACHMENT_MISSING: "vedlegget som du nemner; det følgde ikkje med",
            Point.ATTACHMENT_UNREADABLE: "vedlegget i eit format vi kan opne og lese",
            Point.PROPERTY: "kva eigedom det gjeld (adresse, eller gards- og bruksnummer)",
            Point.AUTHORISATION: "fullmakt frå den du skriv på vegner av",
        },
        "sv": {
            Point.NAME: "ditt namn",
            Point.POSTAL_ADDRESS: "din postadress",
            Point.SIGNATURE: "din underskrift",
            Point.MATTER: "vad ärendet gäller och vad du vill att vi ska göra",
            Point.ATTACHMENT_MISSING: "bilagan som du nämner; den följde inte med",
            Point.ATTACHMENT_UNREADABLE: "bilagan i ett format som vi kan öppna och läsa",
            Point.PROPERTY: "vilken fastighet det gäller (adress eller fastighetsbeteckning)",
            Point.AUTHORISATION: "fullmakt från den som du skriver för",
        },
        "en": {
            Point.NAME: "your name",
            Point.POSTAL_ADDRESS: "your postal address",
            Point.SIGNATURE: "your signature",
            Point.MATTER: "what the matter is, and what you want us to do",
            Point.ATTACHMENT_MISSING: "the attachment that you mention; it did not come",
            Point.ATTACHMENT_UNREADABLE: "the attachment in a format that we can open and read",
            Point.PROPERTY: "which property it is about (address or property number)",
            Point.AUTHORISATION: "an authorisation from the person you write for",
        },
    }
)


class NotAsked(StrEnum):
    """Why the sender is not asked."""

    # offl. § 3, TF 2 kap. 18 §: whoever asks for access need not say who or why.
    ACCESS_REQUEST = "access_request_not_asked"
    NOT_INCOMING = "only_incoming_asked"
    ALREADY_WAITING = "already_waiting"
    SIGNED_OFF = "signed_off_not_asked"
    NOTHING_MISSING = "nothing_missing"
    TOO_MUCH = "too_much_missing"
    # The letter travels unprotected (eForvaltningsforskriften § 5; S2).
    SENSITIVE = "sensitive_points"


def why_not_asked(
    *,
    is_incoming: bool,
    is_access_request: bool,
    is_signed_off: bool,
    is_waiting: bool,
    points: Sequence[str],
) -> NotAsked | None:
    """Ask whether the sender of an entry may be asked for `points`: None means yes."""
    if not is_incoming:
        return NotAsked.NOT_INCOMING
    if is_access_request:
        return NotAsked.ACCESS_REQUEST
    if is_signed_off:
        return NotAsked.SIGNED_OFF
    if is_waiting:
        return NotAsked.ALREADY_WAITING
    if not points:
        return NotAsked.NOTHING_MISSING
    if len(points) > MAX_POINTS or any(len(each) > MAX_POINT for each in points):
        return NotAsked.TOO_MUCH
    if any(find_sensitive(each) for each in points):
        return NotAsked.SENSITIVE
    return None
