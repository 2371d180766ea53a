"""What a mail says, whatever shape it comes in."""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.mime.extract import part_bytes
from lib.mime.limits import Limits, Unreadable
from lib.mime.model import Address
from lib.mime.parse import open_mail, parse

HEAD = b"From: Kari <kari@example.no>\r\n"


def mixed(*parts: bytes, head: bytes = HEAD) -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body + b"--b--\r\n"


def attachment(disposition: bytes) -> str | None:
    raw = mixed(b"Content-Disposition: attachment; " + disposition + b"\r\n\r\nx")
    return parse(raw).parts[0].filename


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        # One letter cut over two words: "å" is C3 A5.
        (b"=?utf-8?B?S8M=?= =?utf-8?B?pXJl?=", "Kåre"),
        (b"=?UTF-8?Q?K=C3?=\r\n =?utf-8?Q?=A5re?=", "Kåre"),
        (b"=?iso-8859-1?Q?K=E5?= =?utf-8?Q?r=C3=A9?=", "Kåré"),
        (b"=?utf-8?Q?a_b?= c =?utf-8?Q?d?=", "a b c d"),
        ("Søknad".encode(), "Søknad"),
        ("Søknad – «hei»".encode("cp1252"), "Søknad – «hei»"),
        (b"=?x-unknown?Q?K=E5re?=", "Kåre"),
        (b"=?utf-8?Q?K=E5re?=", "Kåre"),
        (b"=?utf-8*nb?Q?hei?=", "hei"),
        (b"=?utf-8?Q?linje=0D=0ABcc:_x@y.no?=", "linje Bcc: x@y.no"),
        (b"=?utf-8?B?AGE=?=", "a"),
        (b"=?utf-8?Q?Hva_er_dette??=", "Hva er dette?"),
        (b"en lang\r\n linje", "en lang linje"),
        (b"=?utf-8?Q?=E2=80=AEgpj?=", "gpj"),
    ],
)
def test_subjects_are_decoded(header: bytes, expected: str) -> None:
    assert parse(HEAD + b"Subject: " + header + b"\r\n\r\nx").subject == expected


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        (b"filename=plan.pdf", "plan.pdf"),
        (b"filename=min plan.pdf", "min plan.pdf"),
        (b'filename="a;b.pdf"; size=3', "a;b.pdf"),
        (b"filename*=utf-8''s%C3%B8knad.pdf", "søknad.pdf"),
        (b"filename*0*=utf-8''s%C3; filename*1*=%B8k; filename*2=nad.pdf", "søknad.pdf"),
        (b'filename="=?iso-8859-1?Q?s=F8knad.pdf?="', "søknad.pdf"),
        ('filename="søknad.pdf"'.encode("cp1252"), "søknad.pdf"),
        (b'filename="../../etc/passwd"', "../../etc/passwd"),
        (b"filename*=utf-8''a%00b%0D%0Ac.pdf", "ab c.pdf"),
        (b"filename*=utf-8''plan%E2%80%AEfdp.exe", "planfdp.exe"),
        (b'filename=""', None),
    ],
)
def test_file_names_are_data_on_one_line(disposition: bytes, expected: str | None) -> None:
    assert attachment(disposition) == expected


@pytest.mark.parametrize(
    ("charset", "body", "expected"),
    [
        (b"utf-8", "blåbær".encode(), "blåbær"),
        (b"us-ascii", "blåbær".encode(), "blåbær"),
        (b"iso-8859-1", "«blåbær» – 5 €".encode("cp1252"), "«blåbær» – 5 €"),
        (b"utf-8", "blåbær".encode("cp1252"), "blåbær"),
        (b"invalid-charset", "blåbær".encode(), "blåbær"),
        (b" ", "blåbær".encode("latin-1"), "blåbær"),
        (b"zip", b"hei", "hei"),
        (b"unicode_escape", b"\\u0041", "\\u0041"),
        (b"koi8-r", "привет".encode("koi8-r"), "привет"),
        (b"ks_c_5601-1987", "안녕 Привет".encode("cp949"), "안녕 Привет"),
        (b"utf-8", "ærlig øy åpen ".encode() * 5 + b"\xff", "ærlig øy åpen " * 5 + "\ufffd"),
    ],
)
def test_bodies_are_read_whatever_their_label(charset: bytes, body: bytes, expected: str) -> None:
    head = HEAD + b'Content-Type: text/plain; charset="' + charset + b'"\r\n\r\n'
    assert parse(head + body).text == expected


