"""How fast post comes in, beside the floors that the same machine has in the same run.

./dev bench intake [--mails 1000] [--senders 4] [--memory 10000]
"""

from __future__ import annotations

import argparse
import email
import email.policy
import hashlib
import io
import os
import resource
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from _mix import mix, sender, short
from _processes import Processors

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# A worker process finds these in its environment already.
SINK_PORT = int(os.environ.setdefault("BENCH_SINK_PORT", str(free_port())))
# No letter waits for an undo here: its way to the mail server is part of what is timed.
os.environ["UNDO_SECONDS"] = "0"
os.environ["OUTGOING_SMTP_URL"] = f"smtp://127.0.0.1:{SINK_PORT}"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

RECIPIENT = "postmottak@nn.kommune.example"


def say(what: str, rate: float, unit: str = "messages/s", beside: str = "") -> None:
    print(f"{what:<62} {rate:8.1f} {unit}  {beside}", flush=True)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# --- floors ---------------------------------------------------------------------------------


def floor_fsync(mails: list[bytes], folder: Path) -> None:
    """A file a message, written so that it survives a power cut."""
    directory = os.open(folder, os.O_RDONLY)
    for raw in mails:
        name = hashlib.sha256(raw).hexdigest()
        keep(folder, name, raw)
        os.fsync(directory)
    os.close(directory)


def keep(folder: Path, name: str, raw: bytes) -> None:
    with (folder / f"{name}.part").open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    (folder / f"{name}.part").rename(folder / name)


def floor_parse(mails: list[bytes]) -> None:
    """The standard library alone, every part decoded."""
    for raw in mails:
        parse(raw)


def parse(raw: bytes) -> None:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        if not part.is_multipart():
            part.get_payload(decode=True)


def floor_in_two(mails: list[bytes], folder: Path) -> None:
    """`floor_all` by two processes, half the mails each."""
    connections.close_all()
    halves = []
    for half in (mails[::2], mails[1::2]):
        pid = os.fork()
        if pid == 0:
            floor_all(half, folder)
            os._exit(0)
        halves.append(pid)
    if any(os.waitpid(pid, 0)[1] for pid in halves):
        sys.exit("a floor process failed")


def floor_all(mails: list[bytes], folder: Path) -> None:
    """Parse, a durable file, and one durable insert: the least that any such system does."""
    directory = os.open(folder, os.O_RDONLY)
    with connection.cursor() as cursor:
        for raw in mails:
            parse(raw)
            name = hashlib.sha256(raw).hexdigest()
            keep(folder, name, raw)
            os.fsync(directory)
            cursor.execute("INSERT INTO bench_floor (hash) VALUES (%s)", [name])
    os.close(directory)


# --- the door -------------------------------------------------------------------------------


