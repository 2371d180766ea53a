"""Every mail that others found nasty is read or held, never a crash."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.mime import html, reports
from lib.mime.child import ParserChild
from lib.mime.extract import part_bytes
from lib.mime.limits import Limits, Unreadable
from lib.mime.model import Parsed
from lib.mime.parse import open_mail, parse

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = [
    os.environ.get("KP_CORPORA", ""),
    ROOT / "../shared/corpora",
    ROOT / "../../shared/corpora",
]
CORPORA = next((Path(each).resolve() for each in FOLDERS if each and Path(each).is_dir()), None)

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(CORPORA is None, reason="the corpora are absent; set KP_CORPORA"),
]

# Files that are mail and are held all the same, each with its reason. Everything else that is
# held is no mail: certificates, documents, logs, licences, Outlook files.
HELD_MAILS = {
    "cpython/msg_19.txt": "begins with body text",
    "mikel-mail/rfc2822/example13.eml": "obsolete blank before every colon",
    "mikel-mail/sample_output_multipart": "empty",
    "mime4j/core/src/test/resources/testmsgs/malformedHeader-noheader.msg": "no header",
    "mime4j/core/src/test/resources/testmsgs/malformedHeaderStartsBody-noheader.msg": "no header",
    "mime4j/core/src/test/resources/testmsgs/obsolete.msg": "obsolete blank before every colon",
    "paperless-ngx/src/paperless/tests/samples/mail/broken.eml": "no header",
    "stalwart/malformed/019.eml": "no header",
}
NO_MAIL = {".crt", ".der", ".p7b", ".asc", ".doc", ".pdf", ".png", ".xls", ".md"}


def files() -> list[Path]:
    assert CORPORA is not None
    return sorted(path for path in CORPORA.rglob("*") if path.is_file())


def one(name: str) -> bytes:
    assert CORPORA is not None
    found = [path for path in files() if str(path.relative_to(CORPORA)).endswith(f"/{name}")]
    assert len(found) == 1, found
    return found[0].read_bytes()


@pytest.fixture(scope="module")
def child() -> Iterator[ParserChild]:
    child = ParserChild()
    yield child
    child.close()


def is_no_mail(name: str) -> bool:
    path = Path(name)
    return (
        path.suffix.lower() in NO_MAIL
        or path.name.startswith(("maillog", "Readme", "PGP-Test1"))
        or path.name in {"COPYING", "mail_outlook_1"}
        or path.parts[0] == "msg-extractor"
    )


def test_every_file_is_parsed_or_held_within_its_time(child: ParserChild) -> None:
    assert CORPORA is not None
    held: dict[str, str] = {}
    slow = []
    for path in files():
        name = str(path.relative_to(CORPORA))
        started = time.monotonic()
        try:
            mail = child.parse_file(path)
            json.dumps(mail.to_json(), ensure_ascii=False).encode("utf-8")
            assert "\\u0000" not in json.dumps(mail.to_json())
        except Unreadable as error:
            held[name] = error.code
        if time.monotonic() - started > 10:
            slow.append(name)
    assert slow == []
    assert set(held.values()) == {"no_header", "no_content"}
    assert {name for name in held if not is_no_mail(name)} == set(HELD_MAILS)


def test_cutting_large_bodies_out_changes_no_part_of_any_file() -> None:
    for path in files():
        raw = path.read_bytes()
        try:
            whole = [
                (leaf.path, leaf.content.value, bytes(leaf.data))
                for leaf in open_mail(raw, Limits(), cut=False).leaves()
            ]
        except Unreadable:
            continue
        cut = [
            (leaf.path, leaf.content.value, bytes(leaf.data))
            for leaf in open_mail(raw, Limits()).leaves()
        ]
        assert cut == whole, path


def test_parsed_mail_survives_json_and_its_parts_are_extracted_with_equal_hash() -> None:
    for path in files():
        raw = path.read_bytes()
        try:
            mail = parse(raw)
        except Unreadable:
            continue
        assert Parsed.from_json(json.loads(json.dumps(mail.to_json()))) == mail
        assert len({part.path for part in mail.parts}) == len(mail.parts), path
        for part in mail.parts[:20]:
            data = part_bytes(raw, part.path)
            assert hashlib.sha256(data).hexdigest() == part.sha256, (path, part.path)
            assert len(data) == part.size


def test_html_of_every_file_is_harmless_and_stays_so() -> None:
    for path in files():
        try:
            source = parse(path.read_bytes()).html
        except Unreadable:
            continue
        if source:
            cleaned = html.clean(source, {}).html
            lower = cleaned.lower()
            assert not any(each in lower for each in ("<script", "<form", "<style", "<iframe"))
            assert 'src="http' not in lower
            assert html.clean(cleaned, {}).html == cleaned, path


def test_no_bounce_of_the_corpora_stops_the_reader_of_reports() -> None:
    found = 0
    for path in files():
        try:
            found += len(reports.delivery_reports(path.read_bytes()))
        except Unreadable:
            continue
    assert found > 10


def test_a_japanese_parameter_that_makes_the_standard_parser_raise_is_read() -> None:
    mail = parse(one("EmailParser/PostMaster-Test12.box"))
    names = [part.filename for part in mail.parts]
    assert "Обяснительная.jpg" in names
    assert "報告書①..txt" in names


def test_file_names_made_to_leave_their_folder_are_kept_as_data() -> None:
    evil = parse(one("multi-2evil.msg"))
    names = [part.filename for part in evil.parts if part.filename]
    assert names[0] is not None
    assert names[0].startswith("/evil/because:of\\path\\3d-")
    assert [part.filename for part in parse(one("badfile.msg")).parts if part.filename]
    bad = [part.filename for part in parse(one("multi-badnames.msg")).parts if part.filename]
    assert "/foo/bar" in bad


def test_two_from_fields_give_no_sender() -> None:
    mail = parse(one("m0010.txt"))
    assert mail.sender is None
    assert "from_twice" in mail.defects


def test_several_authors_give_no_sender() -> None:
    assert parse(one("raw_email_multiple_from.eml")).sender is None


@pytest.mark.parametrize(
    "name",
    [
        "invalid-charset.txt",
        "raw_email10.eml",
        "malformed/013.eml",
        "missing-boundary.msg",
        "mail_malformed_3",
        "thirdparty/005.eml",
        "thirdparty/006.eml",
        "EmailParser/PostMaster-Test22.box",
        "very-very-long-boundary.msg",
        "badbound.msg",
        "frag.msg",
        "boundary-name-clash.msg",
        "x-gzip64.msg",
    ],
)
def test_what_breaks_the_standard_library_is_read(name: str) -> None:
    assert parse(one(name)).parts


def test_a_tab_in_place_of_a_semicolon_hides_no_attachment() -> None:
    names = [part.filename for part in parse(one("malformed/017.eml")).parts]
    assert names == ["image001.png"]


def test_a_mail_inside_base64_is_opened() -> None:
    mail = parse(one("base64encoded-rfc822message-nested.msg"))
    assert any(part.in_mail for part in mail.parts)


def test_a_line_break_encoded_in_a_subject_starts_no_new_line() -> None:
    mail = parse(one("EmailParser/FilenameWithCRLF.box"))
    texts = [mail.subject, *(part.filename or "" for part in mail.parts)]
    assert not any("\n" in each or "\r" in each for each in texts)


def test_a_date_in_the_year_3000_is_only_a_claim() -> None:
    claimed = parse(one("from_the_future.eml")).date_claimed
    assert claimed is not None
    assert claimed.isoformat() == "2999-12-31T23:00:00+00:00"


def test_raw_utf8_headers_are_read() -> None:
    mail = parse(one("rfc6532/utf8_headers.eml"))
    assert "raw_8bit_header" in mail.defects
    assert "\ufffd" not in mail.subject


def test_a_bounce_with_two_recipients_gives_two_reports() -> None:
    assert len(reports.delivery_reports(one("bounced_email_multiple_status_codes.eml"))) == 2
