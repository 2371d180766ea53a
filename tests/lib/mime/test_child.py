"""A parser that dies takes nobody with it."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.mime import html
from lib.mime.child import ParserChild
from lib.mime.limits import Limits, Unreadable

ROOT = Path(__file__).resolve().parents[3]
GOOD = b"From: Kari <kari@example.no>\r\nSubject: garasje\r\n\r\nHei\r\n"


def mail(subject: str) -> bytes:
    return f"From: kari@example.no\r\nSubject: {subject}\r\n\r\nHei\r\n".encode()


@pytest.fixture(scope="module")
def faulty() -> Iterator[ParserChild]:
    child = ParserChild(seconds=3.0, module="tests.lib.mime.faulty_child")
    yield child
    child.close()


@pytest.fixture(scope="module")
def child() -> Iterator[ParserChild]:
    child = ParserChild()
    yield child
    child.close()


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("spin", "parser_timeout"),
        ("segfault", "parser_crashed"),
        ("two gigabytes", "parser_memory"),
        ("exit", "parser_crashed"),
        ("lie", "parser_crashed"),
    ],
)
def test_a_fault_of_the_parser_ends_as_unreadable_and_the_next_mail_is_read(
    faulty: ParserChild, subject: str, code: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        faulty.parse_bytes(mail(subject))
    assert caught.value.code == code
    assert faulty.parse_bytes(GOOD).subject == "garasje"


def test_a_library_that_prints_does_not_disturb_the_answer(faulty: ParserChild) -> None:
    assert faulty.parse_bytes(mail("print")).subject == "print"


def test_an_endless_loop_is_ended_in_the_time_allowed() -> None:
    child = ParserChild(seconds=0.5, module="tests.lib.mime.faulty_child")
    child.parse_bytes(GOOD)
    started = time.monotonic()
    with pytest.raises(Unreadable):
        child.parse_bytes(mail("spin"))
    assert time.monotonic() - started < 3
    child.close()


def test_a_file_and_its_bytes_read_the_same(child: ParserChild, tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_bytes(GOOD)
    assert child.parse_file(path) == child.parse_bytes(GOOD)
    assert child.part_of_file(path, "1") == b"Hei\r\n"


def test_a_file_that_is_missing_is_no_fault_of_the_mail(child: ParserChild, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        child.parse_file(tmp_path / "absent")


def test_a_part_is_extracted_with_the_hash_that_parsing_gave(child: ParserChild) -> None:
    part = child.parse_bytes(GOOD).parts[0]
    assert hashlib.sha256(child.part_bytes(GOOD, part.path)).hexdigest() == part.sha256
    with pytest.raises(Unreadable) as caught:
        child.part_bytes(GOOD, "7")
    assert caught.value.code == "no_such_part"


def test_a_mail_over_the_limit_is_not_sent_to_the_child() -> None:
    child = ParserChild(limits=Limits(size=10))
    with pytest.raises(Unreadable) as caught:
        child.parse_bytes(GOOD)
    assert caught.value.code == "too_large"


def test_the_child_is_replaced_after_a_number_of_mails() -> None:
    child = ParserChild(mails=2, module="tests.lib.mime.faulty_child")
    seen = []
    for _ in range(3):
        child.parse_bytes(GOOD)
        seen.append(child._process.pid if child._process else None)
    child.close()
    assert seen[0] == seen[1] != seen[2]


def test_threads_share_one_child_without_mixing_answers(child: ParserChild) -> None:
    wrong: list[str] = []

    def ask(name: str) -> None:
        for _ in range(10):
            if child.parse_bytes(mail(name)).subject != name:
                wrong.append(name)

    threads = [threading.Thread(target=ask, args=(f"mail {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_child_ends_when_the_worker_is_killed() -> None:
    program = (
        "import time; from lib.mime.child import ParserChild; c = ParserChild();"
        f"c.parse_bytes({GOOD!r}); print(c._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=-1) as worker:
        assert worker.stdout is not None
        pid = int(worker.stdout.readline())
        worker.kill()
    for _ in range(100):
        if not _running(pid):
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its worker")


def test_the_child_does_not_inherit_the_secrets_of_the_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    child = ParserChild()
    child.parse_bytes(GOOD)
    assert child._process is not None
    assert b"secret" not in Path(f"/proc/{child._process.pid}/environ").read_bytes()
    child.close()


def _running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_bounces_are_read_in_the_child_too(child: ParserChild) -> None:
    bounce = (
        b"From: x@y.no\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\n\nA: b\n\n"
        b"Final-Recipient: rfc822; kari@example.no\nAction: failed\nStatus: 5.1.1\n--b--\n"
    )
    assert [each.recipient for each in child.delivery_reports(bounce)] == ["kari@example.no"]


def test_html_is_cleaned_in_the_child_as_it_is_outside(child: ParserChild) -> None:
    source = '<p>blåbær <a href="https://x.no/">x</a><img src="//x.no/a"><img src="cid:a"></p>'
    assert child.clean_html(source, {"a": "/p/2"}) == html.clean(source, {"a": "/p/2"})


def test_a_mail_of_fifty_megabytes_is_read_in_less_than_half_a_gigabyte() -> None:
    content = bytes(range(256)) * 144_000
    raw = GOOD.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1)
    raw = raw.replace(b"Hei\r\n", base64.encodebytes(content))
    child = ParserChild()
    assert child.parse_bytes(raw).parts[0].sha256 == hashlib.sha256(content).hexdigest()
    assert child._process is not None
    status = Path(f"/proc/{child._process.pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    assert int(peak.split()[1]) < 512 * 1024
    child.close()
