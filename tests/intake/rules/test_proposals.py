from __future__ import annotations

from intake.rules.proposals import Proposal, ProposalReason, Strength, propose

PARTIES = {1: ["Kari@Example.no"], 2: ["ola@example.no"]}


def test_a_number_in_the_subject_and_a_party_as_sender_make_a_proposal() -> None:
    assert propose(
        references_found=[1],
        in_reply_to_case=None,
        sender_address="kari@example.no ",
        case_parties=PARTIES,
    ) == [Proposal(1, Strength.PROPOSED, ProposalReason.REFERENCE_FROM_PARTY)]


def test_an_answer_to_our_letter_from_a_party_makes_a_proposal() -> None:
    assert propose(
        references_found=[1],
        in_reply_to_case=1,
        sender_address="kari@example.no",
        case_parties=PARTIES,
    ) == [Proposal(1, Strength.PROPOSED, ProposalReason.REPLY_FROM_PARTY)]


def test_a_stranger_who_names_a_case_gets_a_suggestion_at_most() -> None:
    assert propose(
        references_found=[1],
        in_reply_to_case=2,
        sender_address="eve@example.org",
        case_parties=PARTIES,
    ) == [
        Proposal(2, Strength.SUGGESTED, ProposalReason.REPLY_FROM_STRANGER),
        Proposal(1, Strength.SUGGESTED, ProposalReason.REFERENCE_FROM_STRANGER),
    ]


def test_a_party_who_names_no_case_gets_the_own_case_as_a_suggestion() -> None:
    assert propose(
        references_found=[],
        in_reply_to_case=None,
        sender_address="ola@example.no",
        case_parties=PARTIES,
    ) == [Proposal(2, Strength.SUGGESTED, ProposalReason.PARTY_ONLY)]


def test_two_cases_of_the_same_party_are_left_to_a_person() -> None:
    parties = {1: ["kari@example.no"], 2: ["kari@example.no"]}
    found = propose(
        references_found=[1, 2],
        in_reply_to_case=None,
        sender_address="kari@example.no",
        case_parties=parties,
    )
    assert [each.case_id for each in found] == [1, 2]
    assert {each.strength for each in found} == {Strength.SUGGESTED}
    assert {each.reason for each in found} == {ProposalReason.SEVERAL_CASES}


def test_the_proposal_comes_before_the_suggestions() -> None:
    found = propose(
        references_found=[2, 1],
        in_reply_to_case=None,
        sender_address="kari@example.no",
        case_parties=PARTIES,
    )
    assert [(each.case_id, each.strength) for each in found] == [
        (1, Strength.PROPOSED),
        (2, Strength.SUGGESTED),
    ]


def test_a_mail_without_a_sender_belongs_to_nobody() -> None:
    found = propose(
        references_found=[1], in_reply_to_case=None, sender_address="", case_parties={1: [""]}
    )
    assert found == [Proposal(1, Strength.SUGGESTED, ProposalReason.REFERENCE_FROM_STRANGER)]


def test_a_mail_that_points_nowhere_gets_no_proposal() -> None:
    assert (
        propose(
            references_found=[], in_reply_to_case=None, sender_address="a@b.no", case_parties={}
        )
        == []
    )
