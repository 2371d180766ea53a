"""Mail that is not just a letter: automatic, bulk, broken, doubled, encrypted, hostile."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from email.header import Header
from email.message import EmailMessage
from email.utils import parseaddr

from kommunepost.demo import files
from kommunepost.demo.mail import Letter, Sample, Writer, attach, headers, wire, with_header


def newsletter(writer: Writer, letter: Letter) -> list[Sample]:
    """List mail (RFC 2369, RFC 8058)."""
    host = parseaddr(letter.sender)[1].partition("@")[2]
    message = headers(
        writer.message(letter),
        {
            "List-Id": f"<nyheter.{host}>",
            "List-Unsubscribe": f"<https://{host}/av?u=8841>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "bulk",
        },
    )
    return [writer.sample(letter, wire(message), envelope_from=f"bounce+8841@{host}")]


def advertising(writer: Writer, letter: Letter) -> list[Sample]:
    """Bulk mail in HTML with a counting pixel and an address to leave by."""
    host = parseaddr(letter.sender)[1].partition("@")[2]
    message = headers(
        writer.message(letter, html=_page(writer.filled(letter.body), host)),
        {"List-Unsubscribe": f"<mailto:ut@{host}>", "X-Campaign": "uke-47"},
    )
    return [writer.sample(letter, wire(message))]


def spam(writer: Writer, letter: Letter) -> list[Sample]:
    """Sender and answer address differ; the envelope belongs to a third."""
    message = headers(
        writer.message(letter),
        {"Reply-To": "claims@free-money.example", "X-Spam-Flag": "YES", "X-Priority": "1"},
    )
    return [writer.sample(letter, wire(message), envelope_from="www-data@hacked-shop.example")]


def out_of_office(writer: Writer, letter: Letter) -> list[Sample]:
    """An automatic reply (RFC 3834) with the null sender."""
    message = headers(
        writer.message(letter),
        {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
    )
    return [writer.sample(letter, wire(message), envelope_from="")]


def bounce(writer: Writer, letter: Letter) -> list[Sample]:
    """A delivery status notification (RFC 3464) about a letter that never was ours."""
    central = writer.municipality.central_address
    lost = "borte@epost.example"
    subject = Header(writer.municipality.name, "utf-8").encode()
    plain = writer.message(letter)
    text = plain.get_content()
    plain.clear_content()
    plain["Auto-Submitted"] = "auto-replied"
    plain["Content-Type"] = 'multipart/report; report-type="delivery-status"'
    said, status, original = EmailMessage(), EmailMessage(), EmailMessage()
    said.set_content(text)
    per_message, per_recipient = EmailMessage(), EmailMessage()
    headers(per_message, {"Reporting-MTA": "dns; mx.epost.example"})
    headers(
        per_recipient,
        {
            "Final-Recipient": f"rfc822; {lost}",
            "Action": "failed",
            "Status": "5.1.1",
            "Diagnostic-Code": "smtp; 550 5.1.1 User unknown",
        },
    )
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([per_message, per_recipient])
    original["Content-Type"] = "text/rfc822-headers"
    original.set_payload(
        f"From: {central}\r\nTo: {lost}\r\nSubject: {subject}\r\n"
        f"Message-ID: <borte.1@{writer.municipality.domain}>\r\n"
    )
    plain.set_payload([said, status, original])
    return [writer.sample(letter, wire(plain), envelope_from="")]


def html_letter(writer: Writer, letter: Letter) -> list[Sample]:
    """Layout tables, inline style, a remote logo, a tracker, a link that lies, an inline image."""
    host = parseaddr(letter.sender)[1].partition("@")[2]
    message = writer.message(letter, html=_page(writer.filled(letter.body), host))
    pages = message.get_payload()
    if isinstance(pages, list) and isinstance(pages[-1], EmailMessage):
        pages[-1].add_related(
            files.png(width=48, height=48),
            "image",
            "png",
            cid=f"<logo@{host}>",
            filename="logo.png",
        )
    attach(message, "tegning.pdf", files.pdf(letter.subject))
    return [writer.sample(letter, wire(message))]


def _page(text: str, host: str) -> str:
    cells = "".join(
        f'<tr><td style="padding:12px;font:16px Arial">{html.escape(part)}</td></tr>'
        for part in text.split("\n\n")
    )
    return (
        '<html><head><style>td{color:#333}</style></head><body bgcolor="#f4f4f4">'
        '<table width="600" align="center" cellpadding="0" cellspacing="0" border="0">'
        f'<tr><td><img src="https://img.{host}/topp.png" width="600" height="90" alt=""></td></tr>'
        f"{cells}"
        f'<tr><td><a href="https://klikk.{host}/r?id=8841">https://www.{host}/</a> '
        f'<img src="cid:logo@{host}" alt="logo"></td></tr></table>'
        f'<img src="https://spor.{host}/o.gif?u=8841" width="1" height="1" alt="">'
        "</body></html>"
    )


def raw_latin_1_header(writer: Writer, letter: Letter) -> list[Sample]:
    """Eight-bit header fields without RFC 2047, and a body that says nothing of its charset."""
    message = writer.message(letter)
    del message["MIME-Version"], message["Content-Type"], message["Content-Transfer-Encoding"]
    message.set_payload("")
    raw = with_header(wire(message), "Subject", f"Subject: {letter.subject}".encode("latin-1"))
    raw = with_header(raw, "From", f"From: {letter.sender}".encode("latin-1"))
    return [writer.sample(letter, raw + letter.body.encode("latin-1") + b"\r\n")]


def bad_charset(writer: Writer, letter: Letter) -> list[Sample]:
    """Says a charset that does not exist over bytes that are windows-1252."""
    message = writer.message(letter)
    message.set_payload("")
    message.replace_header("Content-Transfer-Encoding", "8bit")
    raw = with_header(wire(message), "Content-Type", b'Content-Type: text/plain; charset="norsk-8"')
    return [writer.sample(letter, raw + letter.body.encode("cp1252") + b"\r\n")]


def two_senders(writer: Writer, letter: Letter) -> list[Sample]:
    """Two From fields, which RFC 5322 forbids: nobody can say who wrote it."""
    raw = b"From: Kommunen <post@annen.example>\r\n" + wire(writer.message(letter))
    return [writer.sample(letter, raw)]


def date_in_the_year_3000(writer: Writer, letter: Letter) -> list[Sample]:
    """The sender's clock is wrong by centuries."""
    raw = wire(writer.message(letter))
    return [
        writer.sample(letter, with_header(raw, "Date", b"Date: Mon, 6 Jan 3000 09:00:00 +0100"))
    ]


