"""Whether an acknowledgement may leave, and to which address.

The acknowledgement is a legal receipt (eForvaltningsforskriften § 6; a service in Sweden), so each
message that leads to case handling gets its own: no "once a week for each sender" as for holiday
replies. What keeps it from being a weapon or a loop is RFC 3834 and the limits below. A refusal is
a reason that is stored with the message and shown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from intake.rules.kind import MessageKind
from lib.mime.addresses import is_public_address


class NotAcknowledged(StrEnum):
    """Why no acknowledgement leaves."""

    ALREADY = "already"  # this message has had its acknowledgement
    ANSWERED = "answered"  # it was answered at once with substance
    SET_ASIDE = "set_aside"  # a person found it to lead to no case: spam, minor, threat
    AUTOMATIC = "automatic"  # RFC 3834: no automatic letter answers an automatic letter
    BOUNCE = "bounce"  # RFC 3464: a delivery report
    LIST = "list"  # RFC 3834: sent to a list or in bulk
    OWN = "own"  # our own letter came back
    NULL_SENDER = "null_sender"  # RFC 5321: nothing may be sent to <>
    NO_ENVELOPE = "no_envelope"  # imported: who delivered it is not known
    BAD_ADDRESS = "bad_address"  # the envelope sender is no address that mail can reach
    OWN_ADDRESS = "own_address"  # the envelope sender is one of our mailboxes
    ADDRESS_DAY_CAP = "address_day_cap"  # so many automatic receipts went there today
    ADDRESS_HOUR_CAP = "address_hour_cap"  # so many acknowledgements went there this hour
    TOTAL_HOUR_CAP = "total_hour_cap"  # so many went out in all: a flood, a person must look


# These end with the hour: try again later. The day cap waits for a person, for the legal limit is
# the next day.
TEMPORARY = frozenset({NotAcknowledged.ADDRESS_HOUR_CAP, NotAcknowledged.TOTAL_HOUR_CAP})

_BY_KIND = {
    MessageKind.AUTOMATIC_REPLY: NotAcknowledged.AUTOMATIC,
    MessageKind.BOUNCE: NotAcknowledged.BOUNCE,
    MessageKind.LIST: NotAcknowledged.LIST,
    MessageKind.OWN: NotAcknowledged.OWN,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many acknowledgements may leave; each is the last number allowed.

    `receipts_per_address_day`: automatic receipts to one address in a local day, when nobody has
    registered yet. Three, so that thousands of mails in a victim's name send the victim three.
    `per_address_hour`: automatic receipts to an address that got so many acknowledgements of
    every kind in 60 minutes wait. Five breaks a loop and hinders no person.
    `total_hour`: all acknowledgements in 60 minutes. High enough for a flood of real mail.
    """

    receipts_per_address_day: int = 3
    per_address_hour: int = 5
    total_hour: int = 2_000


def acknowledgement_address(envelope_from: str | None) -> str | None:
    """Return the address to acknowledge to, or None.

    It is the envelope sender (RFC 3834 section 4), never From or Reply-To, which anyone can write.
    """
    if envelope_from is None:
        return None
    address = envelope_from.strip()
    return address if is_public_address(address) else None


def may_acknowledge(
    *,
    kind: MessageKind,
    envelope_from: str | None,
    already: bool,
    by_registration: bool,
    receipts_to_address_today: int,
    sent_to_address_last_hour: int,
    sent_total_last_hour: int,
    limits: Limits,
    our_addresses: Collection[str] = (),
    answered: bool = False,
    set_aside: bool = False,
) -> NotAcknowledged | None:
    """Ask whether an acknowledgement may leave for a message: None means yes.

    `by_registration` is True when a person registered the message, False for the automatic receipt
    before anyone has: only the latter has limits. The counts leave this message out.
    `answered` and `set_aside` say what a person has done with it meanwhile.
    """
    if already:
        return NotAcknowledged.ALREADY
    if answered:
        return NotAcknowledged.ANSWERED
    if set_aside:
        return NotAcknowledged.SET_ASIDE
    return (
        _BY_KIND.get(kind)
        or _bad_address(envelope_from, our_addresses)
        or _over_limit(
            by_registration,
            receipts_to_address_today,
            sent_to_address_last_hour,
            sent_total_last_hour,
            limits,
        )
    )


def _bad_address(
    envelope_from: str | None, our_addresses: Collection[str]
) -> NotAcknowledged | None:
    if envelope_from is None:
        return NotAcknowledged.NO_ENVELOPE
    if not envelope_from.strip().strip("<>"):
        return NotAcknowledged.NULL_SENDER
    address = acknowledgement_address(envelope_from)
    if address is None:
        return NotAcknowledged.BAD_ADDRESS
    if address.lower() in {each.lower() for each in our_addresses}:
        return NotAcknowledged.OWN_ADDRESS
    return None


def _over_limit(
    by_registration: bool, receipts_today: int, last_hour: int, total: int, limits: Limits
) -> NotAcknowledged | None:
    if by_registration:
        # A person's hand is limit enough, and whoever is registered is owed the confirmation.
        return None
    if receipts_today >= limits.receipts_per_address_day:
        return NotAcknowledged.ADDRESS_DAY_CAP
    if last_hour >= limits.per_address_hour:
        return NotAcknowledged.ADDRESS_HOUR_CAP
    if total >= limits.total_hour:
        return NotAcknowledged.TOTAL_HOUR_CAP
    return None
