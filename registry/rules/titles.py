"""What a title may hold, since the public reads one of the two that everything registered has."""

from __future__ import annotations

from enum import StrEnum

from lib.sensitive import holds_identity_number


class TitleProblem(StrEnum):
    """Why a title cannot stand."""

    TITLE_MISSING = "title_missing"
    TITLE_TOO_LONG = "title_too_long"
    IDENTITY_NUMBER_IN_PUBLIC_TITLE = "identity_number_in_public_title"
    LEGAL_BASIS_MISSING = "legal_basis_missing"


MAX_TITLE = 400


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
