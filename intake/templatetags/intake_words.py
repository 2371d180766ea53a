"""What codes of the front door mean, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from intake.models import Heartbeat, Message
from intake.queries import DayCount
from intake.rules.acknowledgement import NotAcknowledged
from intake.rules.kind import KindReason
from intake.rules.placing import TypeReason, UnitReason
from intake.rules.proposals import ProposalReason
from intake.rules.sender import Missing
from intake.rules.sensitive import NotForwarded
from intake.rules.title_check import NAME
from lib.sensitive import Sensitive

register = template.Library()

# A hostile mail can have every defect there is; the first few say enough.
MAX_DEFECTS = 5

_KIND_REASONS: Mapping[str, Promise] = {
    KindReason.NO_MARK: gettext_lazy("nothing marks it as automatic"),
    KindReason.DELIVERY_REPORT: gettext_lazy("it is made as a delivery report"),
    KindReason.FAILED_RECIPIENTS: gettext_lazy("a mail server names recipients it could not reach"),
    KindReason.MAILER_DAEMON: gettext_lazy("it comes from the mail system itself"),
    KindReason.READ_RECEIPT: gettext_lazy("it is a read receipt"),
    KindReason.OTHER_REPORT: gettext_lazy("it is a report made by a machine"),
    KindReason.OWN_ADDRESS: gettext_lazy("it is written from one of our own addresses"),
    KindReason.OWN_MESSAGE_ID: gettext_lazy("it is a letter of ours that came back"),
    KindReason.AUTO_REPLIED: gettext_lazy("it says that it is an automatic reply"),
    KindReason.AUTO_GENERATED: gettext_lazy("it says that a machine made it"),
    KindReason.AUTOREPLY_HEADER: gettext_lazy("it carries the mark of an out-of-office program"),
    KindReason.LIST_HEADER: gettext_lazy("it carries the marks of a mailing list"),
    KindReason.LIST_SENDER: gettext_lazy("its sender is the address of a mailing list"),
    KindReason.PRECEDENCE: gettext_lazy("it says that it is sent in bulk"),
    KindReason.NO_REPLY_SENDER: gettext_lazy("its sender takes no replies"),
    KindReason.ROLE_SENDER: gettext_lazy("its sender is a mail server"),
    KindReason.NULL_SENDER: gettext_lazy("it has no sender to answer to"),
}

_HELD: Mapping[str, Promise] = {
    "too_large": gettext_lazy("It is too large to be read."),
    "too_many_parts": gettext_lazy("It has too many parts to be read."),
    "too_deep": gettext_lazy("Its parts lie too deep inside each other to be read."),
    "no_content": gettext_lazy("It is empty."),
    "no_header": gettext_lazy("It has no header, so it is not a mail that can be read."),
    "parser_crashed": gettext_lazy("The reader broke down on it."),
    "parser_timeout": gettext_lazy("The reader took too long over it and was stopped."),
    "parser_memory": gettext_lazy("The reader needed too much memory for it and was stopped."),
    "screening_failed": gettext_lazy("Reading it failed again and again without a known reason."),
}

_DEFECTS: Mapping[str, Promise] = {
    "attached_mail_empty": gettext_lazy("An attached mail is empty."),
    "attached_mail_unreadable": gettext_lazy("An attached mail cannot be read."),
    "content_type_invalid": gettext_lazy("It names a kind of content that does not exist."),
    "control_in_header": gettext_lazy("Control characters were removed from its header."),
    "date_invalid": gettext_lazy("Its date cannot be read."),
    "direction_mark_removed": gettext_lazy(
        "Marks that turn the direction of writing were removed; they can make names look different."
    ),
    "encoding_unknown": gettext_lazy("Part of it is encoded in a way that is not known."),
    "filename_truncated": gettext_lazy("The name of an attachment was shortened."),
    "header_truncated": gettext_lazy("A very long line of its header was shortened."),
    "no_content": gettext_lazy("Part of it is empty."),
    "raw_8bit_header": gettext_lazy(
        "Its header holds letters without saying how they are encoded."
    ),
    "text_truncated": gettext_lazy(
        "Its text is longer than what is shown; the original has all of it."
    ),
    "too_many_addresses": gettext_lazy("It has more recipients than are shown."),
    "from_twice": gettext_lazy(
        "It names more than one sender. Do not trust the name that is shown."
    ),
}
_DEFECT_FAMILIES: Mapping[str, Promise] = {
    "base64": gettext_lazy("Part of its content is damaged."),
    "charset": gettext_lazy("Letters such as æ, ø, å, ä and ö may be shown wrongly."),
    "parameter": gettext_lazy("It describes its parts in an unclear way."),
}

_MISSING: Mapping[str, Promise] = {
    Missing.NAME: gettext_lazy("name"),
    Missing.POSTAL_ADDRESS: gettext_lazy("postal address"),
    Missing.EMAIL_ADDRESS: gettext_lazy("e-mail address"),
}

_PROPOSALS: Mapping[str, Promise] = {
    ProposalReason.REPLY_FROM_PARTY: gettext_lazy(
        "Answers our letter in this case; the sender is a party"
    ),
    ProposalReason.REFERENCE_FROM_PARTY: gettext_lazy(
        "Names the case in the subject; the sender is a party"
    ),
    ProposalReason.SEVERAL_CASES: gettext_lazy(
        "Names or answers several cases of which this is one"
    ),
    ProposalReason.REPLY_FROM_STRANGER: gettext_lazy(
        "Answers our letter in this case, but the sender is not a party"
    ),
    ProposalReason.REFERENCE_FROM_STRANGER: gettext_lazy(
        "Names the case in the subject, but the sender is not a party"
    ),
    ProposalReason.PARTY_ONLY: gettext_lazy("The sender is a party in this case"),
    ProposalReason.LIKE_TITLE: gettext_lazy("Post with a like title was registered here lately"),
}

_UNITS: Mapping[str, Promise] = {
    UnitReason.CASE: gettext_lazy("it has the proposed case"),
    UnitReason.EARLIER: gettext_lazy("it has post with like titles"),
    UnitReason.MAILBOX: gettext_lazy("the mailbox is its own"),
    UnitReason.ASSIGNED: gettext_lazy("it was given the message"),
}

_TYPES: Mapping[str, Promise] = {
    TypeReason.ACCESS_REQUEST: gettext_lazy("Proposed because it asks to see documents."),
    TypeReason.WORDS: gettext_lazy("Proposed because of a word in the subject."),
    TypeReason.FILES: gettext_lazy("Proposed because of the name of an attachment."),
    TypeReason.BULK: gettext_lazy("Proposed because it is sent in bulk."),
    TypeReason.EARLIER: gettext_lazy("Proposed because post with like titles was of this type."),
}

_SENSITIVE: Mapping[str, Promise] = {
    Sensitive.IDENTITY_NUMBER: gettext_lazy("an identity number"),
    Sensitive.HEALTH: gettext_lazy("a word about health"),
    Sensitive.PROTECTED_ADDRESS: gettext_lazy("a sign of a protected address"),
    Sensitive.OTHER_CATEGORY: gettext_lazy("a word about a private matter"),
    NAME: gettext_lazy("what seems to be a name"),
}

_NOT_ACKNOWLEDGED: Mapping[str, Promise] = {
    NotAcknowledged.ALREADY: gettext_lazy("it has been acknowledged already"),
    NotAcknowledged.ANSWERED: gettext_lazy("it has been answered already"),
    NotAcknowledged.SET_ASIDE: gettext_lazy("it was set aside"),
    NotAcknowledged.AUTOMATIC: gettext_lazy(
        "it is an automatic reply, and two machines must not talk"
    ),
    NotAcknowledged.BOUNCE: gettext_lazy("it is a delivery report"),
    NotAcknowledged.LIST: gettext_lazy("it was sent to a list or in bulk"),
    NotAcknowledged.OWN: gettext_lazy("it is our own letter"),
    NotAcknowledged.NULL_SENDER: gettext_lazy("it has no sender to answer to"),
    NotAcknowledged.NO_ENVELOPE: gettext_lazy("it was imported, and who delivered it is not known"),
    NotAcknowledged.BAD_ADDRESS: gettext_lazy("the address that sent it cannot be written to"),
    NotAcknowledged.OWN_ADDRESS: gettext_lazy("it was sent from one of our own addresses"),
    NotAcknowledged.ADDRESS_DAY_CAP: gettext_lazy("the address has had all its receipts for today"),
    NotAcknowledged.ADDRESS_HOUR_CAP: gettext_lazy(
        "the address has had all its receipts for this hour"
    ),
    NotAcknowledged.TOTAL_HOUR_CAP: gettext_lazy("too many receipts have left within an hour"),
}

_NOT_FORWARDED: Mapping[str, Promise] = {
    NotForwarded.HELD: gettext_lazy("not all of it could be read"),
    NotForwarded.ENCRYPTED: gettext_lazy("it is encrypted"),
    NotForwarded.SENSITIVE: gettext_lazy("something in it seems to be sensitive"),
    NotForwarded.TOO_LONG: gettext_lazy("its text is too long to be looked through"),
    NotForwarded.TOO_LARGE: gettext_lazy("it is too large"),
    NotForwarded.UNREAD_ATTACHMENTS: gettext_lazy("nobody has read its attachments yet"),
    NotForwarded.NO_ADDRESS: gettext_lazy("the body takes no e-mail"),
}

_PROCESSES: Mapping[str, Promise] = {
    "worker": gettext_lazy("Worker"),
    "sender": gettext_lazy("Letter sender"),
    "beat": gettext_lazy("Timer"),
    "receiver": gettext_lazy("Receiver"),
}


@register.filter
def kind_reason(code: str) -> str:
    """Why a message is taken to be of its kind."""
    return str(_KIND_REASONS.get(code, ""))


@register.filter
def held_reason(code: str) -> str:
    """Why a message is held."""
    return str(_HELD.get(code) or _("It cannot be read."))


@register.filter
def defect_sentences(codes: Iterable[str]) -> list[str]:
    """What was wrong with how a message was made: a few sentences, each once."""
    sentences = list(dict.fromkeys(_defect(code) for code in codes))
    return sentences[:MAX_DEFECTS]


def _defect(code: str) -> str:
    known = _DEFECTS.get(code) or _DEFECT_FAMILIES.get(code.partition("_")[0])
    if known:
        return str(known)
    if code.endswith("_twice"):
        return _("A line of its header stands there more than once.")
    if code.endswith("_unverifiable"):
        return _("An address in its header cannot be told for certain.")
    return _("It is not made as the rules for mail ask.")


@register.filter
def missing_words(codes: Iterable[str]) -> str:
    """What the sender has left out, as a list in one line."""
    return ", ".join(str(_MISSING[code]) for code in codes if code in _MISSING)


@register.filter
def proposal_reason(code: str) -> str:
    """Why a case is proposed."""
    return str(_PROPOSALS.get(code, ""))


@register.filter
def unit_reason(code: str) -> str:
    """Why a unit is proposed, to stand after "because"."""
    return str(_UNITS.get(code, ""))


@register.filter
def type_reason(code: str) -> str:
    """Why a kind of document is proposed, as a sentence; "" when nothing speaks for it."""
    return str(_TYPES.get(code, ""))


def sensitive_word(kind: str) -> str:
    """What was found in a title."""
    return str(_SENSITIVE[kind])


@register.filter
def not_acknowledged(code: str) -> str:
    """Why no acknowledgement leaves, to stand after "because"."""
    return str(_NOT_ACKNOWLEDGED.get(code) or _("of a rule (%(code)s)") % {"code": code})


@register.filter
def not_forwarded(code: str) -> str:
    """Why a mail is not sent on, to stand after "because"."""
    return str(_NOT_FORWARDED[NotForwarded(code)])


@register.filter
def language_name(code: str) -> str:
    """What a language is called in the reader's own."""
    return str(dict(settings.LANGUAGES).get(code, code))


