"""Who or what wrote a message: a person, an automatic reply, a bounce, a list, or we ourselves.

Decided on the envelope and headers alone (RFC 3834 section 2, RFC 3464, RFC 8098, RFC 2369,
RFC 2919), each time with the evidence. A wrong "person" answers a machine, a wrong "machine" leaves
a citizen without a receipt: so a mark must be one that people's own mail does not carry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_MAX_EVIDENCE = 200

_LIST_HEADERS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "list-subscribe",
    "list-owner",
    "list-archive",
)
# Marks of vacation programs from before RFC 3834. X-Auto-Response-Suppress is not among them: it
# asks others not to reply, and people's mail from Exchange carries it too.
_AUTOREPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-auto-reply-from",
    "x-mail-autoreply",
)
_NEGATIVE = ("", "no", "none", "false", "0")
_NO_REPLY = (
    "noreply",
    "donotreply",
    "dontreply",
    "ikkesvar",
    "ikkjesvar",
    "svarikke",
    "svarikkje",
    "svarej",
    "svarainte",
    "ejsvar",
    "besvaraej",
)


class MessageKind(StrEnum):
    """Who or what wrote a message."""

    PERSON = "person"
    AUTOMATIC_REPLY = "automatic_reply"  # any machine's mail, replies and notices alike
    BOUNCE = "bounce"
    LIST = "list"
    OWN = "own"


class KindReason(StrEnum):
    """The rule that told the kind."""

    NO_MARK = "no_mark"  # nothing speaks against a person
    DELIVERY_REPORT = "delivery_report"  # RFC 3464
    FAILED_RECIPIENTS = "failed_recipients"  # X-Failed-Recipients, as Exim writes
    MAILER_DAEMON = "mailer_daemon"  # RFC 5321: the mail system itself
    READ_RECEIPT = "read_receipt"  # RFC 8098; no proof that anyone read anything
    OTHER_REPORT = "other_report"  # RFC 6522, such as abuse reports
    OWN_ADDRESS = "own_address"  # written from one of our mailboxes: a loop
    OWN_MESSAGE_ID = "own_message_id"  # our automatic letter came back
    AUTO_REPLIED = "auto_replied"  # RFC 3834 Auto-Submitted: auto-replied
    AUTO_GENERATED = "auto_generated"  # RFC 3834, and auto-notified of RFC 5436
    AUTOREPLY_HEADER = "autoreply_header"  # X-Autoreply and its like
    LIST_HEADER = "list_header"  # RFC 2369, RFC 2919
    LIST_SENDER = "list_sender"  # RFC 3834 section 2: owner-, -request
    PRECEDENCE = "precedence"  # Precedence: bulk, list, junk
    NO_REPLY_SENDER = "no_reply_sender"
    ROLE_SENDER = "role_sender"  # postmaster: RFC 3834 section 2
    NULL_SENDER = "null_sender"  # RFC 5321: no reply may go to <>


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a message, why, and the header line (or envelope) that shows it."""

    kind: MessageKind
    reason: KindReason
    evidence: str = ""


Headers = Mapping[str, Sequence[str]]


def kind(
    headers: Headers,
    *,
    envelope_from: str | None,
    sender_address: str,
    content_type: str,
    report_type: str = "",
    our_addresses: Collection[str] = (),
    our_domains: Collection[str] = (),
) -> Kind:
    """Tell the kind of a message.

    `headers` has lower-case names. `envelope_from` is "" for the null sender, and None where there
    was no envelope (an import): then the topmost Return-Path speaks, if there is one.
    `sender_address` is the address of From, as the one parser of the product read it, or "".
    `content_type` is the top part's type, `report_type` its parameter. `our_addresses` are our
    mailboxes; `our_domains` the domains that we write into Message-ID.
    """
    mail_from = _envelope(headers, envelope_from)
    return (
        _bounce(headers, mail_from, sender_address, content_type, report_type)
        or _own(headers, mail_from, sender_address, our_addresses, our_domains)
        or _report(content_type, report_type)
        or _auto_submitted(headers, replies=True)
        or _autoreply_header(headers)
        or _list(headers, mail_from)
        or _auto_submitted(headers, replies=False)
        or _sender(mail_from, sender_address)
        or Kind(MessageKind.PERSON, KindReason.NO_MARK)
    )


def _envelope(headers: Headers, envelope_from: str | None) -> str | None:
    if envelope_from is not None:
        return envelope_from.strip().strip("<>")
    paths = headers.get("return-path", ())
    return paths[0].strip().strip("<>") if paths else None


def _line(name: str, value: str) -> str:
    return f"{name}: {' '.join(value[:_MAX_EVIDENCE].split())}"[:_MAX_EVIDENCE]


def _local(address: str) -> str:
    return address.rpartition("@")[0].lower() if "@" in address else address.lower()


def _first_word(value: str) -> str:
    word = value.strip().lower()
    for stop in ";( \t\r\n":
        word = word.partition(stop)[0]
    return word


