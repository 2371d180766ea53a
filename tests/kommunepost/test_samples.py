"""The demo municipalities and their mail: believable, harmless, the same every time."""

import email
import email.policy
import re
import socket
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from functools import cache
from io import StringIO

import pytest
from aiosmtpd.controller import Controller
from django.core.management.base import CommandError

from kommunepost.demo import MUNICIPALITIES, files
from kommunepost.demo.samples import samples
from kommunepost.management.commands import send_samples

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BOTH = pytest.mark.parametrize("municipality", MUNICIPALITIES.values(), ids=MUNICIPALITIES)


@cache
def mails(municipality):
    return samples(municipality, now=NOW)


def by_note(municipality):
    return {sample.note: sample for sample in mails(municipality)}


def parsed(sample):
    return email.message_from_bytes(sample.raw, policy=email.policy.default)


def everything_written(sample):
    """Header and decoded text parts, for reading through."""
    text = [sample.raw.partition(b"\r\n\r\n")[0].decode("latin-1")]
    for part in email.message_from_bytes(sample.raw).walk():
        if part.get_content_maintype() == "text":
            text.append(part.get_payload(decode=True).decode("utf-8", "replace"))
    return "\n".join(text)


@BOTH
def test_everything_in_a_municipality_refers_to_something_that_exists(municipality):
    units = {unit.code for unit in municipality.units}
    authorities = {authority.code for authority in municipality.authorities}
    people = {person.email for person in municipality.people}
    assert len(people) == len(municipality.people)
    for unit in municipality.units:
        assert unit.parent in units | {""}
        assert unit.leader in people | {""}
        assert unit.authority in authorities
    for person in municipality.people:
        assert person.unit in units
        assert person.language in municipality.languages
    for mailbox in municipality.mailboxes:
        assert mailbox.unit in units
        assert mailbox.authority in authorities
        assert mailbox.address.endswith(f"@{municipality.domain}")
    officials = {box.address for box in municipality.mailboxes if box.kind == "official"}
    assert officials == {who.email for who in municipality.people if "official" in who.roles}
    assert municipality.central_address in {box.address for box in municipality.mailboxes}
    assert {role for person in municipality.people for role in person.roles} == {
        "registrar",
        "caseworker",
        "unit_leader",
        "official",
        "secretary",
        "preparedness",
        "administrator",
    }


@BOTH
def test_records_plan_says_how_long_for_everything_that_is_disposed_of(municipality):
    codes = [kind.code for kind in municipality.document_types]
    assert len(codes) == len(set(codes)) >= 12
    for kind in municipality.document_types:
        assert (kind.retention_years is None) == (kind.disposal == "keep"), kind
        assert kind.legal_basis
        assert kind.class_code


def test_diary_numbers_take_the_shapes_of_each_authority():
    def number(authority):
        case = authority.case_pattern.format(prefix=authority.code, year=2026, yy="26", number=110)
        return case + authority.document_pattern.format(document=4)

    (nn,) = MUNICIPALITIES["nn"].authorities
    assert number(nn) == "2026/110-4"
    assert [number(authority) for authority in MUNICIPALITIES["norsjo"].authorities] == [
        "KS 2026/110-4",
        "BUN-26/0110-4",
        "SN-26/0110-4",
        "MBN 2026-110:4",
    ]


@BOTH
def test_about_sixty_mails_and_the_same_bytes_again_for_the_same_moment(municipality):
    first = mails(municipality)
    assert 55 <= len(first) <= 70
    assert first == samples(municipality, now=NOW)
    notes = [sample.note for sample in first]
    assert len(notes) == len(set(notes))


@BOTH
def test_no_mail_can_reach_or_name_a_domain_of_the_real_world(municipality):
    for sample in mails(municipality):
        for domain in re.findall(
            r"@([A-Za-z0-9.-]+)|://([A-Za-z0-9.-]+)", everything_written(sample)
        ):
            assert "".join(domain).rstrip(".").endswith(".example"), (sample.note, domain)


