"""Which case a message seems to belong to.

A case is *proposed*, ready to be taken with one key, only when the message points to it and its
sender is a party of it. Anyone can write a number or an In-Reply-To of someone else's case, so one
of the two alone is a mere suggestion, with its reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Strength(StrEnum):
    """How much a proposal may be trusted."""

    PROPOSED = "proposed"
    SUGGESTED = "suggested"


class ProposalReason(StrEnum):
    """What ties the message to the case."""

    REPLY_FROM_PARTY = "reply_from_party"  # answers our letter, sender is a party
    REFERENCE_FROM_PARTY = "reference_from_party"  # names the number, sender is a party
    SEVERAL_CASES = "several_cases"  # as one of these two, but for more than one case
    REPLY_FROM_STRANGER = "reply_from_stranger"  # answers our letter, sender is no party
    REFERENCE_FROM_STRANGER = "reference_from_stranger"  # names the number, sender is no party
    PARTY_ONLY = "party_only"  # sender is a party, the message points nowhere
    LIKE_TITLE = "like_title"  # something with a like title was registered there lately


@dataclass(frozen=True, slots=True)
class Proposal:
    """A case that the message may belong to."""

    case_id: int
    strength: Strength
    reason: ProposalReason


_ORDER = list(ProposalReason)


def propose(
    *,
    references_found: Sequence[int],
    in_reply_to_case: int | None,
    sender_address: str,
    case_parties: Mapping[int, Collection[str]],
    like_titles: Sequence[int] = (),
) -> list[Proposal]:
    """Return the cases that a message may belong to, the best first, each once.

    `references_found` are the existing cases whose numbers stand in the subject;
    `in_reply_to_case` is the case of the letter of ours that In-Reply-To or References names;
    `case_parties` gives the parties' e-mail addresses of these cases, and of any other case that
    the sender is known from; `like_titles` are open cases whose latest post has a like title.
    """
    sender = sender_address.strip().lower()

    def is_party(case_id: int) -> bool:
        parties = case_parties.get(case_id, ())
        return bool(sender) and sender in {address.strip().lower() for address in parties}

    reasons: dict[int, ProposalReason] = {}
    if in_reply_to_case is not None:
        reasons[in_reply_to_case] = (
            ProposalReason.REPLY_FROM_PARTY
            if is_party(in_reply_to_case)
            else ProposalReason.REPLY_FROM_STRANGER
        )
    for case_id in references_found:
        reasons.setdefault(
            case_id,
            ProposalReason.REFERENCE_FROM_PARTY
            if is_party(case_id)
            else ProposalReason.REFERENCE_FROM_STRANGER,
        )
    for case_id in case_parties:
        if is_party(case_id):
            reasons.setdefault(case_id, ProposalReason.PARTY_ONLY)
    for case_id in like_titles:
        reasons.setdefault(case_id, ProposalReason.LIKE_TITLE)

    firm = (ProposalReason.REPLY_FROM_PARTY, ProposalReason.REFERENCE_FROM_PARTY)
    if sum(reason in firm for reason in reasons.values()) > 1:
        # One key press must not choose between two cases.
        reasons = {
            case_id: ProposalReason.SEVERAL_CASES if reason in firm else reason
            for case_id, reason in reasons.items()
        }
    proposals = [
        Proposal(case_id, Strength.PROPOSED if reason in firm else Strength.SUGGESTED, reason)
        for case_id, reason in reasons.items()
    ]
    return sorted(proposals, key=lambda proposal: _ORDER.index(proposal.reason))