def test_a_part_has_size_hash_and_type_of_its_decoded_content() -> None:
    content = b"%PDF-1.4\n" + bytes(range(256)) * 400
    raw = mixed(
        b"Content-Type: text/plain\r\n\r\nhei",
        b"Content-Type: application/octet-stream; name=plan.pdf\r\n"
        b"Content-Transfer-Encoding: BASE64\r\n\r\n" + base64.encodebytes(content),
    )
    text, plan = parse(raw).parts
    assert (text.path, text.is_body, text.text) == ("1", True, "hei")
    assert (plan.path, plan.is_body, plan.filename) == ("2", False, "plan.pdf")
    assert plan.size == len(content)
    assert plan.sha256 == hashlib.sha256(content).hexdigest()
    assert plan.sniffed_type == "application/pdf"
    assert part_bytes(raw, "2") == content


def test_an_attached_mail_keeps_its_bytes_and_its_parts_are_not_the_outer_mails_text() -> None:
    inner = b"From: ola@x.no\r\nSubject: inni\r\n\r\nindre tekst"
    raw = mixed(b"\r\nytre tekst", b"Content-Type: message/rfc822\r\n\r\n" + inner)
    mail = parse(raw)
    assert mail.text == "ytre tekst"
    assert [(part.path, part.in_mail) for part in mail.parts] == [
        ("1", ""),
        ("2", ""),
        ("2.1", "2"),
    ]
    assert part_bytes(raw, "2") == inner
    assert part_bytes(raw, "2.1") == b"indre tekst"


@pytest.mark.parametrize(
    ("body", "expected", "defect"),
    [
        (b"aGVp", b"hei", None),
        (b"aGVpIQ", b"hei!", "base64_bad_end"),
        (b"aG V!p", b"hei", None),
        (b"aGVpIQ==\r\n____\r\nA mailing list, with a footer.", b"hei!", "base64_followed_by_text"),
        (b"aGVpIQ==\r\naGVpIQ==", b"hei!hei!", "base64_in_pieces"),
    ],
)
def test_damaged_base64_gives_what_it_holds(
    body: bytes, expected: bytes, defect: str | None
) -> None:
    raw = HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + body
    assert part_bytes(raw, "1") == expected
    assert defect is None or defect in parse(raw).defects


def test_text_comes_from_html_where_there_is_no_plain_text() -> None:
    mail = parse(HEAD + b"Content-Type: text/html\r\n\r\n<p>Hei <b>du</b></p><script>x</script>")
    assert mail.text == "Hei du"
    assert mail.html == "<p>Hei <b>du</b></p><script>x</script>"


