"""TLS is verified and never given up; only an address stands where an address belongs."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from outbox.clients.smtp import ClearTextRefused, Connection
from outbox.rules.envelope import greeting_name
from outbox.rules.retry import Answer

from .builders import connection
from .relay import Relay, make_certificate

MakeRelay = Callable[..., Relay]
RAW = b"Subject: x\r\n\r\nsecret\r\n"


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def url(scheme: str, server: Relay) -> str:
    return f"{scheme}://127.0.0.1:{server.port}"


@pytest.mark.parametrize(("scheme", "wrapped"), [("smtp+starttls", False), ("smtps", True)])
def test_a_server_with_a_certificate_that_we_trust_gets_the_letter_under_tls(
    relay: MakeRelay, tmp_path: Path, scheme: str, wrapped: bool
) -> None:
    certificate = make_certificate(tmp_path)
    server = relay(certificate=certificate, wrapped=wrapped)
    with connection(server, url=url(scheme, server), context=trusting(certificate)) as opened:
        outcome = opened.send("", "kari@example.net", RAW)
    assert outcome.answer is Answer.ACCEPTED
    assert server.taken[0].raw == RAW
    assert all(line.split()[0].lower() in ("ehlo", "starttls") for line in server.in_clear)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
@pytest.mark.parametrize("fault", ["expired", "not trusted", "another host"])
def test_a_certificate_that_does_not_hold_sends_nothing(
    relay: MakeRelay, tmp_path: Path, scheme: str, fault: str
) -> None:
    certificate = make_certificate(tmp_path, expired=fault == "expired")
    server = relay(certificate=certificate, wrapped=scheme == "smtps")
    host = "localhost" if fault == "another host" else "127.0.0.1"
    context = None if fault == "not trusted" else trusting(certificate)
    where = f"{scheme}://kari:secret@{host}:{server.port}"
    with connection(server, url=where, context=context) as opened:
        outcome = opened.send("", "kari@example.net", RAW)
    assert outcome.answer is Answer.UNREACHED
    assert outcome.words == "SSLCertVerificationError"
    assert server.taken == []
    assert all(line.split()[0].lower() in ("ehlo", "starttls") for line in server.in_clear)


@pytest.mark.parametrize("script", [{}, {"STARTTLS": ["454 not now"]}, {"STARTTLS": ["502 no"]}])
def test_a_server_without_starttls_gets_nothing_in_clear_text(
    relay: MakeRelay, tmp_path: Path, script: dict[str, list[str]]
) -> None:
    offered = make_certificate(tmp_path) if script else None
    server = relay(script, certificate=offered)
    where = f"smtp+starttls://kari:secret@127.0.0.1:{server.port}"
    with connection(server, url=where) as opened:
        outcome = opened.send("", "kari@example.net", RAW)
    assert outcome.answer is Answer.UNREACHED
    assert {line.split()[0].lower() for line in server.seen} <= {"ehlo", "helo", "starttls", "quit"}


def test_a_refused_sign_in_says_nothing_of_the_letter(relay: MakeRelay) -> None:
    server = relay({"EHLO": ["250-relay\r\n250 AUTH PLAIN"], "AUTH": ["535 5.7.8 wrong password"]})
    where = f"smtp://kari:wrong@127.0.0.1:{server.port}"
    with connection(server, url=where) as opened:
        outcome = opened.send("", "kari@example.net", RAW)
    assert (outcome.answer, outcome.code) == (Answer.UNREACHED, 535)
    assert "wrong password" in outcome.words


def test_a_password_that_cannot_be_written_in_ascii_stops_no_worker(relay: MakeRelay) -> None:
    server = relay({"EHLO": ["250-relay\r\n250 AUTH PLAIN"]})
    where = f"smtp://kari:p%C3%A5skeegg@127.0.0.1:{server.port}"
    with connection(server, url=where) as opened:
        assert opened.send("", "kari@example.net", RAW).answer is Answer.UNREACHED


@pytest.mark.parametrize(
    "address",
    [
        "kari@example.net\r\nRCPT TO:<all@example.net>",
        "kari@example.net>\nDATA",
        "kari\0@example.net",
        "kari@example.net> ORCPT=x",
        "kari@exa mple.net",
        "kåre@example.net",
        "kari@example.net, ola@example.net",
        "kari",
    ],
)
@pytest.mark.parametrize("place", ["sender", "recipient"])
def test_what_could_be_a_second_command_never_reaches_the_server(
    relay: MakeRelay, address: str, place: str
) -> None:
    server = relay()
    sender, to = (address, "kari@example.net") if place == "sender" else ("", address)
    with connection(server) as opened:
        outcome = opened.send(sender, to, RAW)
    assert outcome.answer is Answer.REFUSED
    assert server.sessions == 0


def test_clear_text_to_another_host_is_refused_unless_it_is_named() -> None:
    with pytest.raises(ClearTextRefused, match=r"mail\.example\.net"):
        Connection("smtp://mail.example.net", timeout=1, hello="us.example")
    Connection(
        "smtp://mail.example.net", timeout=1, hello="us.example", plain_hosts=["Mail.Example.net"]
    )
    for local in ("localhost", "127.0.0.1", "[::1]"):
        Connection(f"smtp://{local}", timeout=1, hello="us.example")


@pytest.mark.parametrize(
    "address", ["mail.example.net:25", "http://mail.example.net", "smtps:mail.example.net", ""]
)
def test_what_is_no_address_of_a_mail_server_is_refused_and_not_guessed(address: str) -> None:
    with pytest.raises(ValueError, match="outgoing mail server"):
        Connection(address, timeout=1, hello="us.example")


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://post.fjordvik.example/", "post.fjordvik.example"),
        # RFC 5321 4.1.3
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
    ],
)
def test_we_greet_with_the_name_of_our_web_address(base_url: str, name: str) -> None:
    assert greeting_name(base_url) == name
