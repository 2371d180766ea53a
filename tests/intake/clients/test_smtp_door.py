"""What a sender sees at the SMTP and the LMTP door."""

from __future__ import annotations

import contextlib
import shutil
import smtplib
import ssl
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.clients.smtp_contract import Answer, IncomingMail, Limits
from intake.clients.smtp_data import stuffed
from intake.clients.smtp_processes import server_tls

from .conftest import OK, Remembers, Served

Serve = Callable[..., Served]
MAIL = b"From: kari@example.no\r\nSubject: hei\r\n\r\nHei.\r\n"


def send(served: Served, raw: bytes, to: str = "post@kommune.test") -> None:
    with smtplib.SMTP("127.0.0.1", served.port) as client:
        client.sendmail("kari@example.no", [to], raw)


def test_a_mail_arrives_with_its_exact_bytes_and_the_facts_of_its_envelope(serve: Serve) -> None:
    served = serve()
    before = datetime.now(UTC)
    with smtplib.SMTP("127.0.0.1", served.port, local_hostname="mx.example.no") as client:
        client.sendmail(
            "kari@example.no", ["a@kommune.test", "b@kommune.test"], MAIL, ["BODY=8BITMIME"]
        )
    (mail,) = served.mails
    assert mail.raw == MAIL
    assert mail.envelope_from == "kari@example.no"
    assert mail.recipients == ["a@kommune.test", "b@kommune.test"]
    assert (mail.peer_ip, mail.helo, mail.tls) == ("127.0.0.1", "mx.example.no", None)
    assert mail.esmtp_params == {"SIZE": str(len(MAIL)), "BODY": "8BITMIME"}
    assert mail.protocol == "smtp"
    assert before <= mail.received_at <= datetime.now(UTC)


def test_bounces_with_a_null_sender_are_taken(serve: Serve) -> None:
    served = serve()
    talk = served.talk().hello().start_data(sender="")
    talk.send(MAIL + b".\r\n")
    assert talk.reply() == "250 2.6.0 Kept"
    assert served.mails[0].envelope_from == ""


def test_lines_of_ten_thousand_bytes_are_taken(serve: Serve) -> None:
    served = serve()
    raw = b"Subject: " + b"x" * 10_000 + b"\r\n\r\n" + (b"y" * 10_000 + b"\r\n") * 20
    send(served, raw)
    assert served.mails[0].raw == raw


def test_one_line_of_fifty_megabytes_is_taken_and_one_byte_more_is_not(serve: Serve) -> None:
    served = serve()
    limit = 50 * 1024 * 1024
    raw = b"\r\n" + b"z" * (limit - 4) + b"\r\n"
    send(served, raw)
    assert served.mails[0].raw == raw
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        send(served, raw[:-2] + b"z\r\n")
    assert refused.value.smtp_code == 552


def test_too_much_data_is_refused_after_its_end_and_the_connection_goes_on(serve: Serve) -> None:
    served = serve(limits=Limits(message_size=10_000))
    talk = served.talk().hello().start_data()
    talk.send(b"x" * 15_000 + b"\r\n.\r\n")
    assert talk.reply().startswith("552 5.3.4 ")
    talk.start_data().send(MAIL + b".\r\n")
    assert talk.reply().startswith("250 ")
    assert [mail.raw for mail in served.mails] == [MAIL]


def test_a_client_that_never_stops_sending_is_cut_off(serve: Serve) -> None:
    served = serve(limits=Limits(message_size=100_000))
    talk = served.talk().hello().start_data()
    with contextlib.suppress(ConnectionError):
        for _ in range(1000):
            talk.send(b"x" * 65_536)
    assert talk.reply().startswith("552 5.3.4 ") or talk.ended()
    assert served.mails == []


@pytest.mark.parametrize(
    "almost", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n.\n", b"\r\r\n.\r\r\n"]
)
def test_a_smuggled_second_message_stays_inside_the_first(serve: Serve, almost: bytes) -> None:
    served = serve()
    inner = b"MAIL FROM:<boss@kommune.test>\r\nRCPT TO:<x@kommune.test>\r\nDATA\r\nevil"
    talk = served.talk().hello().start_data()
    talk.send(b"Subject: a\r\n\r\none" + almost + inner + b"\r\n.\r\nNOOP\r\n")
    assert talk.reply().startswith("250 2.6.0 ")
    assert talk.reply().startswith("250 2.0.0 ")
    (mail,) = served.mails
    assert mail.envelope_from == "kari@example.no"
    assert b"boss@kommune.test" in mail.raw


