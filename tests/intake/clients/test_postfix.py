"""A real Postfix hands mail over by LMTP and understands every answer."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator

import pytest

from intake.clients.smtp_contract import Answer, IncomingMail
from tests.faults.house import LOCAL, TOWN, free_port, until
from tests.peers import servers

from .conftest import OK, Remembers, Served

pytestmark = pytest.mark.peers

ONE, OTHER = f"a@{TOWN}", f"b@{TOWN}"
# With all that Postfix would otherwise add.
MAIL = (
    b"From: kari@example.no\r\nTo: %b\r\nSubject: hei\r\n"
    b"Date: Mon, 5 Jan 2026 10:00:00 +0100\r\nMessage-ID: <1@example.no>\r\n\r\n.Hei.\r\n"
) % ONE.encode()


@pytest.fixture
def door(serve: Callable[..., Served]) -> Served:
    return serve(protocol="lmtp", application=Remembers())


@pytest.fixture
def postfix(door: Served) -> Iterator[servers.Postfix]:
    servers.needed("postfix", root=True)
    with servers.postfix(port=free_port(), door=door.port, out=free_port()) as server:
        yield server


def send(postfix: servers.Postfix, raw: bytes, *recipients: str) -> None:
    with smtplib.SMTP(LOCAL, postfix.port) as client:
        client.sendmail("kari@example.no", recipients or [ONE], raw)


def wait_for(door: Served, number: int) -> None:
    until(lambda: len(door.mails) == number, seconds=30, what=f"{number} mails at the door")


def test_postfix_hands_over_and_logs_our_answer(postfix: servers.Postfix, door: Served) -> None:
    send(postfix, MAIL, ONE, OTHER)
    wait_for(door, 1)
    mail = door.mails[0]
    assert mail.raw.endswith(MAIL)
    assert mail.recipients == [ONE, OTHER]
    assert mail.envelope_from == "kari@example.no"
    assert postfix.logs("250 2.6.0 Kept")


def test_postfix_tries_again_after_451(postfix: servers.Postfix, door: Served) -> None:
    refused: list[IncomingMail] = []

    def once(mail: IncomingMail) -> list[Answer] | None:
        if refused:
            return None
        refused.append(mail)
        raise OSError("the database is away")

    door.application.deliver_how = once
    send(postfix, MAIL)
    assert postfix.logs("status=deferred")
    wait_for(door, 1)
    assert postfix.logs("status=sent")
    assert door.mails[0].raw == refused[0].raw


def test_one_of_two_recipients_put_off_comes_again_alone(
    postfix: servers.Postfix, door: Served
) -> None:
    seen: list[list[str]] = []

    def second_is_full(mail: IncomingMail) -> list[Answer]:
        seen.append(mail.recipients)
        return [OK, Answer(452, "4.2.2", "Full")] if len(mail.recipients) == 2 else [OK]

    door.application.deliver_how = second_is_full
    send(postfix, MAIL, ONE, OTHER)
    until(lambda: len(seen) == 2, seconds=30, what="the second recipient comes again")
    assert seen == [[ONE, OTHER], [OTHER]]


def test_postfix_gives_up_an_unknown_recipient_and_keeps_the_known(
    postfix: servers.Postfix, door: Served
) -> None:
    send(postfix, MAIL, f"unknown@{TOWN}", ONE)
    wait_for(door, 1)
    assert door.mails[0].recipients == [ONE]
    assert postfix.logs("status=bounced")
    assert postfix.logs("550 5.1.1 No such mailbox")


def test_many_mails_and_a_large_one_come_through_whole(
    postfix: servers.Postfix, door: Served
) -> None:
    large = MAIL + b"x" * 990 + b"\r\n" + (b"y" * 76 + b"\r\n") * 300_000
    send(postfix, large)
    for number in range(30):
        send(postfix, MAIL + b"%d\r\n" % number)
    wait_for(door, 31)
    assert {mail.raw[mail.raw.index(MAIL) :] for mail in door.mails} == {
        large,
        *(MAIL + b"%d\r\n" % number for number in range(30)),
    }
