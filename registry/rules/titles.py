"""What a title may hold, since the public reads one of the two that everything registered has."""

from __future__ import annotations

import re
from enum import StrEnum


class TitleProblem(StrEnum):
    """Why a title cannot stand."""

    TITLE_MISSING = "title_missing"
    TITLE_TOO_LONG = "title_too_long"
    IDENTITY_NUMBER_IN_PUBLIC_TITLE = "identity_number_in_public_title"
    LEGAL_BASIS_MISSING = "legal_basis_missing"


MAX_TITLE = 400

# Eleven digits, also written "010190 12345"; ten or twelve with the mark before the last four.
_NORWEGIAN = re.compile(r"(?<!\d)(\d{6})[ \u00a0.-]?(\d{5})(?!\d)")
_SWEDISH = re.compile(
    r"(?<!\d)(?:\d{2})?(\d{6})[ \u00a0]?[-+\u2010-\u2013]?[ \u00a0]?(\d{4})(?!\d)"
)

_FIRST_CONTROL = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_CONTROL = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def title_problem(
    *, title: str, public_title: str, access: str, legal_basis: str
) -> TitleProblem | None:
    """Return the first reason why the description cannot be registered, or None.

    A public title never holds an identity number (personopplysningsloven § 12; dataskyddslagen
    3 kap. 10 §). Exemption always names its paragraph (offentleglova § 31; OSL 5 kap. 5 §).
    """
    if not title.strip():
        return TitleProblem.TITLE_MISSING
    if len(title) > MAX_TITLE or len(public_title) > MAX_TITLE:
        return TitleProblem.TITLE_TOO_LONG
    if holds_identity_number(public_title):
        return TitleProblem.IDENTITY_NUMBER_IN_PUBLIC_TITLE
    if access == "exempt" and not legal_basis.strip():
        return TitleProblem.LEGAL_BASIS_MISSING
    return None


def holds_identity_number(text: str) -> bool:
    """Whether the text holds a Norwegian or Swedish identity number with right control digits.

    Norwegian D-numbers (day + 40), help numbers (month + 40) and Swedish coordination numbers
    (day + 60) count too. A number with wrong control digits is taken for something else.
    """
    return bool(identity_numbers(text))


def identity_numbers(text: str) -> list[tuple[int, int]]:
    """Where in the text identity numbers stand, as (start, end), in its order."""
    norwegian = [
        found.span()
        for found in _NORWEGIAN.finditer(text)
        if _is_norwegian("".join(found.groups()))
    ]
    swedish = [
        found.span() for found in _SWEDISH.finditer(text) if _is_swedish("".join(found.groups()))
    ]
    return sorted({*norwegian, *swedish})


def _is_norwegian(digits: str) -> bool:
    """Eleven digits, two of them controls modulo 11 (folkeregisterforskriften § 2-2-1)."""
    numbers = [int(digit) for digit in digits]
    day, month = int(digits[:2]), int(digits[2:4])
    # Months + 80 and + 65 are those of test populations; + 40 of help numbers.
    if not _is_date(month, day, extra_day=40, extra_months=(40, 65, 80)):
        return False
    # The shorter weights leave out the last digits, on purpose.
    return all(
        sum(weight * number for weight, number in zip(weights, numbers, strict=False)) % 11 == 0
        for weights in (_FIRST_CONTROL, _SECOND_CONTROL)
    )


def _is_swedish(digits: str) -> bool:
    """Ten digits, the last a control modulo 10 (folkbokföringslagen 18 §)."""
    if not _is_date(int(digits[2:4]), int(digits[4:6]), extra_day=60, extra_months=()):
        return False
    total = 0
    for place, digit in enumerate(digits):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return total % 10 == 0


def _is_date(month: int, day: int, *, extra_day: int, extra_months: tuple[int, ...]) -> bool:
    if day > extra_day:
        day -= extra_day
    months = {month, *(month - extra for extra in extra_months)}
    return 1 <= day <= 31 and any(1 <= each <= 12 for each in months)
