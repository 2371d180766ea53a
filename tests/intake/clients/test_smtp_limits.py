"""The door under slow, greedy and broken peers, and while it goes down."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import smtplib
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.clients.smtp_contract import Answer, IncomingMail, Limits

from .conftest import OK, Remembers, Served

Serve = Callable[..., Served]
MAIL = b"Subject: hei\r\n\r\nHei.\r\n"


def test_a_silent_client_is_told_goodbye_after_the_idle_time(serve: Serve) -> None:
    talk = serve(limits=Limits(idle=0.3)).talk().hello()
    assert talk.reply().startswith("421 4.4.2 ")
    assert talk.ended()


def test_a_client_that_drips_its_mail_is_ended_by_the_total_time(serve: Serve) -> None:
    served = serve(limits=Limits(idle=5, data_total=0.6))
    talk = served.talk().hello().start_data()
    started = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while time.monotonic() - started < 5:
            talk.send(b"x")
            time.sleep(0.1)
            if served.door.reading == {}:
                break
    assert time.monotonic() - started < 3
    assert served.mails == []


def test_an_application_too_slow_to_keep_a_mail_gets_451_said_for_it(serve: Serve) -> None:
    async def slow(mail: IncomingMail) -> list[Answer]:
        await asyncio.sleep(60)
        return [OK]

    served = serve(limits=Limits(deliver=0.3), application=Remembers(deliver_how=slow))
    talk = served.talk().hello().start_data()
    talk.send(MAIL + b".\r\n")
    assert talk.reply().startswith("451 4.3.0 ")
    assert talk.say("NOOP").startswith("250 ")


def test_a_mail_says_until_when_it_may_be_kept(serve: Serve) -> None:
    served = serve(limits=Limits(deliver=240))
    before = time.monotonic()
    talk = served.talk().hello().start_data()
    talk.send(MAIL + b".\r\n")
    talk.reply()
    assert before + 240 <= served.mails[0].keep_before <= time.monotonic() + 240


def test_a_client_that_leaves_before_the_answer_does_not_stop_the_keeping(serve: Serve) -> None:
    kept = threading.Event()
    begun = threading.Event()

    async def slow(mail: IncomingMail) -> list[Answer]:
        begun.set()
        await asyncio.sleep(0.3)
        kept.set()
        return [OK]

    served = serve(application=Remembers(deliver_how=slow))
    talk = served.talk().hello().start_data()
    talk.send(MAIL + b".\r\n")
    assert begun.wait(5)
    talk.close()
    assert kept.wait(5)


def test_too_many_errors_end_the_connection(serve: Serve) -> None:
    talk = serve(limits=Limits(errors_per_connection=3)).talk().hello()
    talk.send(b"DATA\r\n" * 10)
    assert [talk.reply()[:3] for _ in range(4)] == ["503", "503", "503", "421"]
    assert talk.ended()


def test_a_mail_server_of_our_own_may_ask_for_many_unknown_recipients(serve: Serve) -> None:
    served = serve(protocol="lmtp", limits=Limits(errors_per_connection=3))
    talk = served.talk().hello("LHLO")
    talk.say("MAIL FROM:<a@b.test>")
    for _ in range(20):
        assert talk.say("RCPT TO:<unknown@kommune.test>").startswith("550 ")
    assert talk.say("RCPT TO:<post@kommune.test>").startswith("250 ")


def test_enough_messages_on_one_connection_ask_for_a_new_one(serve: Serve) -> None:
    served = serve(limits=Limits(messages_per_connection=2))
    talk = served.talk().hello()
    for _ in range(2):
        talk.start_data().send(MAIL + b".\r\n")
        assert talk.reply().startswith("250 ")
    assert talk.say("MAIL FROM:<a@b.test>").startswith("421 4.7.0 ")
    assert len(served.mails) == 2


def test_one_address_gets_only_its_share_of_connections(serve: Serve) -> None:
    served = serve(limits=Limits(connections_per_ip=3))
    talks = [served.talk("127.0.0.2").hello() for _ in range(3)]
    assert served.talk("127.0.0.2").reply().startswith("421 4.7.0 ")
    served.talk("127.0.0.3").hello()
    talks[0].say("QUIT")
    talks[0].close()
    time.sleep(0.2)
    served.talk("127.0.0.2").hello()


def test_two_hundred_silent_connections_do_not_keep_an_honest_mail_out(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.clients.smtp_door.EVICT_AFTER_S", 0.5)
    served = serve(limits=Limits(connections=200, connections_per_ip=20))
    idle = [served.talk(f"127.0.1.{number // 20 + 1}") for number in range(200)]
    for talk in idle:
        assert talk.reply().startswith("220 ")
    time.sleep(0.6)
    with smtplib.SMTP("127.0.0.1", served.port, timeout=5) as client:
        client.sendmail("a@b.test", ["post@kommune.test"], MAIL)
    assert served.mails[0].raw == MAIL
    assert idle[0].reply().startswith("421 4.4.2 ")
    assert idle[199].say("NOOP").startswith("250 ")


def test_a_full_door_sends_newcomers_away_when_all_are_at_work(serve: Serve) -> None:
    served = serve(limits=Limits(connections=2))
    working = [served.talk().hello().start_data() for _ in range(2)]
    assert len(working) == 2
    assert served.talk().reply().startswith("421 4.3.2 ")


def test_memory_for_mail_in_flight_is_bounded(serve: Serve) -> None:
    served = serve(limits=Limits(message_size=1_000_000, memory=1_500_000))
    first = served.talk().hello().start_data()
    first.send(b"x" * 900_000)
    time.sleep(0.3)
    second = served.talk().hello()
    assert second.say("MAIL FROM:<a@b.test> SIZE=900000").startswith("452 4.3.1 ")
    second.start_data().send(b"y" * 950_000 + b"\r\n.\r\n")
    assert second.reply().startswith("452 4.3.1 ")
    first.send(b"\r\n.\r\n")
    assert first.reply().startswith("250 ")
    second.start_data().send(b"y" * 950_000 + b"\r\n.\r\n")
    assert second.reply().startswith("250 ")


def test_a_command_line_of_a_megabyte_is_refused_and_forgotten(serve: Serve) -> None:
    talk = serve().talk().hello()
    talk.send(b"NOOP " + b"x" * 1_000_000 + b"\r\nNOOP\r\n")
    assert talk.reply().startswith("500 5.5.2 ")
    assert talk.reply().startswith("250 ")


def test_going_down_the_idle_are_told_and_a_mail_in_flight_is_finished(serve: Serve) -> None:
    served = serve()
    idle = served.talk().hello()
    busy = served.talk().hello().start_data()
    busy.send(b"Subject: a\r\n")
    time.sleep(0.1)
    served.stop()
    assert idle.reply().startswith("421 4.3.2 ")
    assert idle.ended()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", served.port), timeout=2)
    busy.send(b"\r\nb\r\n.\r\n")
    assert busy.reply().startswith("250 ")
    assert busy.reply().startswith("421 ")
    assert busy.ended()
    served.thread.join(5)
    assert not served.thread.is_alive()


def test_going_down_does_not_wait_for_ever(serve: Serve) -> None:
    served = serve(limits=Limits(stop_grace=0.3))
    served.talk().hello().start_data()
    served.stop()
    served.thread.join(3)
    assert not served.thread.is_alive()


# The processes

SCRIPT = textwrap.dedent(
    """
    import asyncio, os, sys
    from intake.clients.smtp_contract import Answer
    from intake.clients.smtp_processes import run_door

    class Application:
        async def check_recipient(self, address, peer):
            return Answer(250, "2.1.5", f"pid {os.getpid()}")

        async def deliver(self, mail):
            await asyncio.sleep(0.5)
            return [Answer(250, "2.6.0", "Kept")] * max(1, len(mail.recipients))

    def ready(addresses):
        print(os.getpid(), addresses[0][1], flush=True)

    sys.exit(run_door(Application, smtp=("127.0.0.1", 0), lmtp=sys.argv[1], processes=2,
                      on_ready=ready))
    """
)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "lmtp.sock")],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert process.stdout is not None
    _pid, port = process.stdout.readline().split()
    yield process, int(port), tmp_path / "lmtp.sock"
    if process.poll() is None:
        process.terminate()
    process.wait(40)
    process.stdout.close()


def pids(port: int, wanted: int) -> set[int]:
    """Process ids that answer at the door, asked until `wanted` of them did."""
    found: set[int] = set()
    ends = time.monotonic() + 10
    while len(found) < wanted and time.monotonic() < ends:
        # Several at once, so that one process does not answer them all.
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(smtplib.SMTP("127.0.0.1", port)) for _ in range(4)]
            for client in clients:
                client.ehlo()
                client.mail("a@b.test")
                found.add(int(client.rcpt("x@b.test")[1].split()[-1]))
    return found


def gone(pid: int) -> bool:
    """Has the process ended (or does it only wait to be buried)?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(true: Callable[[], bool], seconds: float = 10) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_a_killed_process_is_replaced_and_the_door_stays_open(
    running: tuple[subprocess.Popen[str], int, Path],
) -> None:
    _process, port, _path = running
    before = pids(port, 2)
    assert len(before) == 2
    killed = before.pop()
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: gone(killed))
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@b.test", ["post@kommune.test"], MAIL)
    assert wait_until(lambda: len(pids(port, 2) - {killed}) == 2)