@register.filter
def sender_words(message: Message) -> str:
    """A name for the sender in a list."""
    return message.sender_name or message.sender_address or _("unknown sender")


@register.filter
def process_name(heartbeat: Heartbeat) -> str:
    """What a kind of process is called."""
    return str(_PROCESSES.get(heartbeat.name, heartbeat.name))


@register.filter
def difference_words(row: DayCount) -> str:
    """What does not add up in a mailbox on a day, in one sentence; "" when all adds up."""
    lost = row.arrived - row.accounted
    if lost > 0:
        return ngettext(
            "%(n)d message that arrived is not accounted for",
            "%(n)d messages that arrived are not accounted for",
            lost,
        ) % {"n": lost}
    if lost < 0:
        return ngettext(
            "%(n)d message is accounted for that did not arrive",
            "%(n)d messages are accounted for that did not arrive",
            -lost,
        ) % {"n": -lost}
    if row.difference > 0:
        return ngettext(
            "The mail server has %(n)d mail that did not reach us",
            "The mail server has %(n)d mails that did not reach us",
            row.difference,
        ) % {"n": row.difference}
    if row.difference < 0:
        return ngettext(
            "We have %(n)d mail that the mail server does not count",
            "We have %(n)d mails that the mail server does not count",
            -row.difference,
        ) % {"n": -row.difference}
    return ""
