"""Who is alive, what the mail servers counted, and what needs a person's attention."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """The last sign of life of a kind of process."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class SourceCount(models.Model):
    """How many mails of a day the mail server itself counts in a mailbox."""

    mailbox = models.ForeignKey("intake.Mailbox", models.PROTECT)
    on = models.DateField()
    count = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "on"], name="one_count_per_day")]

    def __str__(self) -> str:
        return f"{self.mailbox_id} {self.on} {self.count}"


class AlarmCode(models.TextChoices):
    MAILBOX_UNREAD = "mailbox_unread", _("Post that nobody has opened")
    FETCH_FAILING = "fetch_failing", _("A mailbox cannot be fetched from")
    BLOCKED_AT_SOURCE = "blocked_at_source", _("A mail that the source will not hand over")
    OUTBOX_STUCK = "outbox_stuck", _("Letters that do not leave")
    LETTER_UNDELIVERED = "letter_undelivered", _("Letters that did not arrive")
    WORKER_SILENT = "worker_silent", _("The worker is silent")
    SENDER_SILENT = "sender_silent", _("The letter sender is silent")
    BEAT_SILENT = "beat_silent", _("The timer is silent")
    RECEIVER_SILENT = "receiver_silent", _("The receiver is silent")
    ACKNOWLEDGEMENT_LATE = (
        "acknowledgement_late",
        _("An acknowledgement is about to break its limit"),
    )
    REGISTRATION_LATE = "registration_late", _("Post that is registered too late")
    RECEIPT_WITHHELD = "receipt_withheld", _("Automatic receipts that a limit held back for good")
    LEDGER_UNSEALED = "ledger_unsealed", _("The ledger is not sealed")
    COUNTS_DIFFER = "counts_differ", _("The counts of a day differ")
    MESSAGE_STUCK = "message_stuck", _("Messages that are not screened")


class Alarm(models.Model):
    """Something is wrong until it is cleared; at most one stands per code and subject."""

    code = models.CharField(_("alarm"), max_length=30, choices=AlarmCode)
    subject = models.CharField(_("about"), max_length=120, blank=True)
    count = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField(_("raised"))
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "subject"],
                condition=models.Q(cleared_at=None),
                name="one_standing_alarm",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}"