def test_when_the_parent_is_killed_the_children_end(
    running: tuple[subprocess.Popen[str], int, Path],
) -> None:
    process, port, _path = running
    children = pids(port, 2)
    assert len(children) == 2
    process.kill()
    assert wait_until(lambda: all(gone(pid) for pid in children))


def test_sigterm_finishes_the_mail_in_flight_and_ends_with_nought(
    running: tuple[subprocess.Popen[str], int, Path],
) -> None:
    process, port, _path = running
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo()
        client.mail("a@b.test")
        client.rcpt("post@kommune.test")
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(MAIL + b".\r\n")
        time.sleep(0.1)
        process.terminate()
        assert client.getreply()[0] == 250
        assert client.getreply()[0] == 421
    assert process.wait(10) == 0


def test_lmtp_is_served_on_a_unix_socket(
    running: tuple[subprocess.Popen[str], int, Path],
) -> None:
    _process, _port, path = running
    with smtplib.LMTP(str(path)) as client:
        client.ehlo()
        client.mail("a@b.test")
        for recipient in ("a@kommune.test", "b@kommune.test"):
            client.rcpt(recipient)
        assert client.data(MAIL)[0] == 250
        # smtplib reads one answer only, LMTP gives one for each recipient (RFC 2033 4.2).
        assert client.getreply()[0] == 250
    assert path.stat().st_mode & 0o777 == 0o660
