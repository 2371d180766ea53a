"""One mail, from bytes to plain values: never raises anything but `Unreadable`."""

from __future__ import annotations

import hashlib

from lib.mime import charsets, plaintext, sniff
from lib.mime.fields import Fields
from lib.mime.limits import Limits, Unreadable
from lib.mime.model import Parsed, Part
from lib.mime.tree import Leaf, Mail

_FILENAME_CHARS = 255
_DEFAULT = Limits()


def parse(raw: bytes, limits: Limits = _DEFAULT) -> Parsed:
    """Read the mail in `raw`. Raises `Unreadable`, and MemoryError where the process is full.

    Call it through `child.ParserChild` for mail from outside.
    """
    try:
        return _Reading(open_mail(raw, limits), limits).parsed()
    except (Unreadable, MemoryError):
        raise
    except RecursionError:
        raise Unreadable("too_deep", "RecursionError") from None
    except Exception as error:
        raise Unreadable("parser_crashed", type(error).__name__) from error


def open_mail(raw: bytes, limits: Limits, *, cut: bool = True) -> Mail:
    """The tree of `raw`. Raises `Unreadable` for what is no mail: empty, or without any header
    field, as a certificate, an Outlook file or a picture is."""
    if len(raw) > limits.size:
        raise Unreadable("too_large", f"{len(raw)} bytes")
    if not raw or raw.isspace():
        raise Unreadable("no_content", f"{len(raw)} bytes")
    mail = Mail(raw, limits, cut=cut)
    if not any(True for _ in mail.root.raw_items()):
        raise Unreadable("no_header")
    return mail


class _Reading:
    def __init__(self, mail: Mail, limits: Limits) -> None:
        self.mail = mail
        self.limits = limits
        self.fields = Fields(mail.root.raw_items(), limits)
        self.defects: list[str] = []
        self.truncated = False
        self.room = limits.text_chars  # of all body texts together

    def parsed(self) -> Parsed:
        parts = tuple(self._part(leaf) for leaf in self.mail.leaves())
        plain = "\n\n".join(part.text for part in parts if part.text and _is_plain(part))
        html = "\n".join(part.text for part in parts if part.text and not _is_plain(part))
        if html and not plain.strip():
            plain = plaintext.from_html(html, self.limits.text_chars)
        fields = self.fields
        senders = fields.addresses("from")
        claimed, written = fields.date()
        return Parsed(
            subject=fields.text("subject"),
            sender=senders[0] if len(senders) == 1 and senders[0].address else None,
            from_text=fields.all_text("from"),
            from_count=len(senders),
            reply_to=fields.addresses("reply-to"),
            to=fields.addresses("to"),
            cc=fields.addresses("cc"),
            date_claimed=claimed,
            date_raw=written,
            message_id=fields.message_id("message-id"),
            in_reply_to=fields.message_id("in-reply-to"),
            references=fields.message_ids("references"),
            headers=fields.kept(),
            header_count=fields.count,
            text=plain,
            html=html or None,
            parts=parts,
            defects=tuple(dict.fromkeys([*self.mail.defects, *fields.defects, *self.defects])),
            truncated=self.truncated or fields.truncated,
        )

    def _part(self, leaf: Leaf) -> Part:
        data = leaf.data
        filename = self._filename(leaf)
        is_body = _is_body(leaf, filename)
        charset = leaf.content.params.get("charset")
        text = self._text(leaf, data, charset) if is_body else None
        self.defects += [*leaf.defects, *leaf.disposition.defects]
        content_id = leaf.node.first("content-id")
        return Part(
            path=leaf.path,
            content_type=leaf.content.value,
            charset=_short(charset),
            filename=filename,
            disposition=_short(leaf.disposition.value),
            content_id=_short(content_id.strip(" \t\r\n<>") if content_id else None),
            encoding=leaf.encoding,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            sniffed_type=sniff.sniff(data, leaf.content.value),
            is_body=is_body,
            in_mail=leaf.in_mail,
            text=text,
        )

    def _text(self, leaf: Leaf, data: bytes | memoryview, charset: str | None) -> str:
        # Four bytes is the longest character of any charset read here.
        if len(data) > 4 * self.room:
            data = data[: 4 * self.room]
            leaf.defects.append("text_truncated")
            self.truncated = True
        text, defects = charsets.decode(data, charset)
        leaf.defects.extend(defects)
        if len(text) > self.room:
            text = text[: self.room]
            leaf.defects.append("text_truncated")
            self.truncated = True
        self.room -= len(text)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _filename(self, leaf: Leaf) -> str | None:
        claimed = leaf.disposition.params.get("filename") or leaf.content.params.get("name")
        if not claimed:
            return None
        name, defects = charsets.one_line(claimed)
        self.defects += defects
        if len(name) > _FILENAME_CHARS:
            name = name[:_FILENAME_CHARS]
            self.defects.append("filename_truncated")
        return name or None


def _is_body(leaf: Leaf, filename: str | None) -> bool:
    """Text of the mail itself: readable, of the outermost mail, neither named nor attached."""
    if leaf.in_mail or leaf.disposition.value == "attachment":
        return False
    if not leaf.parents and leaf.content.value.startswith("multipart/"):
        return True  # a multipart in which no part can be found is shown as the text it is
    if leaf.content.value not in {"text/plain", "text/html"}:
        return False
    return filename is None or not leaf.parents


def _is_plain(part: Part) -> bool:
    return part.content_type != "text/html"


def _short(value: str | None) -> str | None:
    if value is None:
        return None
    return charsets.one_line(charsets.decode_raw_header(value)[0])[0][:255] or None
