"""Every message in a file is found once, and one bad file stops nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.clients import mailfiles
from intake.clients.mailfiles import FileMail, count_mails, read_mails

MAIL = b"From: kari@example.no\nSubject: hei\n\nHei.\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def corpora() -> Path:
    folder = os.environ.get("KP_CORPORA")
    near = [Path(folder)] if folder else []
    near += [parent / "shared" / "corpora" for parent in Path(__file__).parents]
    found = next((path for path in near if path.is_dir()), None)
    if found is None:
        pytest.skip("the folder of real mails is not here")
    return found


def mbox(*mails: bytes) -> bytes:
    return b"".join(
        b"From kari@example.no Mon Jan  5 10:00:00 2026\n" + mail + b"\n" for mail in mails
    )


def raws(path: Path) -> list[bytes]:
    return [mail.raw for mail in read_mails(path)]


def test_an_eml_comes_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"From x\r\n\xff\x00 anything\n")
    assert list(read_mails(path)) == [FileMail("a.eml", b"From x\r\n\xff\x00 anything\n")]


def test_an_mbox_gives_its_messages_with_their_offsets(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(mbox(MAIL, MAIL + b"two\n"))
    mails = list(read_mails(path))
    assert [mail.raw for mail in mails] == [MAIL, MAIL + b"two\n"]
    assert [mail.source_key for mail in mails] == ["box@0", f"box@{len(mbox(MAIL))}"]
    assert mails[0].envelope.sender == "kari@example.no"
    assert count_mails(path) == 2


def test_an_mbox_with_windows_line_ends_is_read(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(mbox(MAIL, MAIL).replace(b"\n", b"\r\n"))
    assert raws(path) == [MAIL.replace(b"\n", b"\r\n")] * 2


def test_a_sentence_that_begins_with_from_splits_no_message(tmp_path: Path) -> None:
    path = tmp_path / "box"
    mail = MAIL + b"\nFrom now on all is well.\nFrom 9:00 to 10:00 we meet.\n"
    path.write_bytes(mbox(mail))
    assert raws(path) == [mail]


def test_a_content_length_that_lies_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(mbox(b"Content-Length: 100000\n" + MAIL, MAIL))
    assert len(raws(path)) == 2


def test_a_missing_empty_line_before_a_full_from_line_loses_no_message(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(mbox(MAIL, MAIL).replace(b"\n\nFrom kari", b"\nFrom kari"))
    assert len(raws(path)) == 2


def test_quoted_from_lines_lose_one_mark(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(mbox(MAIL + b">From here\n>>From there\n> From no\n"))
    assert raws(path) == [MAIL + b"From here\n>From there\n> From no\n"]


lines = st.lists(
    st.sampled_from(
        [b"", b"a", b"From x", b">From x", b"From a@b Mon Jan  5 10:00:00 2026", b">>"]
    ),
    max_size=12,
)


@given(st.lists(lines, min_size=1, max_size=4))
def test_what_mboxrd_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[list[bytes]]
) -> None:
    wanted = [MAIL + b"".join(line + b"\n" for line in body) for body in bodies]
    quoted = [re.sub(rb"(?m)^(>*From )", rb">\1", raw) for raw in wanted]
    path = tmp_path_factory.mktemp("mbox") / "box"
    path.write_bytes(mbox(*quoted))
    assert raws(path) == wanted


def test_an_import_goes_on_after_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(mbox(MAIL, MAIL, MAIL))
    known = [mail.source_key for mail in read_mails(path)][:2]
    assert len(list(read_mails(path, skip=set(known)))) == 1


def test_a_folder_gives_all_its_kinds_in_a_steady_order(tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_bytes(MAIL)
    (tmp_path / "a.mbox").write_bytes(mbox(MAIL, MAIL))
    (tmp_path / "noname").write_bytes(MAIL)
    (tmp_path / ".hidden.eml").write_bytes(MAIL)
    for name in ("box", "box/new", "box/cur", "box/tmp", "box/.Sent", "box/.Sent/new"):
        (tmp_path / name).mkdir()
    (tmp_path / "box/.Sent/cur").mkdir()
    (tmp_path / "box/cur/1.x:2,S").write_bytes(MAIL)
    (tmp_path / "box/tmp/2.x").write_bytes(MAIL)
    (tmp_path / "box/.Sent/new/3.x").write_bytes(MAIL)
    (tmp_path / "box/dovecot-uidlist").write_bytes(b"3 V1 N2\n")
    second = f"a.mbox@{len(mbox(MAIL))}"
    keys = ["a.mbox@0", second, "b.eml", "noname", "box/1.x", "box/.Sent/3.x"]
    assert [mail.source_key for mail in read_mails(tmp_path)] == keys
    assert count_mails(tmp_path) == 6


def test_what_is_no_mail_is_named_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "b.doc").write_bytes(OLE + b"x" * 100)
    (tmp_path / "c.eml").write_bytes(b"")
    (tmp_path / "d.eml").symlink_to("/etc/passwd")
    (tmp_path / "e.eml").write_bytes(MAIL)
    assert [(mail.source_key, mail.problem) for mail in read_mails(tmp_path)] == [
        ("a.pdf", "not_mail"),
        ("b.doc", "not_mail"),
        ("c.eml", "empty"),
        ("d.eml", "not_mail"),
        ("e.eml", None),
    ]


def test_a_file_name_that_is_no_utf8_still_makes_a_key(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe5.eml")).write_bytes(MAIL)
    assert [mail.source_key for mail in read_mails(tmp_path)] == ["\\xe5.eml"]


def test_a_message_above_the_limit_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailfiles, "MESSAGE_LIMIT", 60)
    path = tmp_path / "box"
    path.write_bytes(mbox(b"a: b\n\nc\n", MAIL + b"x" * 100))
    assert [mail.problem for mail in read_mails(path)] == [None, "too_large"]


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        count_mails(tmp_path / "none")


def test_a_broken_outlook_file_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.msg").write_bytes(OLE + b"rubbish" * 1000)
    (tmp_path / "b.eml").write_bytes(MAIL)
    broken, fine = read_mails(tmp_path)
    assert (broken.problem, broken.raw) == ("msg_unreadable", b"")
    assert broken.original == OLE + b"rubbish" * 1000
    assert fine.raw == MAIL


def test_an_outlook_file_that_takes_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailfiles, "MSG_TIMEOUT_S", 0.01)
    path = tmp_path / "a.msg"
    path.write_bytes(OLE + b"rubbish")
    assert [mail.problem for mail in read_mails(path)] == ["msg_timeout"]


@pytest.mark.corpora
def test_an_outlook_message_becomes_the_same_mail_each_time_and_keeps_its_original() -> None:
    path = corpora() / "msg-extractor" / "example-msg-files" / "unicode.msg"
    (first,) = read_mails(path)
    (second,) = read_mails(path)
    assert first.problem is None
    assert first.original == path.read_bytes()
    assert b"\r\nSubject: Test for TIF files\r\n" in first.raw
    assert first.raw == second.raw


def is_part(key: str) -> bool:
    return re.search(r"@\d+\Z", key) is not None


@pytest.mark.corpora
def test_every_file_of_the_corpora_is_one_mail_or_a_named_problem() -> None:
    folder = corpora()
    seen: dict[str, FileMail] = {}
    for mail in read_mails(folder, skip={"msg-extractor/example-msg-files/unicode.msg"}):
        assert mail.source_key not in seen
        seen[mail.source_key] = mail
        if mail.problem is None and mail.original is None and not is_part(mail.source_key):
            assert mail.raw == (folder / mail.source_key).read_bytes()
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len({re.sub(r"@\d+\Z", "", key) for key in seen}) == len(files) - 1
    assert {mail.problem for mail in seen.values()} <= {None, "not_mail", "empty"}
