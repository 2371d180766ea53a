"""Which clocks may stand still, and by what paragraph.

The clock of handling a case stops for delay that the municipality cannot be blamed for. A duty to
tell somebody something (receipt, delay) or to record it runs on: nobody else has to do anything
first. Nor does the party's own time stop because the municipality waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lib.workdays import Country


class PauseReason(StrEnum):
    """Why a clock stands still. Each lies outside what the municipality itself can hasten."""

    MISSING_INFORMATION = "missing_information"  # the party has been asked for something
    OTHER_BODY = "other_body"  # a statement or decision of another body is waited for
    PARTY = "party"  # the party has asked for more time
    OTHER = "other"  # said in words


@dataclass(frozen=True, slots=True)
class MayPause:
    """Whether a clock may stand still, and the paragraph that says so."""

    yes: bool
    paragraph: str


_ANSWER: Mapping[Country, MayPause] = MappingProxyType(
    {
        # Stops for delay that the organ cannot be blamed for.
        "NO": MayPause(True, "forvaltningslovforskriften § 39"),
        # The party is to complete what is missing; the number itself is the municipality's own.
        "SE": MayPause(True, "FL 20 §"),
    }
)

_NEVER: Mapping[Country, Mapping[str, str]] = MappingProxyType(
    {
        "NO": {
            "acknowledgement": "eForvaltningsforskriften § 6",
            "registration_target": "arkivforskrifta 2025 § 15",
            "registration_alarm": "arkivforskrifta 2025 § 15",
            # One month from receipt: whoever waits for the party tells the party so.
            "interim_reply": "forvaltningsloven § 11 a",
            "access_request_target": "offentleglova § 29",
            "access_request_hard": "offentleglova § 32",
        },
        "SE": {
            "registration_target": "OSL 5 kap. 1 §",
            "registration_alarm": "OSL 5 kap. 1 §",
            "access_request_target": "TF 2 kap. 15 §",
            "access_request_hard": "TF 2 kap. 15 §",
            "delay_request": "FL 12 §",
            "delay_reply": "FL 12 §",
        },
    }
)


def may_pause(kind: str, country: Country) -> MayPause:
    """Ask whether the deadline of this kind may stand still; what is not known may not."""
    if kind == "answer":
        return _ANSWER[country]
    return MayPause(False, _NEVER[country].get(kind, ""))
