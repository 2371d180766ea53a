"""From a letter as a person would write it down to the bytes that a mail server hands over."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from kommunepost.demo import files
from kommunepost.demo.model import Municipality
from outbox.rules.letters import format_date

TEXTS = Path(__file__).parent / "texts"

_TYPES = {
    "pdf": ("application", "pdf"),
    "png": ("image", "png"),
    "docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ics": ("text", "calendar"),
    "dat": ("application", "ms-tnef"),
    "p7m": ("application", "pkcs7-mime"),
}


@dataclass(frozen=True)
class Sample:
    """One delivery: envelope, bytes, and in `note` what is special about it.

    `refused` says that a right-minded door refuses it at RCPT.
    """

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    note: str
    refused: bool = False


@dataclass(frozen=True)
class Letter:
    """A letter as it stands in a text file: `to` and `cc` are local parts of our own addresses."""

    note: str
    sender: str
    to: tuple[str, ...]
    subject: str
    body: str
    cc: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    answers: str = ""
    # Every header line of its block, also those that say what has become of the letter.
    fields: Mapping[str, str] = field(default_factory=dict)


def read_letters(name: str) -> list[Letter]:
    """The letters of texts/`name`.txt: `=== note`, header lines, a blank line, the body."""
    text = (TEXTS / f"{name}.txt").read_text(encoding="utf-8")
    found = []
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n\n")
        note, *lines = head.strip().split("\n")
        fields = {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
        found.append(
            Letter(
                note=note,
                sender=fields["From"],
                to=tuple(fields["To"].split()),
                subject=fields["Subject"],
                body=body.strip(),
                cc=tuple(fields.get("Cc", "").split()),
                attached=tuple(
                    part.strip() for part in fields.get("Attach", "").split(",") if part
                ),
                answers=fields.get("Answers", ""),
                fields=fields,
            )
        )
    return found


@dataclass
class Writer:
    """Turns letters to one municipality into mail, the same bytes for the same `now`.

    `now` is an aware time in the municipality's zone; mail was written in the hours before it.
    """

    municipality: Municipality
    now: datetime
    ids: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.municipality.key)  # noqa: S311 variety, not secrecy

    def addresses(self, locals_: tuple[str, ...]) -> tuple[str, ...]:
        """Full addresses of ours."""
        return tuple(f"{local}@{self.municipality.domain}" for local in locals_)

    def filled(self, text: str) -> str:
        """`{day -9}` becomes the date nine days ago in words, `{year}` this year."""
        lang = self.municipality.default_language

        def day(found: re.Match[str]) -> str:
            return format_date(self.now.date() + timedelta(days=int(found.group(1))), lang)

        return re.sub(r"\{day (-?\d+)\}", day, text).replace("{year}", str(self.now.year))

    def message(self, letter: Letter, *, html: str = "") -> EmailMessage:
        """The letter as an ordinary mail program would send it."""
        self._count += 1
        sent = self.now - timedelta(minutes=self._dice.randrange(2, 600))
        domain = parseaddr(letter.sender)[1].partition("@")[2]
        message = EmailMessage(policy=SMTP)
        message["Date"] = format_datetime(sent)
        message["From"] = letter.sender
        message["To"] = ", ".join(self.addresses(letter.to))
        if letter.cc:
            message["Cc"] = ", ".join(self.addresses(letter.cc))
        message["Subject"] = self.filled(letter.subject)
        message["Message-ID"] = f"<{self.now:%Y%m%d%H%M%S}.{self._count:03}@{domain}>"
        self.ids[letter.note] = message["Message-ID"]
        if letter.answers:
            message["In-Reply-To"] = message["References"] = self.ids[letter.answers]
        coding = self._dice.choice(("quoted-printable", "quoted-printable", "8bit", "base64"))
        message.set_content(self.filled(letter.body) + "\n", cte=coding)
        if html:
            message.add_alternative(html, subtype="html", cte="quoted-printable")
        for name in letter.attached:
            attach(message, name, attachment(name, letter, self.now))
        return message

    def sample(self, letter: Letter, raw: bytes, *, envelope_from: str | None = None) -> Sample:
        """The delivery of `raw`, by default from the address that stands in the letter."""
        written = parseaddr(letter.sender)[1]
        return Sample(
            envelope_from=written if envelope_from is None else envelope_from,
            recipients=self.addresses(letter.to + letter.cc),
            raw=raw,
            note=letter.note,
        )

    def ordinary(self, letter: Letter) -> Sample:
        """A letter with nothing special about its bytes."""
        return self.sample(letter, wire(self.message(letter)))


def attachment(name: str, letter: Letter, now: datetime) -> bytes:
    """Content that fits the ending of `name`."""
    title, _, ending = name.rpartition(".")
    match ending:
        case "pdf":
            return files.pdf(title.capitalize(), letter.subject, parseaddr(letter.sender)[0])
        case "png":
            return files.png(tint=sum(name.encode()) % 256)
        case "docx":
            return files.docx(title.capitalize(), letter.subject)
        case "ics":
            return files.ics(letter.subject, now + timedelta(days=7), parseaddr(letter.sender)[1])
        case "dat":
            return files.winmail("notat.pdf", files.pdf(letter.subject))
        case "p7m":
            return files.p7m(letter.sender)
    raise ValueError(f"no such attachment can be made: {name}")


def attach(message: EmailMessage, name: str, content: bytes) -> None:
    """Add `content` as a part named `name`, with the media type of the ending."""
    maintype, subtype = _TYPES[name.rpartition(".")[2]]
    if maintype == "text":
        message.add_attachment(content.decode(), subtype=subtype, filename=name)
    else:
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)


def wire(message: EmailMessage) -> bytes:
    """The message as bytes with CRLF; boundaries follow from the headers, not from chance."""
    seed = zlib.crc32(f"{message['Message-ID']} {message['Subject']}".encode())
    for number, part in enumerate(message.walk()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_{number:02}_{seed:08x}")
    return message.as_bytes()


def with_header(raw: bytes, name: str, line: bytes) -> bytes:
    """`raw` with its (possibly folded) header `name` replaced by `line`, or removed."""
    pattern = rb"(?mi)^" + name.encode() + rb":.*\r\n(?:[ \t].*\r\n)*"
    return re.sub(pattern, lambda _: line + b"\r\n" if line else b"", raw, count=1)


def headers(message: EmailMessage, added: Mapping[str, str]) -> EmailMessage:
    """`message` with more header fields."""
    for name, value in added.items():
        message[name] = value
    return message
