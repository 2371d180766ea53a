"""What must be true after any fault: nothing lost, nothing doubled, all confirmed, all provable."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Any

from tests.faults.house import House
from tests.faults.post import Arrived, Mail


def judge_messages(house: House, facts: dict[str, Any], accepted: Collection[Mail]) -> None:
    """Each mail that got 250 is there once with its bytes, and nothing else is."""
    wanted = {mail.sha256 for mail in accepted}
    kept = Counter(row["raw_sha256"] for row in facts["messages"])
    assert not wanted - kept.keys(), f"lost: {len(wanted - kept.keys())}"
    assert not kept.keys() - wanted, f"from nowhere: {len(kept.keys() - wanted)}"
    assert max(kept.values()) == 1, f"doubled: {[each for each in kept if kept[each] > 1]}"
    for sha256 in wanted:
        assert hashlib.sha256(house.blob(sha256).read_bytes()).hexdigest() == sha256
    for mail in accepted:
        row = next(row for row in facts["messages"] if row["raw_sha256"] == mail.sha256)
        assert row["state"] == ("screened" if mail.automatic else "registered"), row
        assert (row["kind"] == "person") is not mail.automatic, row


def judge_numbers(facts: dict[str, Any], accepted: Collection[Mail]) -> None:
    """Each person's message has one entry, and no number is missing or used twice."""
    numbers = {row["raw_sha256"]: f"M{row['pk']}" for row in facts["messages"]}
    incoming = [row for row in facts["entries"] if row["direction"] == "incoming"]
    assert sorted(row["message_number"] for row in incoming) == sorted(
        {numbers[mail.sha256] for mail in accepted if not mail.automatic}
    )
    assert {row["status"] for row in facts["entries"]} <= {"registered"}
    running, documents, cases = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in facts["entries"]:
        running[row["series"], row["running_year"]].append(row["running_number"])
        documents[row["case"]].append(row["document"])
    for row in facts["cases"]:
        cases[row["series"], row["year"]].append(row["number"])
        assert sorted(documents[row["pk"]]) == list(range(1, row["last_document"] + 1))
    for row in facts["counters"]:
        key = row["series"], row["year"]
        assert sorted(running[key]) == list(range(1, row["last_entry"] + 1))
        assert sorted(cases[key]) == list(range(1, row["last_case"] + 1))


def judge_letters(
    facts: dict[str, Any], accepted: Collection[Mail], arrived: Collection[Arrived]
) -> int:
    """Each person has one acknowledgement and no machine has any; how many came twice.

    The same letter may come twice (its Message-ID is the same) when the worker that sent it was
    killed before it could write down that the letter had gone; two letters may not.
    """
    came: dict[str, list[Arrived]] = defaultdict(list)
    for letter in arrived:
        came[letter.to].append(letter)
    persons = {mail.sender: mail.message_id for mail in accepted if not mail.automatic}
    assert not persons.keys() - came.keys(), f"not confirmed: {len(persons.keys() - came.keys())}"
    assert not came.keys() - persons.keys(), f"wrongly written: {came.keys() - persons.keys()}"
    # What was held unread is confirmed too, but nobody knows its Message-ID.
    held = [row for row in facts["messages"] if row["held_code"]]
    unlinked = 0
    for sender, letters in came.items():
        assert len({letter.message_id for letter in letters}) == 1, f"two letters: {letters}"
        assert {letter.envelope_from for letter in letters} == {""}
        unlinked += letters[0].in_reply_to != persons[sender]
    assert unlinked <= len(held)
    again = len(arrived) - len(came)
    doubts = Counter(row["losses"] for row in facts["letters"])
    assert again <= sum(losses * rows for losses, rows in doubts.items())
    assert {row["fate"] for row in facts["letters"]} == {"sent"}
    sent = [row for row in facts["acknowledgements"] if row["letter__message_id"]]
    assert len(sent) == len(persons)
    return again


def judge(house: House, accepted: Collection[Mail], arrived: Collection[Arrived]) -> dict[str, Any]:
    """All of it, and the figures."""
    facts = house.inside("facts")
    judge_messages(house, facts, accepted)
    judge_numbers(facts, accepted)
    again = judge_letters(facts, accepted, arrived)
    assert facts["differences"] == 0
    verified = house.manage("verify_ledger", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return {
        "messages": len(facts["messages"]),
        "deliveries": sum(row["deliveries"] for row in facts["messages"]),
        "held": Counter(row["held_code"] for row in facts["messages"] if row["held_code"]),
        "entries": len(facts["entries"]),
        "letters": len(facts["letters"]),
        "letters that came": len(arrived),
        "the same letter again": again,
        "ledger": verified.stdout.splitlines()[0],
    }
