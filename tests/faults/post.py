"""Both ends of the mail: a sender who does not give up, and the mail server that letters go to."""

from __future__ import annotations

import hashlib
import queue
import random
import smtplib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP as WIRE
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.faults.house import CENTRAL, LOCAL, OTHERS, free_port

WORDS = (
    "veien skolen søknad i går brøyting barnehage svar på spørsmål nabo bygge gjerde ønsker".split()
)


@dataclass(frozen=True)
class Mail:
    """A mail as its sender has it."""

    message_id: str
    raw: bytes = field(repr=False)
    sender: str
    to: tuple[str, ...]
    automatic: bool = False

    @property
    def sha256(self) -> str:
        """What it must be stored under."""
        return hashlib.sha256(self.raw).hexdigest()


def write_mails(number: int, seed: int) -> list[Mail]:
    """So many different mails: most short, some with an attachment, 5 % written by machines."""
    chance = random.Random(seed)
    return [_write(place, seed, chance) for place in range(number)]


def _write(place: int, seed: int, chance: random.Random) -> Mail:
    automatic = chance.random() < 0.05
    sender = f"innbygger{place}@example.org"
    message = EmailMessage()
    message["From"] = f"Innbygger {place} <{sender}>"
    message["To"] = CENTRAL
    message["Subject"] = f"Henvendelse {place}"
    message["Message-ID"] = message_id = f"<{seed}.{place}@example.org>"
    text = " ".join(chance.choices(WORDS, k=chance.randint(20, 800)))
    message.set_content(f"Hei!\n\n{text}\n\nHilsen Innbygger {place}, Storgata 1\n")
    if chance.random() < 0.15:
        message.add_attachment(
            chance.randbytes(chance.randint(10_000, 200_000)),
            maintype="image", subtype="jpeg", filename="kart.jpg",
        )  # fmt: skip
    if automatic:
        kind = chance.choice(["reply", "list", "bounce"])
        if kind == "reply":
            message["Auto-Submitted"] = "auto-replied"
        if kind == "list":
            message["List-Id"] = "<nyheter.example.org>"
        sender = "" if kind == "bounce" else sender
    to = (CENTRAL,) if chance.random() < 0.9 else (CENTRAL, chance.choice(OTHERS))
    return Mail(message_id, message.as_bytes(policy=WIRE), sender, to, automatic)


class Sender:
    """Threads that send mails as a mail server does: again and again until the answer is 250."""

    def __init__(self, port: int, mails: Sequence[Mail], *, per_second: float, threads: int = 4):
        self.port = port
        self._mails: queue.SimpleQueue[Mail] = queue.SimpleQueue()
        for mail in mails:
            self._mails.put(mail)
        self._pause = threads / per_second
        self.accepted: list[Mail] = []
        self.refused: list[str] = []
        self.put_off = 0
        self._give_up = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    @property
    def busy(self) -> bool:
        """Whether a mail is still to be accepted."""
        return any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Give up."""
        self._give_up.set()
        for thread in self._threads:
            thread.join(60)

    def _run(self) -> None:
        session: smtplib.SMTP | None = None
        while not self._give_up.is_set():
            try:
                mail = self._mails.get_nowait()
            except queue.Empty:
                break
            while not self._give_up.is_set():
                try:
                    session = session or smtplib.SMTP(LOCAL, self.port, "mx.example.org", 30)
                    hand_over(session, mail)
                    self.accepted.append(mail)
                    break
                except (OSError, smtplib.SMTPException) as error:
                    code = getattr(error, "smtp_code", 0)
                    if 500 <= code < 600:
                        self.refused.append(f"{mail.message_id}: {error}")
                        break
                    self.put_off += 1
                    if session:
                        session.close()
                    session = None
                    time.sleep(0.3)
            time.sleep(self._pause)
        if session:
            session.close()


def hand_over(session: smtplib.SMTP, mail: Mail) -> str:
    """One mail in an open session; the words after 250. Raises for every other answer."""
    session.ehlo_or_helo_if_needed()
    steps = [
        lambda: session.mail(mail.sender),
        *(lambda each=each: session.rcpt(each) for each in mail.to),
        lambda: session.data(mail.raw),
    ]
    words = b""
    for step in steps:
        code, words = step()
        if code != 250:
            raise smtplib.SMTPResponseException(code, words)
    return words.decode()


@dataclass(frozen=True)
class Arrived:
    """A letter as it came to the sink."""

    to: str
    envelope_from: str
    message_id: str
    in_reply_to: str


class Sink:
    """The mail server that letters leave by: takes everything and remembers it."""

    def __init__(self) -> None:
        self.letters: list[Arrived] = []
        self.port = free_port()
        self._controller = Controller(self, hostname=LOCAL, port=self.port)

    @property
    def url(self) -> str:
        """What OUTGOING_SMTP_URL has to be."""
        return f"smtp://{LOCAL}:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Remember the letter and take responsibility for it."""
        content = envelope.content or b""
        assert isinstance(content, bytes)
        headers = BytesHeaderParser().parsebytes(content)
        for to in envelope.rcpt_tos:
            self.letters.append(
                Arrived(
                    to=to,
                    envelope_from=(envelope.mail_from or "").strip("<>"),
                    message_id=str(headers["Message-ID"]),
                    in_reply_to=str(headers["In-Reply-To"]),
                )
            )
        return "250 2.0.0 taken"

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()
