"""The front door: mailboxes, the messages that came, and what watches over them."""

from intake.models.body import Body
from intake.models.desk import Draft, Presence
from intake.models.mailbox import FetchFailure, FetchMark, Mailbox
from intake.models.message import Attachment, Delivery, DeliveryRecipient, Message, Proposal
from intake.models.watch import Alarm, Heartbeat, SourceCount

__all__ = [
    "Alarm",
    "Attachment",
    "Body",
    "Delivery",
    "DeliveryRecipient",
    "Draft",
    "FetchFailure",
    "FetchMark",
    "Heartbeat",
    "Mailbox",
    "Message",
    "Presence",
    "Proposal",
    "SourceCount",
]