def test_commands_sent_ahead_of_the_answers_are_all_obeyed_in_order(serve: Serve) -> None:
    served = serve()
    talk = served.talk().hello()
    first = b"MAIL FROM:<a@a.test>\r\nRCPT TO:<unknown@b.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n"
    second = b"MAIL FROM:<c@c.test>\r\nRCPT TO:<d@d.test>\r\nDATA\r\n"
    talk.send(first + MAIL + b".\r\n" + second + b"..two\r\n.\r\nQUIT\r\n")
    codes = [talk.reply()[:3] for _ in range(9)]
    assert codes == ["250", "550", "250", "354", "250", "250", "250", "354", "250"]
    assert talk.reply()[:3] == "221"
    assert [(mail.envelope_from, mail.raw) for mail in served.mails] == [
        ("a@a.test", MAIL),
        ("c@c.test", b".two\r\n"),
    ]


def test_only_what_is_kept_is_offered(serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(limits=Limits(message_size=1234)).port) as client:
        client.ehlo()
        assert client.esmtp_features == {
            "size": "1234",
            "8bitmime": "",
            "smtputf8": "",
            "pipelining": "",
            "enhancedstatuscodes": "",
        }


def test_every_answer_carries_an_enhanced_code_of_its_class(serve: Serve) -> None:
    talk = serve().talk().hello()
    for line in (
        "NOOP", "RSET", "VRFY x", "EXPN x", "AUTH PLAIN", "BOGUS", "RCPT TO:<a@b.test>", "DATA",
        "MAIL FROM:x y", "MAIL FROM:<a@b.test> RET=FULL", "MAIL FROM:<a@b.test> SIZE=x", "STARTTLS",
        "MAIL FROM:<a@b.test>", "MAIL FROM:<a@b.test>", "RCPT TO:<>", "RCPT TO:<a b>", "DATA x",
    ):  # fmt: skip
        reply = talk.say(line)
        assert reply[4] == reply[0], (line, reply)
        assert reply[5] == ".", (line, reply)


def test_unknown_recipients_are_refused_and_the_known_still_get_the_mail(serve: Serve) -> None:
    served = serve()
    with smtplib.SMTP("127.0.0.1", served.port) as client:
        refused = client.sendmail("a@b.test", ["unknown@kommune.test", "post@kommune.test"], MAIL)
    assert refused == {"unknown@kommune.test": (550, b"5.1.1 No such mailbox")}
    assert served.mails[0].recipients == ["post@kommune.test"]


def test_postmaster_without_a_domain_reaches_the_application(serve: Serve) -> None:
    served = serve()
    served.talk().hello().start_data("postmaster").send(MAIL + b".\r\n")
    assert served.application.peers[0].helo == "client.test"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("<a@b.test>", "a@b.test"),
        ("a@b.test", "a@b.test"),
        ("<@relay.test,@other.test:a@b.test>", "a@b.test"),
        ('<"a b"@b.test>', '"a b"@b.test'),
        ("<kåre@blåbær.test>", "kåre@blåbær.test"),
        (" <a@b.test>", "a@b.test"),
    ],
)
def test_every_legal_form_of_a_path_is_understood(serve: Serve, path: str, address: str) -> None:
    served = serve()
    talk = served.talk().hello()
    assert talk.say(f"MAIL FROM:{path} SMTPUTF8").startswith("250 ")
    assert talk.say("RCPT TO:<post@kommune.test>").startswith("250 ")
    assert served.application.peers[0].envelope_from == address


@pytest.mark.parametrize(
    "path",
    [
        b"<a@b.test",
        b"<a\rb@c.test>",
        b"<a\x00b@c.test>",
        b"<a@b>c>",
        b"<\xff\xfe@b.test>",
        b"< a b >",
    ],
)
def test_no_address_that_could_break_a_line_or_a_database_is_let_in(
    serve: Serve, path: bytes
) -> None:
    talk = serve().talk().hello()
    talk.send(b"MAIL FROM:" + path + b"\r\n")
    assert talk.reply().startswith("501 5.1.7 ")


def test_the_hundred_and_first_recipient_is_told_to_come_separately(serve: Serve) -> None:
    served = serve()
    talk = served.talk().hello()
    talk.say("MAIL FROM:<a@b.test>")
    replies = [talk.say(f"RCPT TO:<r{number}@b.test>") for number in range(101)]
    assert all(reply.startswith("250 ") for reply in replies[:100])
    assert replies[100].startswith("452 4.5.3 ")
    talk.say("DATA")
    talk.send(b".\r\n")
    assert talk.reply().startswith("250 ")
    assert len(served.mails[0].recipients) == 100


def test_lmtp_answers_for_each_recipient_in_their_order(serve: Serve) -> None:
    full = Answer(452, "4.2.2", "Full\r\nnot a line ø")
    served = serve(protocol="lmtp", application=Remembers(deliver_how=lambda mail: [OK, full]))
    talk = served.talk().hello("LHLO").start_data("a@kommune.test", "b@kommune.test")
    talk.send(MAIL + b".\r\nRSET\r\n")
    assert talk.reply() == "250 2.6.0 Kept"
    assert talk.reply() == "452 4.2.2 Full??not a line ?"
    assert talk.reply().startswith("250 2.0.0 ")