@BOTH
def test_every_mail_is_fit_for_the_wire_and_addressed_to_a_mailbox_we_have(municipality):
    mailboxes = {mailbox.address for mailbox in municipality.mailboxes}
    for sample in mails(municipality):
        assert sample.raw.endswith(b"\r\n")
        assert b"\n" not in sample.raw.replace(b"\r\n", b"")
        assert b"\r" not in sample.raw.replace(b"\r\n", b"")
        assert max(len(line) for line in sample.raw.split(b"\r\n")) <= 998, sample.note
        assert (set(sample.recipients) <= mailboxes) != sample.refused, sample.note


@BOTH
def test_ordinary_mail_parses_without_defects_and_was_written_before_now(municipality):
    strange = {
        "raw latin-1 header",
        "bad charset",
        "two senders",
        "date in the year 3000",
    }
    for sample in mails(municipality):
        message = parsed(sample)
        if sample.note in strange:
            continue
        for part in message.walk():
            assert not part.defects, (sample.note, part.defects)
        assert parsedate_to_datetime(message["Date"]) < NOW
        assert getaddresses([message["From"]])[0][1].endswith(".example")


@BOTH
def test_the_odd_mails_are_odd_in_the_way_they_say(municipality):
    mail = by_note(municipality)
    raw = {note: sample.raw for note, sample in mail.items()}
    assert parsed(mail["newsletter"])["List-Id"]
    assert mail["out of office"].envelope_from == mail["bounce"].envelope_from == ""
    assert parsed(mail["out of office"])["Auto-Submitted"] == "auto-replied"
    report = parsed(mail["bounce"])
    assert report.get_content_type() == "multipart/report"
    assert [part.get_content_type() for part in report.iter_parts()] == [
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    assert len(parsed(mail["very long subject"])["Subject"]) > 200
    assert parsed(mail["empty subject"])["Subject"] == ""
    assert parsed(mail["nothing at all"]).get_content().strip() == ""
    assert re.search(rb"^Subject: [^\r]*[\x80-\xff]", raw["raw latin-1 header"], re.MULTILINE)
    assert b'charset="norsk-8"' in raw["bad charset"]
    assert len(re.findall(rb"^From:", raw["two senders"], re.MULTILINE)) == 2
    assert parsedate_to_datetime(parsed(mail["date in the year 3000"])["Date"]).year == 3000
    assert b"Message-ID" not in raw["no message id"]
    assert len(mail["three mailboxes"].recipients) == 3
    assert raw["sent twice"] == raw["duplicate of an earlier mail"]
    assert [sample.note for sample in mail.values() if sample.refused] == ["unknown address"]


@BOTH
def test_two_different_mails_share_a_message_id(municipality):
    mail = by_note(municipality)
    one = mail["copier, first page"]
    other = mail["copier, another page under the same Message-ID"]
    assert parsed(one)["Message-ID"] == parsed(other)["Message-ID"]
    assert one.raw != other.raw


@BOTH
def test_an_answer_comes_after_the_mail_it_answers_and_quotes_its_message_id(municipality):
    ordered = mails(municipality)
    notes = [sample.note for sample in ordered]
    first = notes.index("building permit question")
    answer = notes.index("reply with a reference in the subject")
    assert first < answer
    assert parsed(ordered[answer])["In-Reply-To"] == parsed(ordered[first])["Message-ID"]
    assert "2026" in parsed(ordered[answer])["Subject"]


@BOTH
def test_html_letter_tries_everything_that_must_not_be_fetched(municipality):
    message = parsed(by_note(municipality)["html letter"])
    page = message.get_body(("html",)).get_content()
    for sign in ("<table", "<style>", 'style="', 'src="https://', 'width="1" height="1"', "cid:"):
        assert sign in page
    assert message.get_body(("plain",)).get_content().strip()


def test_attachments_are_what_their_names_say():
    mail = by_note(MUNICIPALITIES["nn"])
    starts = {
        "pdf": b"%PDF-1.4",
        "png": b"\x89PNG\r\n\x1a\n",
        "docx": b"PK",
        "dat": b"\x78\x9f\x3e\x22",
    }
    seen = set()
    for sample in mail.values():
        for part in parsed(sample).iter_attachments():
            ending = (part.get_filename() or "").rpartition(".")[2]
            if ending in starts:
                assert part.get_payload(decode=True).startswith(starts[ending]), sample.note
                seen.add(ending)
    assert seen == set(starts)
    assert files.pdf("Å").endswith(b"%%EOF\n")


def test_identity_numbers_are_well_formed_and_of_the_synthetic_series():
    def digits_sum(text, weights):
        return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=True)) % 11

    norwegian = set()
    for sample in by_note(MUNICIPALITIES["nn"]).values():
        norwegian |= set(re.findall(r"\b\d{11}\b", everything_written(sample)))
    assert norwegian == {"03854904883", "21871554711"}
    for number in norwegian:
        assert int(number[2:4]) > 80  # month + 80: the synthetic test population
        assert digits_sum(number[:10], (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) == 0
        assert digits_sum(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) == 0

    swedish = set()
    for sample in by_note(MUNICIPALITIES["norsjo"]).values():
        swedish |= set(re.findall(r"\b\d{6}-\d{4}\b", everything_written(sample)))
    assert swedish == {"450714-9815", "140303-9850"}
    for number in swedish:
        assert number[7:9] == "98"  # a birth number that is not given to anyone
        doubled = [int(d) * (2 - i % 2) for i, d in enumerate(number.replace("-", ""))]
        assert sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


class Door:
    """An SMTP server on loopback that knows the municipality's mailboxes."""

    def __init__(self, municipality, *, refuse=""):
        self.known = {mailbox.address for mailbox in municipality.mailboxes}
        self.refuse, self.taken = refuse, []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address not in self.known or address.startswith(self.refuse or "\0"):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        sender = envelope.mail_from.strip("<>")
        self.taken.append((sender, tuple(envelope.rcpt_tos), envelope.content))
        return "250 OK"


@pytest.fixture
def open_door():
    opened = []

    def open_(door):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        opened.append(Controller(door, hostname="127.0.0.1", port=port))
        opened[-1].start()
        return f"127.0.0.1:{port}"

    yield open_
    for controller in opened:
        controller.stop()


def send(smtp, municipality="nn", count=None):
    out, err = StringIO(), StringIO()
    command = send_samples.Command(stdout=out, stderr=err)
    command.handle(municipality=municipality, smtp=smtp, count=count)
    return out.getvalue()


@pytest.fixture
def at_the_same_moment(monkeypatch):
    """The command writes the mails that `mails` returns, not those of this very second."""
    monkeypatch.setattr(send_samples, "_written", mails)


@BOTH
@pytest.mark.usefixtures("at_the_same_moment")
def test_every_sample_goes_through_a_real_door_unchanged(municipality, open_door):
    door = Door(municipality)
    assert f"{len(mails(municipality))} mails sent" in send(open_door(door), municipality.key)
    assert door.taken == [
        (sample.envelope_from, sample.recipients, sample.raw)
        for sample in mails(municipality)
        if not sample.refused
    ]


def test_count_sends_only_the_first(open_door):
    door = Door(MUNICIPALITIES["nn"])
    assert "3 mails sent" in send(open_door(door), count=3)
    assert len(door.taken) == 3


def test_a_refusal_nobody_expected_is_an_error(open_door):
    door = Door(MUNICIPALITIES["nn"], refuse="faktura@")
    total = len(mails(MUNICIPALITIES["nn"]))
    with pytest.raises(CommandError, match=f"1 of {total} mails"):
        send(open_door(door))
    assert len(door.taken) == total - 2  # neither that one nor the one to an unknown address


def test_a_door_that_is_not_there_is_one_clear_line():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(CommandError, match=f"The SMTP door at {closed} does not work") as told:
            send(closed)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("smtp", ["localhost", ":25", "host:", "host:smtp", "host:99999"])
def test_an_address_that_is_no_address_is_told_before_anything_is_sent(smtp):
    with pytest.raises(CommandError, match="HOST:PORT"):
        send(smtp)