def no_message_id(writer: Writer, letter: Letter) -> list[Sample]:
    """As some web forms send."""
    return [writer.sample(letter, with_header(wire(writer.message(letter)), "Message-ID", b""))]


def winmail(writer: Writer, letter: Letter) -> list[Sample]:
    """The attachment hides in Outlook's own wrapping."""
    return [writer.ordinary(replace(letter, attached=("winmail.dat",)))]


def encrypted(writer: Writer, letter: Letter) -> list[Sample]:
    """S/MIME to a key that nobody here has."""
    message = writer.message(letter)
    message.set_content(
        files.p7m(letter.sender),
        maintype="application",
        subtype="pkcs7-mime",
        params={"smime-type": "enveloped-data", "name": "smime.p7m"},
        disposition="attachment",
        filename="smime.p7m",
    )
    return [writer.sample(letter, wire(message))]


def same_message_id(writer: Writer, letter: Letter) -> list[Sample]:
    """A machine that gives every message one and the same Message-ID."""
    first = "copier, first page"
    message = writer.message(letter)
    message.replace_header("Message-ID", writer.ids[first])
    return [writer.sample(letter, wire(message))]


def sent_twice(writer: Writer, letter: Letter) -> list[Sample]:
    """The same bytes in the same envelope again, as after a lost answer to the final dot."""
    sample = writer.ordinary(letter)
    return [sample, replace(sample, note="duplicate of an earlier mail")]


def unknown_address(writer: Writer, letter: Letter) -> list[Sample]:
    """A slip of the pen in our address: only a refusal tells the sender."""
    return [replace(writer.ordinary(letter), refused=True)]


SHAPES: dict[str, Callable[[Writer, Letter], list[Sample]]] = {
    "newsletter": newsletter,
    "advertising": advertising,
    "spam": spam,
    "out of office": out_of_office,
    "bounce": bounce,
    "html letter": html_letter,
    "raw latin-1 header": raw_latin_1_header,
    "bad charset": bad_charset,
    "two senders": two_senders,
    "date in the year 3000": date_in_the_year_3000,
    "no message id": no_message_id,
    "winmail": winmail,
    "encrypted": encrypted,
    "copier, another page under the same Message-ID": same_message_id,
    "sent twice": sent_twice,
    "unknown address": unknown_address,
}