def test_lmtp_is_spoken_by_its_own_greeting_only(serve: Serve) -> None:
    talk = serve(protocol="lmtp").talk()
    talk.reply()
    assert talk.say("EHLO a.test").startswith("500 5.5.1 ")
    assert talk.say("MAIL FROM:<a@b.test>").startswith("503 ")
    assert talk.say("LHLO a.test").startswith("250 ")


def raises(mail: IncomingMail) -> list[Answer]:
    raise OSError("disk full")


def too_few(mail: IncomingMail) -> list[Answer]:
    return [OK]


@pytest.mark.parametrize("how", [raises, too_few])
def test_when_the_application_fails_everyone_is_told_to_try_again(
    serve: Serve, how: Callable[[IncomingMail], list[Answer]]
) -> None:
    served = serve(protocol="lmtp", application=Remembers(deliver_how=how))
    talk = served.talk().hello("LHLO").start_data("a@kommune.test", "b@kommune.test")
    talk.send(MAIL + b".\r\n")
    assert [talk.reply()[:9] for _ in range(2)] == ["451 4.3.0"] * 2


def test_a_recipient_that_cannot_be_checked_is_told_to_try_again(serve: Serve) -> None:
    talk = serve().talk().hello()
    talk.say("MAIL FROM:<a@b.test>")
    assert talk.say("RCPT TO:<broken@kommune.test>").startswith("451 4.3.0 ")
    assert talk.say("DATA").startswith("503 ")


def test_cut_off_in_the_middle_of_a_mail_nothing_is_delivered(serve: Serve) -> None:
    served = serve()
    talk = served.talk().hello().start_data()
    talk.send(MAIL + b"\r\n.\r")
    talk.close()
    served.stop()
    served.thread.join(10)
    assert served.mails == []


def client_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


def test_starttls_encrypts_and_is_noted(serve: Serve, certificate: tuple[Path, Path]) -> None:
    served = serve(tls=server_tls(*map(str, certificate)))
    with smtplib.SMTP("localhost", served.port) as client:
        client.starttls(context=client_tls(certificate))
        client.ehlo()
        assert "starttls" not in client.esmtp_features
        client.sendmail("a@b.test", ["post@kommune.test"], MAIL + b"x" * 3_000_000 + b"\r\n")
    (mail,) = served.mails
    assert mail.tls is not None
    assert mail.tls.startswith("TLSv1.3 TLS_")
    assert mail.raw == MAIL + b"x" * 3_000_000 + b"\r\n"


def test_commands_slipped_in_before_tls_are_forgotten(
    serve: Serve, certificate: tuple[Path, Path]
) -> None:
    served = serve(tls=server_tls(*map(str, certificate)))
    talk = served.talk().hello()
    talk.send(b"STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<evil@evil.test>\r\n")
    assert talk.reply().startswith("220 ")
    secure = client_tls(certificate).wrap_socket(talk.socket, server_hostname="localhost")
    secure.sendall(b"RCPT TO:<post@kommune.test>\r\n")
    assert secure.recv(1000).startswith(b"503 ")
    secure.sendall(b"EHLO good.test\r\n")
    assert secure.recv(1000).startswith(b"250-door.test")
    secure.sendall(b"RCPT TO:<post@kommune.test>\r\n")
    assert secure.recv(1000) == b"503 5.5.1 MAIL comes first\r\n"
    secure.close()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"a", b"\xe5", b"\x00"]), max_size=30))
def test_whatever_smtplib_sends_is_what_arrives(one_door: Served, parts: list[bytes]) -> None:
    raw = b"".join(parts)
    one_door.mails.clear()
    send(one_door, raw)
    assert one_door.mails[0].raw == (raw if raw.endswith(b"\r\n") else raw + b"\r\n")


@pytest.fixture
def one_door(serve: Serve) -> Served:
    return serve()


def test_swaks_is_content(serve: Serve) -> None:
    if shutil.which("swaks") is None:
        pytest.skip("swaks is not installed")
    served = serve()
    ended = subprocess.run(
        ["swaks", "--server", f"127.0.0.1:{served.port}", "--to", "post@kommune.test",
         "--from", "a@b.test", "--body", ".dot\\n..dots", "--pipeline"],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert b"\r\n.dot\r\n..dots\r\n" in served.mails[0].raw


def test_stuffing_for_the_wire_is_undone_by_the_door(serve: Serve) -> None:
    served = serve()
    raw = b".a\r\n..b\r\n\n.c\r\n.\r\n"
    talk = served.talk().hello().start_data()
    talk.send(stuffed(raw))
    assert talk.reply().startswith("250 ")
    assert served.mails[0].raw == raw
