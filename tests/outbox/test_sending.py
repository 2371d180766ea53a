"""What becomes of a letter by the mail server's answers. Real sockets; time is passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from ledger.models import Event
from outbox.actions import send as send_module
from outbox.actions.bounce import record_bounce
from outbox.actions.decide import send_again
from outbox.actions.sweep import sweep_letters
from outbox.models import LetterRecipient

from .builders import BY, NOW, connection, fate, later, personal, queue, send, set_up
from .relay import DROP, HANG, Relay

pytestmark = pytest.mark.usefixtures("committed")

MakeRelay = Callable[..., Relay]


def test_an_automatic_letter_leaves_with_the_null_sender(relay: MakeRelay) -> None:
    letter, server = queue(), relay()
    assert send(server) == 1
    (taken,) = server.taken
    assert "MAIL FROM:<>" in [line.upper() for line in server.seen]
    assert taken.to == "kari@example.net"
    assert taken.raw == bytes(letter.raw)
    row = fate(letter)
    assert (row.fate, row.sent_at, row.answer_code) == ("sent", NOW, 250)
    assert row.answer_text == "2.0.0 queued"


def test_a_persons_letter_leaves_with_a_sender_of_its_own_whatever_the_domain_is_now(
    relay: MakeRelay,
) -> None:
    letter, server = personal(), relay()
    set_up(domain="new.example")
    send(server)
    assert server.taken[0].sender == f"bounce+{letter.envelope_token}@fjordvik.example"


def test_we_greet_with_the_name_that_we_were_given(relay: MakeRelay) -> None:
    queue()
    server = relay()
    send(server)
    assert server.seen[0].lower() == "ehlo us.example"


def test_one_session_serves_all_letters(relay: MakeRelay) -> None:
    for number in range(3):
        queue(f"acknowledgement:{number}")
    server = relay()
    assert send(server) == 3
    assert server.sessions == 1
    assert len({taken.raw for taken in server.taken}) == 3


def test_lines_that_begin_with_dots_arrive_as_they_were_written(relay: MakeRelay) -> None:
    server = relay()
    raw = b"Subject: x\r\n\r\n.\r\n..two\r\n.one\r\nno end of line"
    with connection(server) as opened:
        opened.send("", "kari@example.net", raw)
    assert server.taken[0].raw == raw + b"\r\n"


@pytest.mark.parametrize(
    ("verb", "answer", "expected", "code"),
    [
        # RFC 5321 4.2.1: 4yz may be tried again, 5yz may not
        ("RCPT", "450 4.2.0 greylisted", "retry", 450),
        ("RCPT", "421 4.3.2 shutting down", "retry", 421),
        ("RCPT", "550 5.1.1 no such user", "failed", 550),
        ("RCPT", "554 5.7.1 not here", "failed", 554),
        ("RCPT", "251 forwarded", "sent", 250),
        ("DATA", "451 4.3.0 busy", "retry", 451),
        ("DATA", "554 5.5.1 no valid recipients", "failed", 554),
        ("DOT", "250 ok", "sent", 250),
        ("DOT", "252 ok", "sent", 252),
        ("DOT", "451 4.3.0 disk full", "retry", 451),
        ("DOT", "421 4.3.2 shutting down", "retry", 421),
        ("DOT", "554 5.7.1 looks like spam", "failed", 554),
        # about us and not about the recipient
        ("MAIL", "530 5.7.0 sign in first", "retry", 530),
        ("MAIL", "550 5.7.1 sender not allowed", "retry", 550),
        ("GREETING", "554 5.7.1 go away", "retry", 554),
        ("GREETING", "421 4.7.0 too many", "retry", 421),
        # nothing was handed over
        ("GREETING", DROP, "retry", None),
        ("EHLO", DROP, "retry", None),
        ("MAIL", DROP, "retry", None),
        ("RCPT", DROP, "retry", None),
        ("DATA", DROP, "retry", None),
        ("MAIL", "what?", "retry", None),
        # the answer to the final dot is lost or is none: it may have been taken
        ("DOT", DROP, "unknown", None),
        ("DOT", "what?", "unknown", None),
        ("DOT", "354 go on", "unknown", 354),
    ],
)
def test_each_answer_gives_its_fate(
    relay: MakeRelay, verb: str, answer: str, expected: str, code: int | None
) -> None:
    letter = queue()
    assert send(relay({verb: [answer]})) == 1
    row = fate(letter)
    assert (row.fate, row.answer_code) == (expected, code)
    assert Event.objects.filter(verb=f"outbox.letter_{expected}").count() == 1


def test_what_the_server_says_is_kept_without_control_characters_and_bounded(
    relay: MakeRelay,
) -> None:
    letter = queue()
    send(relay({"RCPT": ["550 \x00\x1b[2J" + "no " * 200]}))
    text = fate(letter).answer_text
    assert text.startswith("[2Jno no")
    assert len(text) <= 300


def test_a_port_without_a_server_is_a_reason_to_wait(relay: MakeRelay) -> None:
    letter, server = queue(), relay()
    server.close()
    assert send(server) == 1
    row = fate(letter)
    assert (row.fate, row.answer_text) == ("retry", "ConnectionRefusedError")
    assert row.next_attempt_at == later(minutes=1)


def test_a_server_that_says_nothing_is_given_up_in_time(relay: MakeRelay) -> None:
    letter = queue()
    send(relay({"RCPT": [HANG]}), timeout=0.2, final_timeout=0.2)
    assert fate(letter).fate == "retry"


def test_a_server_that_says_nothing_after_the_dot_leaves_the_letter_in_doubt(
    relay: MakeRelay,
) -> None:
    letter = queue()
    send(relay({"DOT": [HANG]}), timeout=0.2, final_timeout=0.2)
    assert fate(letter).fate == "unknown"


def test_greylisting_delays_and_the_same_message_arrives_once(relay: MakeRelay) -> None:
    letter = queue()
    server = relay({"RCPT": ["450 4.2.0 greylisted", "421 4.3.2 later", "250 ok"]})
    assert send(server) == 1
    assert send(server, later(seconds=59)) == 0
    assert send(server, later(minutes=1)) == 1
    assert fate(letter).next_attempt_at == later(minutes=6)
    assert send(server, later(minutes=6)) == 1
    assert fate(letter).fate == "sent"
    assert [taken.raw for taken in server.taken] == [bytes(letter.raw)]


def test_of_three_recipients_the_one_refused_is_the_one_that_fails(relay: MakeRelay) -> None:
    to = [f"{name}@example.net" for name in "abc"]
    letter = personal(to=to)
    send(relay({"RCPT": ["250 ok", "550 5.1.1 no such user", "250 ok"]}))
    assert sorted(letter.recipients.values_list("fate", flat=True)) == ["failed", "sent", "sent"]


def test_after_five_days_a_letter_is_given_up_and_a_person_can_give_it_five_more(
    relay: MakeRelay,
) -> None:
    letter, server = queue(), relay({"RCPT": ["450 later"]})
    LetterRecipient.objects.update(attempts=20, next_attempt_at=later(days=5))
    assert send(server, later(days=5)) == 1
    assert fate(letter).fate == "failed"
    send_again(recipient_id=fate(letter).pk, by="user:1", at=later(days=6))
    assert send(server, later(days=6)) == 1
    assert fate(letter).fate == "retry"
    assert fate(letter).next_attempt_at == later(days=6, minutes=1)


def test_an_acknowledgement_in_doubt_is_tried_once_more_and_then_never(relay: MakeRelay) -> None:
    letter, server = queue(), relay({"DOT": [DROP]})
    send(server)
    assert fate(letter).next_attempt_at == later(minutes=10)
    assert send(server, later(minutes=9)) == 0
    assert send(server, later(minutes=10)) == 1
    assert (fate(letter).fate, fate(letter).next_attempt_at) == ("unknown", None)
    assert send(server, later(days=3)) == 0
    assert [taken.raw for taken in server.taken] == [bytes(letter.raw)] * 2
    assert fate(letter).losses == 2


def test_an_acknowledgement_that_arrives_at_the_second_try_is_sent(relay: MakeRelay) -> None:
    letter, server = queue(), relay({"DOT": [DROP, "250 ok"]})
    send(server)
    send(server, later(minutes=10))
    assert fate(letter).fate == "sent"


def test_any_other_letter_in_doubt_waits_for_a_person(relay: MakeRelay) -> None:
    letter, server = personal(), relay({"DOT": [DROP]})
    send(server)
    assert (fate(letter).fate, fate(letter).next_attempt_at) == ("unknown", None)
    assert send(server, later(days=3)) == 0
    assert len(server.taken) == 1


def test_when_the_server_cannot_be_reached_the_other_letters_are_not_tried(
    relay: MakeRelay,
) -> None:
    letters = [queue(f"acknowledgement:{number}") for number in range(3)]
    server = relay({"GREETING": ["421 busy"]})
    assert send(server) == 1
    assert [fate(each).fate for each in letters] == ["retry", "queued", "queued"]
    assert send(server, later(seconds=30)) == 0
    assert server.sessions == 1
    server.script = {}
    assert send(server, later(seconds=61)) == 3


def test_a_server_that_was_away_for_long_gets_the_letters_within_minutes_of_its_return(
    relay: MakeRelay,
) -> None:
    letter, server = queue(), relay({"GREETING": ["421 busy"]})
    LetterRecipient.objects.update(attempts=30)
    send(server, later(days=3))
    assert fate(letter).next_attempt_at == later(days=3, minutes=5)


def test_a_run_ends_after_a_minute_so_that_the_worker_does_other_things_too(
    relay: MakeRelay,
) -> None:
    for number in range(3):
        queue(f"acknowledgement:{number}")
    times = iter(NOW + timedelta(seconds=40 * number) for number in range(20))
    with connection(relay()) as opened:
        tried = send_module.send_due(connection=opened, clock=lambda: next(times), by=BY)
    assert tried == 1


def test_a_letter_whose_worker_died_is_found_and_follows_the_rule_of_doubt(
    relay: MakeRelay,
) -> None:
    ours, theirs = queue(), personal()
    for _ in range(2):
        send_module._claim(at=NOW)
    assert sweep_letters(at=later(minutes=29), by=BY) == 0
    assert sweep_letters(at=later(minutes=30), by=BY) == 2
    assert fate(ours).next_attempt_at == later(minutes=40)
    assert fate(theirs).next_attempt_at is None
    server = relay()
    assert send(server, later(minutes=40)) == 1
    assert (fate(ours).fate, fate(theirs).fate) == ("sent", "unknown")
    assert sweep_letters(at=later(days=1), by=BY) == 0


def _finish(claimed: send_module._Claimed, relay: Relay, at: datetime) -> None:
    with connection(relay) as opened:
        outcome = opened.send("", claimed.address, claimed.raw)
    send_module._record(claimed, outcome, at=at, by=BY)


def test_a_worker_taken_for_dead_that_delivered_after_all_ends_the_doubt(relay: MakeRelay) -> None:
    letter, claimed = personal(), send_module._claim(at=NOW)
    assert claimed is not None
    sweep_letters(at=later(minutes=30), by=BY)
    _finish(claimed, relay(), later(minutes=31))
    assert fate(letter).fate == "sent"


def test_a_worker_taken_for_dead_that_did_not_deliver_changes_nothing(relay: MakeRelay) -> None:
    letter, claimed = personal(), send_module._claim(at=NOW)
    assert claimed is not None
    sweep_letters(at=later(minutes=30), by=BY)
    _finish(claimed, relay({"RCPT": ["450 later"]}), later(minutes=31))
    assert (fate(letter).fate, fate(letter).next_attempt_at) == ("unknown", None)


def test_what_came_back_before_the_worker_noted_its_sending_stays_come_back(
    relay: MakeRelay,
) -> None:
    from .test_bounces import failed

    letter, claimed = personal(), send_module._claim(at=NOW)
    assert claimed is not None
    record_bounce(token=letter.envelope_token, reports=[failed("kari@example.net")], by=BY, at=NOW)
    _finish(claimed, relay(), NOW)
    assert fate(letter).fate == "bounced"


def test_two_workers_never_take_the_same_letter(relay: MakeRelay) -> None:
    for number in range(20):
        queue(f"acknowledgement:{number}")
    server, start, tried = relay(), Barrier(2), []

    def work() -> None:
        start.wait(10)
        tried.append(send(server))
        database.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(tried) == 20
    assert len(server.taken) == len({taken.raw for taken in server.taken}) == 20


def test_a_letter_that_another_connection_holds_is_passed_over() -> None:
    queue()
    other = queue("acknowledgement:other", not_before=later(seconds=-1), at=later(seconds=-1))
    claimed: list[send_module._Claimed | None] = []

    def claim() -> None:
        claimed.append(send_module._claim(at=NOW))
        database.close()

    with transaction.atomic():
        LetterRecipient.objects.select_for_update().get(letter=other)
        thread = Thread(target=claim)
        thread.start()
        thread.join(10)
    assert claimed[0] is not None
    assert claimed[0].recipient_id != fate(other).pk


def test_sending_takes_few_statements(relay: MakeRelay) -> None:
    queue()
    with CaptureQueriesContext(database) as captured:
        send(relay())
    told = [
        each["sql"]
        for each in captured
        if each["sql"].split()[0] in ("SELECT", "UPDATE", "INSERT", "WITH")
    ]
    # Whether the server was away; claim; record (3); and the look that finds no more.
    assert len(told) == 6, told
