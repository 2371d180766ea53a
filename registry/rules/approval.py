"""Four eyes: who may let an answer leave."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why an answer may not leave so."""

    APPROVAL_NEEDED = "approval_needed"
    OWN_ANSWER = "own_answer"


def may_send(*, by: str, author: str, four_eyes: bool, approves: bool) -> Refusal | None:
    """Ask whether a person may let an answer leave.

    `four_eyes`: unit or kind of document asks for a second person (internal control:
    kommuneloven § 25-1; KL 6 kap. 6 §). Nobody approves what they wrote.
    """
    if approves:
        return Refusal.OWN_ANSWER if by == author else None
    return Refusal.APPROVAL_NEEDED if four_eyes else None