def send(port: int, mails: list[bytes], senders: int, recipient: str = RECIPIENT) -> None:
    """Hand the mails over on `senders` connections at once, as a relay would."""
    failures: list[Exception] = []

    def one(start: int) -> None:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=60) as session:
                for index in range(start, len(mails), senders):
                    session.sendmail(sender(index), [recipient], mails[index])
        except (OSError, smtplib.SMTPException) as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(start,)) for start in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def child(*command: object, ready: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours for as long as it is needed; `ready` is the port it will listen on."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            while ready is not None and not answers(ready):
                if process.poll() is not None:
                    log.seek(0)
                    sys.exit(log.read().decode(errors="replace"))
                time.sleep(0.05)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as probe:
            return probe.recv(3) == b"220"
    except OSError:
        return False


@contextmanager
def door(processes: int = 2) -> Iterator[int]:
    port = free_port()
    command = ("manage.py", "receive", "--smtp", f"127.0.0.1:{port}", "--processes", processes)
    with child(sys.executable, *command, ready=port):
        yield port


@contextmanager
def postfix() -> Iterator[int | None]:
    """Postfix that accepts into its queue and throws away; None where it is not to be had."""
    if shutil.which("postfix", path="/usr/sbin:/usr/bin") is None or os.geteuid() != 0:
        yield None
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-postfix-") as name:
        home = Path(name)
        home.chmod(0o755)
        for part in ("queue", "data"):
            (home / part).mkdir()
        shutil.chown(home / "data", "postfix")
        (home / "main.cf").write_text(
            f"compatibility_level = 3.6\nqueue_directory = {home}/queue\n"
            f"data_directory = {home}/data\nmail_owner = postfix\nsetgid_group = postdrop\n"
            "daemon_directory = /usr/lib/postfix/sbin\ncommand_directory = /usr/sbin\n"
            "alias_maps =\nmydestination =\nlocal_recipient_maps =\n"
            "inet_interfaces = 127.0.0.1\nrelay_domains = nn.kommune.example\n"
            f"maillog_file = {home}/log\nmaillog_file_prefixes = {home}\n"
            "transport_maps = inline:{ {nn.kommune.example=discard:} }\n"
            "message_size_limit = 52428800\nsmtpd_peername_lookup = no\n"
        )
        (home / "master.cf").write_text(
            f"127.0.0.1:{port} inet n - n - - smtpd\n"
            "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n"
            "rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\n"
            "defer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n"
            "verify unix - - n - 1 verify\nproxymap unix - - n - - proxymap\n"
            "discard unix - - n - - discard\nerror unix - - n - - error\n"
            "retry unix - - n - - error\nanvil unix - - n - 1 anvil\n"
            "scache unix - - n - 1 scache\npostlog unix-dgram n - n - 1 postlogd\n"
        )
        control = ["/usr/sbin/postfix", "-c", str(home)]
        with (home / "control.log").open("wb") as log:
            quiet = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            subprocess.run([*control, "start"], check=True, **quiet)  # type: ignore[call-overload]
            try:
                while not answers(port):
                    time.sleep(0.05)
                yield port
            finally:
                subprocess.run([*control, "stop"], check=False, **quiet)  # type: ignore[call-overload]


# --- behind the door ------------------------------------------------------------------------


def work(share: int, of: int, *, register: bool, tell_every: int) -> None:
    """One worker process: screen what waits, as the product does; then register its share of it,
    which also acknowledges it."""
    from intake.actions.screen_waiting import screen_waiting
    from intake.actions.triage import Decision, register_message
    from intake.models import Message
    from lib.reading import read_ahead, reader
    from lib.refusal import Refused
    from lib.workdays import is_holiday
    from registry.actions.register import NewCase
    from registry.queries import document_types, series_of

    # Once in the life of a process: its reader's start, and a calendar of many modules.
    reader().parsed_bytes(b"Subject: begin\r\n\r\n")
    is_holiday(timezone.localdate(), "NO")
    if share < 0:
        return
    while not screen_waiting(read=read_ahead(), by="system:bench", clock=timezone.now):
        pass
    if not register:
        return
    kind = document_types()[0].pk
    series = {
        box: series_of(box)[0].pk
        for box in Message.objects.values_list("mailbox__authority", flat=True).distinct()
    }
    rows = Message.objects.order_by("pk").values_list("pk", "mailbox__authority", "mailbox__unit")
    mine = [row for row in rows if row[0] % of == share]
    for done, (pk, authority, unit) in enumerate(mine, 1):
        if tell_every and done % tell_every == 0:
            print(f"worker after {done:>6} messages: {size()} MB", file=sys.stderr, flush=True)
        case = NewCase(
            series_id=series[authority],
            title=f"Sak {pk}",
            public_title="Henvendelse",
            access="unassessed",
            legal_basis="",
            unit_id=unit,
            caseworker_id=None,
        )
        decision = Decision(
            case=case,
            title=f"Henvendelse {pk}",
            public_title="Henvendelse",
            document_type_id=kind,
            access="unassessed",
            legal_basis="",
            sender_name="Kari Nordmann",
            sender_is_person=True,
        )
        try:
            register_message(message_id=pk, decision=decision, by="system:bench", at=timezone.now())
        except Refused as refusal:
            if refusal.code != "not_screened":
                raise
            mine.append((pk, authority, unit))  # the other worker has it in its hands
            time.sleep(0.01)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def send_letters() -> None:
    """The process that sends letters, until it is ended."""
    from django.conf import settings

    from outbox.actions.send import send_due
    from outbox.clients.smtp import Connection

    with Connection(settings.OUTGOING_SMTP_URL, timeout=30, hello="bench.example") as outgoing:
        while True:
            if not send_due(connection=outgoing, clock=timezone.now, by="system:bench"):
                time.sleep(0.1)  # the product's is woken, every 10 seconds at the least


def size() -> int:
    """What this process has in memory now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def workers(of: int, *, register: bool, tell_every: int = 0) -> tuple[float, int]:
    """Run `of` worker processes at once; the seconds they took, and the largest one's MB."""
    connections.close_all()
    flags = ["--register"] if register else []
    flags += ["--tell-every", str(tell_every)]
    start = time.perf_counter()
    running = [
        subprocess.Popen(
            [sys.executable, __file__, "--worker", str(share), "--of", str(of), *flags],
            stdout=subprocess.PIPE,
        )
        for share in range(of)
    ]
    said = [process.communicate()[0] for process in running]
    while register and letters_left():
        time.sleep(0.02)
    seconds = time.perf_counter() - start
    if any(process.returncode for process in running):
        sys.exit("a worker failed")
    return seconds, max(int(each or 0) for each in said)


def forget() -> None:
    """Empty the tables between measurements, as the owner, whom the triggers would refuse."""
    connections.close_all()
    tables_of = (
        "SELECT string_agg(format('%I', relname), ', ') FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace "
        "AND relname ~ '^(intake|registry|outbox|ledger)_'"
    )
    with connection.cursor() as cursor:
        cursor.execute(tables_of)
        tables = cursor.fetchone()[0]
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {tables}, accounts_rolegrant, accounts_user CASCADE")
        cursor.execute("SET session_replication_role = origin")
    call_command("setup_demo", municipality="nn", stdout=io.StringIO())


def wal_syncs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal'")
        return int(cursor.fetchone()[0])


def acknowledged() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM registry_entry WHERE direction = 'incoming'), "
            "(SELECT count(*) FROM outbox_letterrecipient WHERE fate = 'sent')"
        )
        return cursor.fetchone()  # type: ignore[no-any-return]


