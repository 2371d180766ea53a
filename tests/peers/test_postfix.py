"""A real Postfix in front: it hands over by LMTP, keeps what we put off, and takes our letters."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator

import pytest

from tests.faults.house import (
    CENTRAL,
    LOCAL,
    OTHERS,
    TOWN,
    House,
    children_of,
    free_port,
    opened_house,
    until,
)
from tests.faults.post import Sink
from tests.peers.servers import Postfix, deliveries, needed, postfix

pytestmark = [pytest.mark.peers, pytest.mark.timeout(600)]

MAIL = (
    "From: Kari <{sender}>\r\nTo: " + CENTRAL + "\r\nSubject: Hei\r\n"
    "Date: Mon, 5 Jan 2026 10:00:00 +0100\r\nMessage-ID: <{sender}>\r\n\r\n"
    ".Punktum.\r\nHei, hvor er skjemaet?\r\n"
)


class Town:
    """The municipality with its mail server."""

    def __init__(self, house: House, server: Postfix, sink: Sink) -> None:
        self.house, self.postfix, self.sink = house, server, sink

    def write(self, sender: str, *to: str) -> str:
        """A citizen's mail reaches Postfix; the sender's address, by which it is found again."""
        address = f"{sender}@example.org"
        with smtplib.SMTP(LOCAL, self.postfix.port, "mx.example.org") as session:
            session.sendmail(address, to or [CENTRAL], MAIL.format(sender=address).encode())
        return address

    def counts(self, sender: str) -> list[int]:
        """For each message of the sender: how often it was delivered."""
        return [count for _, count in deliveries(self.house, "envelope_from", sender)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    needed("postfix", root=True)
    port, door = free_port(), free_port()
    with (
        Sink() as sink,
        opened_house(
            tmp_path_factory.mktemp("postfix"), OUTGOING_SMTP_URL=f"smtp://{LOCAL}:{port}"
        ) as house,
    ):
        house.run_receiver("--lmtp", f"{LOCAL}:{door}", port=door)
        house.all_ready()
        with postfix(port=port, door=door, out=sink.port) as server:
            yield Town(house, server, sink)


def test_postfix_logs_the_number_that_the_mail_got_and_it_is_kept_as_it_was_sent(
    town: Town,
) -> None:
    sender = town.write("hel")
    line = town.postfix.logs("status=sent", "250 2.0.0 Received as M")
    ((message_id, count),) = deliveries(town.house, "envelope_from", sender)
    assert f"Received as M{message_id})" in line
    assert count == 1
    ((sha256,),) = town.house.ask("SELECT raw_sha256 FROM intake_message WHERE id = %s", message_id)
    assert town.house.blob(sha256).read_bytes().endswith(MAIL.format(sender=sender).encode())


def test_what_is_put_off_without_the_database_comes_later_and_once(town: Town) -> None:
    database = town.house.children["postgres"]
    town.house.stop("postgres")
    try:
        sender = town.write("utsatt")
        town.postfix.logs("status=deferred", "451 4.3.0")
    finally:
        town.house.add("postgres", database)
    until(lambda: town.counts(sender), seconds=60, what="Postfix tries again")
    until(lambda: "removed" in town.postfix.log.splitlines()[-1], seconds=20, what="queue empty")
    assert town.counts(sender) == [1]


def test_an_address_that_is_not_ours_bounces_and_the_other_recipient_has_the_mail(
    town: Town,
) -> None:
    sender = town.write("feil", f"finnes.ikke@{TOWN}", CENTRAL)
    town.postfix.logs(f"to=<finnes.ikke@{TOWN}>", "status=bounced", "550 5.1.1 No such mailbox")
    until(lambda: town.counts(sender), seconds=30, what="the other one is delivered")
    assert town.counts(sender) == [1]
    # The sender is told by Postfix, whose report leaves by SMTP.
    until(
        lambda: [letter for letter in town.sink.letters if letter.to == sender],
        seconds=30,
        what="the bounce reaches the sender",
    )


def test_a_mail_to_three_of_our_addresses_is_one_message_with_three_recipients(
    town: Town,
) -> None:
    sender = town.write("tre", CENTRAL, *OTHERS[:2])
    until(lambda: town.counts(sender), seconds=30, what="the mail is delivered")
    assert town.counts(sender) == [1]
    rows = town.house.ask(
        "SELECT r.address FROM intake_deliveryrecipient r JOIN intake_delivery d"
        " ON d.id = r.delivery_id WHERE d.envelope_from = %s",
        sender,
    )
    assert sorted(row[0] for row in rows) == sorted([CENTRAL, *OTHERS[:2]])


def test_a_receiver_killed_while_postfix_delivers_loses_and_doubles_nothing(town: Town) -> None:
    senders = []
    for number in range(30):
        senders.append(town.write(f"drept{number}"))
        if number % 6 == 3:
            for child in children_of(town.house.pid("receiver")):
                town.house.kill("receiver", child=child)
        time.sleep(0.05)
    for sender in senders:
        until(lambda sender=sender: town.counts(sender), seconds=90, what=f"{sender} delivered")
    until(lambda: "removed" in town.postfix.log.splitlines()[-1], seconds=30, what="queue empty")
    assert all(len(town.counts(sender)) == 1 for sender in senders)


def test_the_acknowledgement_leaves_by_postfix_with_no_envelope_sender(town: Town) -> None:
    sender = town.write("svar")
    until(lambda: town.counts(sender), seconds=30, what="the mail is delivered")
    assert town.house.inside("handle") >= 1
    town.house.inside("send")
    town.postfix.logs(f"to=<{sender}>", "status=sent", "250 2.0.0 taken")
    (letter,) = (each for each in town.sink.letters if each.to == sender)
    assert letter.envelope_from == ""
    assert letter.in_reply_to == f"<{sender}>"
