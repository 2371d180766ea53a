"""Every way of tampering is named, with the row where it shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ledger.actions.record import record
from ledger.actions.seal import seal_chain_hash, seal_events
from ledger.actions.verify import verify_ledger
from ledger.models import Event, Leaf, Seal
from ledger.rules.hashes import event_hash, leaf_hash, tree_root

from .conftest import NOON, sql, tell, without_triggers


def found() -> list[tuple[str, int | None]]:
    return [
        (problem.kind, problem.event_id or problem.seal_id) for problem in verify_ledger().problems
    ]


def seal_ids() -> list[int]:
    return list(Seal.objects.order_by("id").values_list("id", flat=True))


def test_an_untouched_ledger_verifies_and_is_counted(sealed: list[int]) -> None:
    tell(12)
    seen: list[int] = []
    report = verify_ledger(progress=seen.append)
    assert (report.events, report.seals, report.unsealed) == (13, 3, 1)
    assert report.problems == []
    assert sum(seen) == 13


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'user:99'", "verb = 'a.b'", "subject = 'message:99'", "reason = 'other'",
        "data = '{}'", "at = at - interval '1 day'", "hash = repeat('0', 64)",
        "recorded_at = recorded_at - interval '1 day'", "xact = xact - 1",
    ],
)  # fmt: skip
def test_an_edited_event_is_named(sealed: list[int], change: str) -> None:
    with without_triggers():
        sql(f"UPDATE ledger_event SET {change} WHERE id = %s", sealed[6])
    assert found() == [("edited", sealed[6])]


def forge(event: Event) -> str:
    """Give an event the hash that fits what it says now; return its leaf's."""
    event.hash = event_hash(
        at=event.at,
        actor=event.actor,
        verb=event.verb,
        subject=event.subject,
        reason=event.reason,
        data=event.data,
    )
    event.save(update_fields=["subject", "hash"])
    return leaf_hash(
        event_id=event.id, event_hash=event.hash, recorded_at=event.recorded_at, xact=event.xact
    )


def test_an_event_edited_together_with_its_hash_is_named(sealed: list[int]) -> None:
    with without_triggers():
        event = Event.objects.get(id=sealed[6])
        event.subject = "message:99"
        forge(event)
    assert found() == [("edited", sealed[6])]


def test_an_event_edited_together_with_its_leaf_shows_in_the_root(sealed: list[int]) -> None:
    with without_triggers():
        event = Event.objects.get(id=sealed[6])
        event.subject = "message:99"
        Leaf.objects.filter(event=event).update(hash=forge(event))
    assert found() == [("root", seal_ids()[1])]


def forge_seal(seal: Seal) -> None:
    leaves = seal.leaves.order_by("position").values_list("hash", flat=True)
    seal.count = len(leaves)
    seal.root = tree_root([bytes.fromhex(leaf) for leaf in leaves]).hex()
    seal.save()


def test_an_event_edited_together_with_leaf_and_root_shows_in_the_chain(sealed: list[int]) -> None:
    with without_triggers():
        event = Event.objects.get(id=sealed[6])
        event.subject = "message:99"
        Leaf.objects.filter(event=event).update(hash=forge(event))
        forge_seal(Seal.objects.get(id=seal_ids()[1]))
    assert found() == [("seal_edited", seal_ids()[1])]


def test_a_ledger_rewritten_to_its_end_shows_only_against_an_anchor(
    sealed: list[int], anchor_file: Callable[[str], Path]
) -> None:
    anchors = "\n".join(f"kept: {seal.chain_hash}" for seal in Seal.objects.order_by("id"))
    with without_triggers():
        event = Event.objects.get(id=sealed[6])
        event.subject = "message:99"
        Leaf.objects.filter(event=event).update(hash=forge(event))
        previous = ""
        for seal in Seal.objects.order_by("id"):
            seal.previous_hash = previous
            forge_seal(seal)
            seal.chain_hash = previous = seal_chain_hash(seal)
            seal.save()
    assert found() == []
    with pytest.raises(CommandError, match=r"^2 problems"):
        call_command("verify_ledger", anchor=anchor_file(anchors))


def test_a_deleted_event_is_named(sealed: list[int]) -> None:
    with without_triggers():
        sql("DELETE FROM ledger_event WHERE id = %s", sealed[3])
    assert found() == [("deleted", sealed[3])]


def test_an_event_deleted_with_its_leaf_shows_in_its_seal(sealed: list[int]) -> None:
    with without_triggers():
        sql("DELETE FROM ledger_leaf WHERE event_id = %s", sealed[4])
        sql("DELETE FROM ledger_event WHERE id = %s", sealed[4])
    assert found() == [("root", seal_ids()[0])]


