"""A seeded mix of mail like a municipality's: 60 % short text, 25 % HTML, 13 % with attachments
up to 3 MB, 2 % nasty; about 290 KB in the mean."""

from __future__ import annotations

import random
from collections.abc import Iterator
from email.message import EmailMessage

_WORDS = (
    "søknad byggesak nabovarsel skoleplass barnehage vedtak klage frist kommunen saken svar "
    "dokument vedlegg eiendom tomt avløp vei brøyting helse omsorg møte tegning plan garasje jeg "
    "har ikke fått og det er på til for med av som vil om kan skal ble hei takk hilsen ærlig å"
).split()


def mix(number: int, *, seed: int = 1, recipient: str) -> Iterator[bytes]:
    """`number` different mails to `recipient`, the same ones for the same seed."""
    chance = random.Random(seed)
    for index in range(number):
        kind = chance.random()
        if kind < 0.60:
            yield bytes(_short(chance, index, recipient))
        elif kind < 0.85:
            yield bytes(_html(chance, index, recipient))
        elif kind < 0.98:
            yield bytes(_attached(chance, index, recipient))
        else:
            yield _nasty(chance, index, recipient)


def short(number: int, *, seed: int = 1, recipient: str) -> Iterator[bytes]:
    """`number` different mails of short text."""
    chance = random.Random(seed)
    for index in range(number):
        yield bytes(_short(chance, index, recipient))


def sender(index: int) -> str:
    """The envelope sender of the mail with this index."""
    return f"innbygger{index}@post.example"


def _head(chance: random.Random, index: int, recipient: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Kari Nordmann {index} <{sender(index)}>"
    message["To"] = recipient
    message["Subject"] = f"{_text(chance, 4)} nr. {index}"
    message["Date"] = "Mon, 23 Nov 2026 08:00:00 +0100"
    message["Message-ID"] = f"<{index}.{chance.getrandbits(64):x}@post.example>"
    return message


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words))


def _letter(chance: random.Random, words: int) -> str:
    lines = [_text(chance, 12) for _ in range(max(1, words // 12))]
    return (
        "Hei\n\n" + ".\n".join(lines) + "\n\nMed hilsen\nKari Nordmann\nStrandveien 1\n9999 Nes\n"
    )


def _short(chance: random.Random, index: int, recipient: str) -> EmailMessage:
    message = _head(chance, index, recipient)
    message.set_content(_letter(chance, chance.randint(20, 400)))
    return message


def _html(chance: random.Random, index: int, recipient: str) -> EmailMessage:
    message = _head(chance, index, recipient)
    words = chance.randint(100, 1_500)
    letter = _letter(chance, words)
    message.set_content(letter)
    cells = "".join(
        f'<tr><td style="font: 12px Arial; color: #333">{line}</td></tr>'
        for line in letter.splitlines()
    )
    message.add_alternative(
        f'<html><body><table width="600">{cells}</table></body></html>', subtype="html"
    )
    if chance.random() < 0.3:
        picture = b"\x89PNG\r\n\x1a\n" + chance.randbytes(chance.randint(4_000, 120_000))
        message.get_payload()[1].add_related(picture, "image", "png", cid="<logo>")
    return message


def _attached(chance: random.Random, index: int, recipient: str) -> EmailMessage:
    message = _head(chance, index, recipient)
    message.set_content(_letter(chance, chance.randint(20, 200)))
    for number in range(chance.randint(1, 3)):
        content = b"%PDF-1.7\n" + chance.randbytes(chance.randint(50_000, 1_500_000))
        message.add_attachment(
            content, "application", "pdf", filename=f"Tegning fasade øst {number}.pdf"
        )
    return message


def _nasty(chance: random.Random, index: int, recipient: str) -> bytes:
    head = f"From: {sender(index)}\r\nTo: {recipient}\r\nMessage-ID: <n{index}@post.example>\r\n"
    kind = chance.randrange(4)
    if kind == 0:  # raw Latin-1 in the header, no MIME at all
        return head.encode() + b"Subject: Kj\xf8reb\xe5ne\r\n\r\n" + b"tekst \xf8\xe6\xe5\r\n" * 50
    if kind == 1:  # a multipart that is never closed
        return (
            head + "Subject: uten slutt\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
            "--x\r\nContent-Type: text/plain; charset=nope\r\n\r\n" + "linje\r\n" * 200
        ).encode()
    if kind == 2:  # nested deeper than anybody reads
        text = head + "Subject: dypt\r\n"
        for level in range(40):
            text += f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"
        return (text + "Content-Type: text/plain\r\n\r\nbunn\r\n").encode()
    addresses = ", ".join(f"a{n}@b.example" for n in range(2_000))
    return (head + f"Cc: {addresses}\r\nSubject: mange\r\n\r\nhei\r\n").encode()
