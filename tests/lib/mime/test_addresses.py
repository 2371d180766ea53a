"""An address is read beyond doubt or not at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.mime.addresses import (
    is_public_address,
    is_valid_address,
    normalise,
    parse_addresses,
)
from lib.mime.model import Address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kari@example.no", [("", "kari@example.no")]),
        ("Kari Nordmann <kari@example.no>", [("Kari Nordmann", "kari@example.no")]),
        ('"Nordmann, Kari" <kari@example.no>', [("Nordmann, Kari", "kari@example.no")]),
        ("=?utf-8?Q?Nordmann=2C_K=C3=A5re?= <k@x.no>", [("Nordmann, Kåre", "k@x.no")]),
        ("=?utf-8?B?S8M=?= =?utf-8?B?pXJl?= <k@x.no>", [("Kåre", "k@x.no")]),
        ("kari@example.no (Kari Nordmann)", [("Kari Nordmann", "kari@example.no")]),
        ("Dr. K. Nordmann <k@x.no>, b@x.no", [("Dr. K. Nordmann", "k@x.no"), ("", "b@x.no")]),
        ("Styret: a@x.no, Ola <o@x.no>;", [("", "a@x.no"), ("Ola", "o@x.no")]),
        ("undisclosed-recipients:;", []),
        ("a@x.no <a@x.no>", [("a@x.no", "a@x.no")]),
        ("=?utf-8?Q?a=40b.no=3E_=2C?= <k@x.no>", [("a@b.no> ,", "k@x.no")]),
        ("", []),
    ],
)
def test_ordinary_address_fields_are_read(text: str, expected: list[tuple[str, str]]) -> None:
    assert parse_addresses(text, 100) == [Address(*each) for each in expected]


@pytest.mark.parametrize(
    "text",
    [
        '"Someone" <valid@example.net>:<attacker@example.org>',
        "alice@example.org)bob@evil.no",  # CVE-2023-27043
        "alice@example.org]bob@evil.no",
        "<alice@example.org>bob@evil.no",
        "<alice@example.org><bob@evil.no>",
        "alice@example.org <bob@evil.no>",
        "alice@example.org@evil.no",
        "alice(comment)@example.org",
        '"alice@example.org',
        "<@evil.no:alice@example.org>",
        "alice@[192.0.2.1]",
        "alice @example.org",
        '"alice@example.org"@evil.no',
        "=?utf-8?Q?alice?=@example.org",
        "(" * 500 + "a@b.no" + ")" * 500,
        "Group: alice@example.org",
        "alice@stra\u00dfe.example",
        "alice@example..org",
        "alice",
        "<>",
    ],
)
def test_what_two_programs_could_read_differently_has_no_address(text: str) -> None:
    assert [each.address for each in parse_addresses(text, 100)] == [""]


@pytest.mark.parametrize(
    "address",
    ["a@b.no\r\nBcc: x@y.no", "a@b.no\n", "a\0@b.no", "a b@c.no", "a@", "@b.no", "a", "",
     "a@b no", "a" * 65 + "@b.no", "a@" + "b." * 130 + "no", "a@-b.no", "a@b.no.", "a@@b.no",
     "a@b.no,c@d.no", "<a@b.no>", "a\u202e@b.no", "a@b\u2028.no", "a@\ud800.no", ".a@b.no"],
)  # fmt: skip
def test_what_could_break_a_header_or_a_command_is_no_address(address: str) -> None:
    assert not is_valid_address(address)
    with pytest.raises(ValueError, match="not an address"):
        normalise(address)


@pytest.mark.parametrize(
    "address",
    [
        "kari@example.no",
        "o'hara+tag@sub.example.co.uk",
        "SRS0=abc=de=example.no=kari@forward.example",
        "jørgen@blåbær.no",
        "a@xn--blbr-roah.no",
    ],
)
def test_addresses_that_mail_can_reach_are_valid(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "kari@localhost",
        "@example.no",
        "kari@",
        "kari@.no",
        "kari@example..no",
        "kari@-example.no",
        "kari nordmann@example.no",
        ".kari@example.no",
        "ka..ri@example.no",
        "kari@[192.0.2.1]",
        '"kari@x"@example.no',
        "kari@example.no\r\nRCPT TO:<x@y.no>",
        "kari@example.no\n",
        "kari\x00@example.no",
        "kari\u202e@example.no",
        "<kari@example.no>",
        "a" * 65 + "@example.no",
        "a@" + "b." * 130 + "no",
        "kari\N{SNOWMAN}@example.no",
        "=?kari@example.no",  # would be read as the beginning of an encoded word
        "kari@stra\u00dfe.example",  # two domains, by two standards
        "\u00f8" * 33 + "@example.no",  # 66 octets
    ],
)
def test_what_could_break_out_or_reach_nobody_is_no_address(address: str) -> None:
    assert not is_public_address(address)


def test_the_domain_is_normalised_and_the_local_part_left_alone() -> None:
    assert normalise("Kari.Nordmann@EXAMPLE.No") == "Kari.Nordmann@example.no"
    # RFC 3492: "bücher" is xn--bcher-kva.
    assert normalise("post@Bücher.example") == "post@xn--bcher-kva.example"


def test_ten_thousand_addresses_stop_at_the_limit() -> None:
    text = ", ".join(f"u{number}@example.no" for number in range(3_000))
    started = time.process_time()
    assert len(parse_addresses(text, 500)) == 500
    assert time.process_time() - started < 1


@given(st.text(alphabet='ab@.<>(),;:"\\[] =?', max_size=60))
def test_whatever_is_read_as_an_address_is_valid_and_was_written(text: str) -> None:
    for each in parse_addresses(text, 10):
        assert each.address == "" or (is_valid_address(each.address) and "@" in text)