def test_an_event_put_into_a_sealed_batch_is_named(sealed: list[int]) -> None:
    tell(99)
    event = Event.objects.order_by("-id").first()
    assert event is not None
    Leaf.objects.create(event=event, seal_id=seal_ids()[0], position=5, hash="0" * 64)
    kinds = found()
    assert ("edited", event.id) in kinds
    assert ("root", seal_ids()[0]) in kinds


def test_two_events_that_changed_places_are_named(sealed: list[int]) -> None:
    with without_triggers():
        sql("UPDATE ledger_leaf SET position = 99 WHERE event_id = %s", sealed[1])
        sql("UPDATE ledger_leaf SET position = 1 WHERE event_id = %s", sealed[2])
        sql("UPDATE ledger_leaf SET position = 2 WHERE event_id = %s", sealed[1])
    assert found() == [("reordered", sealed[1]), ("root", seal_ids()[0])]


def test_a_seal_taken_out_of_the_middle_is_named(sealed: list[int]) -> None:
    _, middle, last = seal_ids()
    with without_triggers():
        sql("DELETE FROM ledger_leaf WHERE seal_id = %s", middle)
        sql("DELETE FROM ledger_event WHERE id = ANY(%s)", sealed[5:10])
        sql("DELETE FROM ledger_seal WHERE id = %s", middle)
    assert found() == [("seal_missing", last)]


def test_leaves_whose_seal_was_taken_away_are_named(sealed: list[int]) -> None:
    last = seal_ids()[2]
    constraint = sql(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'ledger_leaf'::regclass"
        " AND contype = 'f'"
    )[0][0]
    definition = sql(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", constraint
    )[0][0]
    sql(f'ALTER TABLE ledger_leaf DROP CONSTRAINT "{constraint}"')
    try:
        with without_triggers():
            sql("DELETE FROM ledger_seal WHERE id = %s", last)
        assert found() == [("seal_missing", last)]
    finally:
        sql("TRUNCATE ledger_leaf, ledger_seal")
        sql(f'ALTER TABLE ledger_leaf ADD CONSTRAINT "{constraint}" {definition}')


def test_a_cut_off_tail_shows_only_against_an_anchor(
    sealed: list[int], anchor_file: Callable[[str], Path]
) -> None:
    last = Seal.objects.get(id=seal_ids()[2])
    with without_triggers():
        sql("DELETE FROM ledger_leaf WHERE seal_id = %s", last.id)
        sql("DELETE FROM ledger_event WHERE id = ANY(%s)", sealed[10:])
        sql("DELETE FROM ledger_seal WHERE id = %s", last.id)
    assert found() == []
    with pytest.raises(CommandError, match=last.chain_hash):
        call_command("verify_ledger", anchor=anchor_file(last.chain_hash))


def test_an_event_that_claims_to_be_older_than_the_last_seal_is_named(sealed: list[int]) -> None:
    tell(99)
    late = Event.objects.latest("id").id
    with without_triggers():
        sql(
            "UPDATE ledger_event SET recorded_at = recorded_at - interval '1 hour' WHERE id = %s",
            late,
        )
    assert found() == [("backdated", late)]
    seal_events(at=NOON)
    assert found() == [("backdated", late)]


def test_an_event_with_the_number_of_a_finished_transaction_is_named(sealed: list[int]) -> None:
    tell(99)
    late = Event.objects.latest("id").id
    with without_triggers():
        sql("UPDATE ledger_event SET xact = 3 WHERE id = %s", late)
    assert found() == [("backdated", late)]


def test_an_event_edited_before_it_was_sealed_is_named(transactional_db: None) -> None:
    tell(1)
    event = Event.objects.get()
    with without_triggers():
        sql("UPDATE ledger_event SET subject = 'message:2'")
    assert found() == [("edited", event.id)]
    seal_events(at=NOON)
    assert found() == [("edited", event.id)]


def test_the_commands_print_an_anchor_and_accept_it(
    transactional_db: None,
    anchor_file: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    record(verb="a.b", subject="c:1", by="user:1", at=NOON)
    call_command("seal_ledger")
    line = capsys.readouterr().out
    assert Seal.objects.get().chain_hash in line
    call_command("verify_ledger", anchor=anchor_file(line))
    assert "The ledger verifies." in capsys.readouterr().out


def test_the_command_fails_and_names_the_first_wrong_row(sealed: list[int]) -> None:
    with without_triggers():
        sql("UPDATE ledger_event SET reason = 'x' WHERE id = ANY(%s)", [sealed[8], sealed[2]])
    with pytest.raises(CommandError, match=rf"^2 problems\. The first: Event {sealed[2]} "):
        call_command("verify_ledger", anchor=None)