def letters_left() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM outbox_letterrecipient"
            " WHERE fate IN ('queued', 'sending', 'retry'))"
        )
        return bool(cursor.fetchone()[0])


# --- the runs -------------------------------------------------------------------------------


def main(number: int, senders: int) -> None:
    mails = list(mix(number, recipient=RECIPIENT))
    size = sum(map(len, mails)) / number
    print(f"{number} mails, mean {size / 1000:.0f} KB, {os.cpu_count()} cores, {senders} senders")
    Path(os.environ["BLOB_DIR"]).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.environ["BLOB_DIR"]) as name:
        folder = Path(name)
        say("floor: fsynced file per message", number / timed(lambda: floor_fsync(mails, folder)))
    say("floor: stdlib parse only", number / timed(lambda: floor_parse(mails)))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (id bigserial, hash text)")
    with tempfile.TemporaryDirectory(dir=os.environ["BLOB_DIR"]) as name:
        folder = Path(name)
        floor = number / timed(lambda: floor_all(mails, folder))
    say("floor: parse + fsynced file + one insert transaction", floor)
    with tempfile.TemporaryDirectory(dir=os.environ["BLOB_DIR"]) as name:
        folder = Path(name)
        two = number / timed(lambda: floor_in_two(mails, folder))
    say("  the same in two processes", two, beside=f"{two / floor:.2f} times one")

    forget()
    with postfix() as their_port, door() as our_port:
        theirs, ours, syncs = rates(their_port, our_port, travelling(mails), senders)
    if theirs:
        say("Postfix accepts", theirs)
    beside = f"{ours / theirs:.2f} of Postfix" if theirs else "(Postfix is not installed)"
    say("our SMTP door accepts, durably", ours, beside=beside)
    say("  database log syncs per message at the door", syncs, "", "besides those for the raw file")

    forget()
    with door() as port:
        send(port, mails, senders)
    idle = {of: start_up(of) for of in (1, 2)}
    one = number / (workers(1, register=False)[0] - idle[1])
    say("stored to screened, one worker process", one, beside=f"{one / floor:.2f} of the floor")
    done: dict[int, float] = {}
    for of in (1, 2):
        forget()
        with door() as port, sink(), sender_process():
            send(port, mails, senders)
            with Processors() as used:
                seconds, memory = workers(of, register=True)
        done[of] = number / (seconds - idle[of])
        entries, letters = acknowledged()
        say(
            f"stored to registered and acknowledged, {of} worker process{'es' if of > 1 else ''}",
            done[of],
            beside=f"{done[of] / floor:.2f} of the floor; {entries} entries, {letters} letters "
            f"sent, {memory} MB",
        )
        spent = {kind: 1_000 * each / number for kind, each in used.by_kind().items()}
        print(
            f"  ms of processor time per message, starting included: {sum(spent.values()):.1f} ("
            + ", ".join(f"{kind} {each:.1f}" for kind, each in spent.items() if each >= 0.05)
            + f"), {sum(spent.values()) * number / seconds / 10:.0f} % of a core; "
            f"others took {100 * used.of_others() / seconds:.0f} %",
            flush=True,
        )
    say(
        "two worker processes to one", done[2] / done[1], "times", f"(the floor: {two / floor:.2f})"
    )