def _automatic(headers: Headers) -> bool:
    return any(_first_word(value) not in _NEGATIVE for value in headers.get("auto-submitted", ()))


def _bounce(
    headers: Headers, mail_from: str | None, sender: str, content_type: str, report_type: str
) -> Kind | None:
    bounce = MessageKind.BOUNCE
    if content_type.lower() == "message/delivery-status" or (
        content_type.lower() == "multipart/report" and report_type.lower() == "delivery-status"
    ):
        evidence = _line("content-type", f"{content_type}; report-type={report_type}")
        return Kind(bounce, KindReason.DELIVERY_REPORT, evidence)
    for value in headers.get("x-failed-recipients", ()):
        return Kind(bounce, KindReason.FAILED_RECIPIENTS, _line("x-failed-recipients", value))
    for address in (sender, mail_from or ""):
        if _local(address) == "mailer-daemon":
            return Kind(bounce, KindReason.MAILER_DAEMON, _line("from", address))
    if mail_from == "" and _local(sender) == "postmaster":
        return Kind(bounce, KindReason.MAILER_DAEMON, _line("from", sender))
    return None


def _own(
    headers: Headers,
    mail_from: str | None,
    sender: str,
    our_addresses: Collection[str],
    our_domains: Collection[str],
) -> Kind | None:
    own = {address.lower() for address in our_addresses}
    if sender.lower() in own:
        return Kind(MessageKind.OWN, KindReason.OWN_ADDRESS, _line("from", sender))
    if mail_from and mail_from.lower() in own:
        return Kind(MessageKind.OWN, KindReason.OWN_ADDRESS, _line("return-path", mail_from))
    # Colleagues' own mail may carry our domain in its Message-ID: only an automatic one is a loop.
    if not (_automatic(headers) or mail_from == ""):
        return None
    domains = {domain.lower() for domain in our_domains}
    for value in headers.get("message-id", ()):
        if value.strip().rstrip(">").rpartition("@")[2].lower() in domains:
            return Kind(MessageKind.OWN, KindReason.OWN_MESSAGE_ID, _line("message-id", value))
    return None


def _report(content_type: str, report_type: str) -> Kind | None:
    if content_type.lower() != "multipart/report":
        return None
    reason = (
        KindReason.READ_RECEIPT
        if report_type.lower() == "disposition-notification"
        else KindReason.OTHER_REPORT
    )
    evidence = _line("content-type", f"{content_type}; report-type={report_type}")
    return Kind(MessageKind.AUTOMATIC_REPLY, reason, evidence)


def _auto_submitted(headers: Headers, *, replies: bool) -> Kind | None:
    # RFC 3834 section 5: anything but "no" is automatic, values not yet invented too.
    for value in headers.get("auto-submitted", ()):
        word = _first_word(value)
        if word in _NEGATIVE or (replies and word != "auto-replied"):
            continue
        reason = KindReason.AUTO_REPLIED if replies else KindReason.AUTO_GENERATED
        return Kind(MessageKind.AUTOMATIC_REPLY, reason, _line("auto-submitted", value))
    return None


def _autoreply_header(headers: Headers) -> Kind | None:
    reason = KindReason.AUTOREPLY_HEADER
    for name in _AUTOREPLY_HEADERS:
        for value in headers.get(name, ()):
            if _first_word(value) not in _NEGATIVE:
                return Kind(MessageKind.AUTOMATIC_REPLY, reason, _line(name, value))
    for name in ("precedence", "x-precedence"):
        for value in headers.get(name, ()):
            if _first_word(value) in ("auto_reply", "auto-reply"):
                return Kind(MessageKind.AUTOMATIC_REPLY, reason, _line(name, value))
    return None


def _list(headers: Headers, mail_from: str | None) -> Kind | None:
    for name in _LIST_HEADERS:
        for value in headers.get(name, ()):
            return Kind(MessageKind.LIST, KindReason.LIST_HEADER, _line(name, value))
    for name in ("precedence", "x-precedence"):
        for value in headers.get(name, ()):
            if _first_word(value) in ("bulk", "list", "junk"):
                return Kind(MessageKind.LIST, KindReason.PRECEDENCE, _line(name, value))
    local = _local(mail_from or "")
    if local.startswith("owner-") or local.endswith(("-owner", "-request", "-bounces")):
        return Kind(MessageKind.LIST, KindReason.LIST_SENDER, _line("return-path", mail_from or ""))
    return None


def _sender(mail_from: str | None, sender: str) -> Kind | None:
    automatic = MessageKind.AUTOMATIC_REPLY
    for name, address in (("from", sender), ("return-path", mail_from or "")):
        local = _local(address)
        bare = "".join(char for char in local if char not in "._-")
        if bare.startswith(_NO_REPLY) or bare.endswith(_NO_REPLY):
            return Kind(automatic, KindReason.NO_REPLY_SENDER, _line(name, address))
        if local == "postmaster":
            return Kind(automatic, KindReason.ROLE_SENDER, _line(name, address))
    if mail_from == "":
        return Kind(automatic, KindReason.NULL_SENDER, "return-path: <>")
    return None