def test_a_multipart_without_its_boundary_is_shown_as_the_text_it_is() -> None:
    mail = parse(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\nhei")
    assert mail.text == "hei"
    assert "start_boundary_not_found" in mail.defects


@pytest.mark.parametrize(
    ("written", "claimed"),
    [
        (b"Sun, 22 Nov 2026 08:00:00 +0100", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        (b"22 Nov 2026 08:00 -0000", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        (b"not a date", None),
        (b"Sun, 99 Nov 99999 08:00:00 +9999", None),
    ],
)
def test_the_date_is_a_claim(written: bytes, claimed: datetime | None) -> None:
    mail = parse(HEAD + b"Date: " + written + b"\r\n\r\nx")
    assert (mail.date_claimed, mail.date_raw) == (claimed, written.decode())


@pytest.mark.parametrize(
    "senders",
    [
        b"From: a@x.no\r\nFrom: b@x.no\r\n",
        b"From: a@x.no, b@x.no\r\n",
        b'From: "S" <valid@example.net>:<attacker@example.org>\r\n',
        b"X: y\r\n",
    ],
)
def test_a_sender_in_doubt_is_no_sender(senders: bytes) -> None:
    assert parse(senders + b"\r\nx").sender is None


def test_one_sender_is_read() -> None:
    assert parse(HEAD + b"\r\nx").sender == Address("Kari", "kari@example.no")


def nested(depth: int) -> bytes:
    boxes = (
        f"Content-Type: multipart/mixed; boundary=b{number}x\r\n\r\n--b{number}x\r\n"
        for number in range(depth)
    )
    return HEAD + "".join(boxes).encode() + b"\r\nhei"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "no_content"),
        (b"\r\n \r\n", "no_content"),
        (b"\x89PNG\r\n\x1a\n", "no_header"),
        (mixed(*[b"\r\nx"] * 1_001), "too_many_parts"),
        (nested(51), "too_deep"),
        (nested(3_000), "too_deep"),
        ((HEAD + b"Content-Type: message/rfc822\r\n\r\n") * 200 + b"x", "too_deep"),
        (HEAD + b"\r\n" + b"x" * 2**20, "too_large"),
    ],
)
def test_what_is_not_read_is_named(raw: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(raw, Limits(size=2**20))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (b"Subject: " + b"\r\n ".join([b"=?utf-8?B?w6Y=?="] * 10_000), "header_truncated"),
        (b"To: " + b",\r\n ".join([b"a@example.no"] * 10_000), "too_many_addresses"),
        (b"From: " + b"(" * 500 + b"a@b.no", "from_unverifiable"),
        (
            b"Content-Disposition: attachment"
            + b"".join(b";\r\n filename*%d=aa" % number for number in range(20_000)),
            "parameter_truncated",
        ),
        (
            b"Content-Type: multipart/mixed"
            + b"".join(b";\r\n boundary*%d=aa" % number for number in range(20_000)),
            "parameter_truncated",
        ),
        (b"Content-Type: text/plain; a" + b" " * 32_000 + b";", None),
    ],
)
def test_headers_built_to_take_long_are_cut_short(raw: bytes, defect: str | None) -> None:
    started = time.process_time()
    mail = parse(raw + b"\r\n\r\nx")
    assert time.process_time() - started < 1
    assert defect is None or defect in mail.defects


def test_a_long_text_is_cut_and_says_so() -> None:
    mail = parse(HEAD + b"\r\n" + b"hei " * 1_000, Limits(text_chars=100))
    assert len(mail.text) == 100
    assert mail.truncated
    assert "text_truncated" in mail.defects


LINES = [
    b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: message/rfc822", b"", b"--b",
    b"--b--", b"-- ", b"x" * 5_000, b"A" * 5_000 + b"=", b"Content-Transfer-Encoding: base64",
    b"KPCUT0Z0E", b"--b\rContent-Type: text/html", b"From: a@b.no", b"\xff" * 4_200, b" folded",
]  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(LINES), max_size=14), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_cutting_large_bodies_out_never_changes_the_tree(lines: list[bytes], end: bytes) -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b" + end + end.join(lines)
    found = [
        [(leaf.path, leaf.content.value, bytes(leaf.raw)) for leaf in mail.leaves()]
        for mail in (open_mail(raw, Limits(), cut=True), open_mail(raw, Limits(), cut=False))
    ]
    assert found[0] == found[1]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_raise_anything_else(tail: bytes) -> None:
    codes = set()
    try:
        parse(HEAD + b"Content-Type: " + tail)
    except Unreadable as error:
        codes.add(error.code)
    assert "parser_crashed" not in codes