def travelling(mails: list[bytes]) -> list[bytes]:
    """The mails as a mail server sends them: each line ends in CRLF."""
    return [mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for mail in mails]


def rates(
    theirs: int | None, ours: int, mails: list[bytes], senders: int, turns: int = 5
) -> tuple[float, float, float]:
    """Messages/s of Postfix and of us, taking turns so that both meet the same noise; and our
    database log syncs per message.

    Both get the same mails from the same client on as many connections, keep each on disk before
    they say 250, and run all day: so each has taken some mails before the clock starts.
    """
    for port in (theirs, ours):
        if port is not None:
            send(port, travelling(list(short(5 * senders, seed=2, recipient=RECIPIENT))), senders)
    took: dict[int | None, float] = {theirs: 0.0, ours: 0.0}
    syncs = 0
    share = len(mails) // turns
    for turn in range(turns):
        part = mails[turn * share : (turn + 1) * share]
        for port in (theirs, ours) if turn % 2 else (ours, theirs):
            if port is None:
                continue
            before = wal_syncs()
            took[port] += timed(lambda port=port, part=part: send(port, part, senders))
            syncs += wal_syncs() - before if port == ours else 0
    number = share * turns
    return number / took[theirs] if theirs else 0.0, number / took[ours], syncs / number


def start_up(of: int) -> float:
    """Seconds that worker processes need before their first message."""
    connections.close_all()
    start = time.perf_counter()
    command = [sys.executable, __file__, "--worker", "-1", "--of", "1000000"]
    for process in [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(of)]:
        process.wait()
    return time.perf_counter() - start


@contextmanager
def sink() -> Iterator[None]:
    """A mail server that takes every letter, so that acknowledgements really leave."""
    with tempfile.TemporaryDirectory() as folder:
        listen = f"127.0.0.1:{SINK_PORT}"
        command = ("manage.py", "mailsink", "--listen", listen, "--maildir", f"{folder}/letters")
        with child(sys.executable, *command, ready=SINK_PORT):
            yield


@contextmanager
def sender_process() -> Iterator[None]:
    """The one process that sends letters, beside however many workers."""
    with child(sys.executable, __file__, "--sender"):
        yield


def memory(number: int) -> None:
    """The size of one worker while it works through ever more messages: it must not grow."""
    forget()
    mails = list(short(number, recipient=RECIPIENT))
    with door() as port, sink(), sender_process():
        for start in range(0, number, 1_000):  # the door takes 500 mails on a connection
            send(port, mails[start : start + 1_000], 4)
        workers(1, register=True, tell_every=number // 10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=1_000)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--memory", type=int, metavar="MESSAGES")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--of", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--register", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--tell-every", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--sender", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.sender:
        send_letters()
    elif chosen.worker is not None:
        work(chosen.worker, chosen.of, register=chosen.register, tell_every=chosen.tell_every)
    elif chosen.memory:
        memory(chosen.memory)
    else:
        main(chosen.mails, chosen.senders)
