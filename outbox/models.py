"""Every letter that leaves is a row, and so is the fate of each of its recipients."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _


class LetterKind(models.TextChoices):
    ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement")
    RECEIPT = "receipt", _("Automatic receipt")
    MISDIRECTED = "misdirected", _("Misdirected")
    FORWARDED = "forwarded", _("Sent on to the right body")
    MISSING_INFORMATION = "missing_information", _("Missing information")
    INTERIM_REPLY = "interim_reply", _("Interim reply")
    ANSWER = "answer", _("Answer")
    ALARM = "alarm", _("Alarm")
    ALARM_CLEARED = "alarm_cleared", _("Alarm cleared")
    NOTICE_ASSIGNED = "notice_assigned", _("Notice: assigned")
    NOTICE_MENTION = "notice_mention", _("Notice: mentioned")
    NOTICE_THREAT = "notice_threat", _("Notice: threat")
    NOTICE_ESCALATED = "notice_escalated", _("Notice to the leader")
    DIGEST = "digest", _("Daily e-mail about deadlines")


class Fate(models.TextChoices):
    """What has become of a letter to one recipient."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    RETRY = "retry", _("Will be tried again")
    FAILED = "failed", _("Refused")
    # The mail server's answer to the final dot was lost: it may have been delivered.
    UNKNOWN = "unknown", _("Not known")
    BOUNCED = "bounced", _("Came back")
    CANCELLED = "cancelled", _("Undone")


class LetterText(models.Model):
    """A municipality's own wording of a letter; each change is a new version."""

    kind = models.CharField(_("letter"), max_length=30, choices=LetterKind)
    language = models.CharField(_("language"), max_length=2)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(
        _("text"), help_text=_("First line: Subject: …; then an empty line; then the letter.")
    )
    created_at = models.DateTimeField(_("made"))
    created_by = models.CharField(_("by"), max_length=40)

    class Meta:
        verbose_name = _("letter text")
        verbose_name_plural = _("letter texts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language", "version"], name="one_text_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.version}"


class Letter(models.Model):
    """One letter, rendered and fixed when it was queued."""

    # Names the reason for the letter ("acknowledgement:M2026-17"): a second one cannot be made.
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("letter"), max_length=30, choices=LetterKind)
    language = models.CharField(_("language"), max_length=2)
    # Automatic letters leave with a null envelope sender and Auto-Submitted (RFC 3834).
    automatic = models.BooleanField(_("automatic"), default=True)
    subject = models.CharField(_("subject"), max_length=400)
    text = models.TextField(_("text"))
    # The mail exactly as it leaves, composed when it was queued: the record of what was said.
    raw = models.BinaryField()
    raw_sha256 = models.CharField(max_length=64, db_index=True)
    sender_name = models.CharField(max_length=200)
    sender_address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254)
    message_id = models.CharField(max_length=200, unique=True)
    in_reply_to = models.CharField(max_length=1000, blank=True)
    # Empty: the null sender. Fixed with the rest, whatever the municipality's domain becomes.
    envelope_from = models.CharField(max_length=254, blank=True)
    # In the local part of the envelope sender, by which a delivery report finds its letter.
    envelope_token = models.CharField(max_length=40, unique=True)
    # Reference of the case, entry or message that the letter is about.
    about = models.CharField(_("about"), max_length=80, blank=True, db_index=True)
    created_at = models.DateTimeField(_("made"))
    created_by = models.CharField(_("by"), max_length=40)
    not_before = models.DateTimeField(_("leaves at the earliest"))

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [models.Index(fields=["kind", "created_at"], name="letters_of_a_kind")]

    def __str__(self) -> str:
        return self.key


class LetterRecipient(models.Model):
    """The fate of a letter to one address."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="recipients")
    address = models.CharField(_("address"), max_length=254)
    fate = models.CharField(_("state"), max_length=10, choices=Fate, default=Fate.QUEUED)
    # Since when it ought to have left: when it may first leave, or when a person sent it again.
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    answer_code = models.PositiveIntegerField(_("answer"), null=True, blank=True)
    # The mail server's own words, bounded; never our correspondent's.
    answer_text = models.CharField(max_length=300, blank=True)
    # False: the last attempt got no session with the mail server, so it says nothing of the letter.
    reached = models.BooleanField(default=True)
    # How often it was not known whether an attempt had succeeded.
    losses = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(_("changed"))
    # A person has taken note that it did not arrive, and does what is needed.
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(fields=["letter", "address"], name="one_fate_per_recipient"),
            models.CheckConstraint(
                condition=models.Q(fate__in=[fate.value for fate in Fate]), name="known_fate"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(fate__in=["queued", "retry", "unknown"]),
                name="letters_to_send",
            ),
            # Whatever its case: most servers take Kari@ and kari@ for one mailbox.
            models.Index(Upper("address"), name="letters_to_address"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.fate}"
