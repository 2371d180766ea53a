"""A message, its deliveries, its attachments, and what is proposed for it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a message is on its way; see docs/flow.md."""

    RECEIVED = "received", _("Received")
    SCREENED = "screened", _("Waiting")
    HELD = "held", _("Held")
    REGISTERED = "registered", _("Registered")
    MINOR = "minor", _("Of minor importance")
    SPAM = "spam", _("Spam")


class Kind(models.TextChoices):
    PERSON = "person", _("From a person")
    AUTOMATIC_REPLY = "automatic_reply", _("Automatic reply")
    BOUNCE = "bounce", _("Delivery report")
    LIST = "list", _("List or bulk mail")
    OWN = "own", _("Our own letter")


class Message(models.Model):
    """A mail that has reached us, however many times and through however many doors."""

    # Hash of the mail without what transport adds on the way: the identity of the message.
    fingerprint = models.CharField(max_length=64, unique=True)
    # Hash and size of the raw bytes as they came first.
    raw_sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    # Ours, and never changed (database trigger): the moment its first delivery was complete.
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    state_at = models.DateTimeField()
    mailbox = models.ForeignKey("intake.Mailbox", models.PROTECT, verbose_name=_("mailbox"))

    # What screening found. The sender's own words: never logged, never in a letter.
    kind = models.CharField(
        _("kind"), max_length=16, choices=Kind, blank=True, default="", db_default=""
    )
    kind_reason = models.CharField(max_length=60, blank=True, default="", db_default="")
    subject = models.TextField(_("subject"), blank=True, default="", db_default="")
    sender_name = models.TextField(_("name of the sender"), blank=True, default="", db_default="")
    sender_address = models.CharField(
        _("address of the sender"), max_length=320, blank=True, default="", db_default=""
    )
    # "" is the null sender; None means that the first door knew no envelope (IMAP, import).
    envelope_from = models.CharField(max_length=320, null=True, blank=True)
    message_id = models.CharField(max_length=1000, blank=True, default="", db_default="")
    in_reply_to = models.CharField(max_length=1000, blank=True, default="", db_default="")
    claimed_at = models.DateTimeField(_("date claimed by the sender"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=2, blank=True, default="", db_default="")
    missing = models.JSONField(_("missing about the sender"), default=list, db_default=[])
    defects = models.JSONField(_("defects"), default=list, db_default=[])
    text = models.TextField(_("text"), blank=True, default="", db_default="")
    html = models.TextField(blank=True, default="", db_default="")
    held_code = models.CharField(
        _("held because"), max_length=40, blank=True, default="", db_default=""
    )
    screened_at = models.DateTimeField(null=True, blank=True)
    screen_attempts = models.PositiveIntegerField(default=0, db_default=0)
    opened_at = models.DateTimeField(_("first opened"), null=True, blank=True)

    # What screening proposes, and whom a person has given it to; neither decides anything.
    unit = models.ForeignKey(
        "accounts.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("unit"),
    )
    unit_reason = models.CharField(max_length=16, blank=True, default="", db_default="")
    document_type = models.ForeignKey(
        "registry.DocumentType",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("document type"),
    )
    document_type_reason = models.CharField(max_length=16, blank=True, default="", db_default="")
    assignee = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("given to"),
    )

    # The last word on it.
    triaged_at = models.DateTimeField(null=True, blank=True)
    triaged_by = models.CharField(max_length=40, blank=True, default="", db_default="")
    triage_reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in State]), name="known_state"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="held") | ~models.Q(held_code=""),
                name="held_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(state__in=["received", "screened", "held"]),
                name="messages_waiting",
            ),
            models.Index(
                fields=["state_at"],
                condition=~models.Q(state__in=["received", "screened", "held"]),
                name="messages_done",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state="received"),
                name="messages_to_screen",
            ),
            models.Index(
                fields=["message_id"], condition=~models.Q(message_id=""), name="messages_by_id"
            ),
            models.Index(fields=["mailbox", "received_at"], name="messages_of_mailbox"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What the message is called before it has a diary number, also in letters."""
        return f"M{self.pk}"


class Door(models.TextChoices):
    SMTP = "smtp", "SMTP"
    LMTP = "lmtp", "LMTP"
    MAILDIR = "maildir", "Maildir"
    IMAP = "imap", "IMAP"
    IMPORT = "import", _("Import")


class Delivery(models.Model):
    """One arrival of a message: through which door, from whom, when. Append-only."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="deliveries")
    door = models.CharField(_("door"), max_length=8, choices=Door)
    received_at = models.DateTimeField(_("received"))
    raw_sha256 = models.CharField(max_length=64)
    envelope_from = models.CharField(max_length=320, blank=True)
    # False where the door has no envelope (IMAP, import): an empty sender then means "not known".
    has_envelope = models.BooleanField(default=True)
    peer = models.CharField(max_length=64, blank=True)
    helo = models.CharField(max_length=255, blank=True)
    tls = models.CharField(max_length=60, blank=True)
    # Where the source itself names the mail: IMAP account+folder+UIDVALIDITY+UID, Maildir file.
    source_key = models.CharField(max_length=300, unique=True, null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [models.Index(fields=["received_at"], name="deliveries_by_time")]

    def __str__(self) -> str:
        return f"{self.door} {self.received_at:%Y-%m-%d %H:%M}"


class DeliveryRecipient(models.Model):
    """An envelope recipient of a delivery, and the mailbox it is."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="recipients")
    address = models.CharField(max_length=320)
    mailbox = models.ForeignKey("intake.Mailbox", models.PROTECT)

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.mailbox_id}"


class Attachment(models.Model):
    """A part of a message that is not its text. The content stays in the raw mail."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    path = models.CharField(max_length=60)
    filename = models.CharField(_("file name"), max_length=255, blank=True)
    declared_type = models.CharField(max_length=120, blank=True)
    media_type = models.CharField(_("type"), max_length=120)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(max_length=255, blank=True)
    is_inline = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(fields=["message", "path"], name="one_attachment_per_path")
        ]

    def __str__(self) -> str:
        return f"{self.message_id}/{self.path}"


class Strength(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    SUGGESTED = "suggested", _("Possible")


class Proposal(models.Model):
    """A case that the message may belong to, and why."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="proposals")
    case = models.ForeignKey("registry.Case", models.CASCADE)
    strength = models.CharField(max_length=10, choices=Strength)
    reason = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "case"], name="one_proposal_per_case")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.case_id}"
