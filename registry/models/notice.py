"""What the sender of an entry was told about it, and what is waited for since."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    MISDIRECTED = "misdirected", _("Told where it belongs")
    FORWARDED = "forwarded", _("Sent on to the right body")
    MISSING_INFORMATION = "missing_information", _("Asked for what is missing")


class Ending(models.TextChoices):
    """How a wait for missing information ended."""

    ANSWERED = "answered", _("Answered")
    BY_HAND = "by_hand", _("Ended by hand")
    SIGNED_OFF = "signed_off", _("Ended, as the entry was signed off")


class Notice(models.Model):
    """A letter about an incoming entry, or why it could not be sent. Never edited.

    One that asks for something is a wait until it ends: by the answer, or by a person. Its last
    day is a Deadline of the entry; when that passes nothing is decided by it.
    """

    kind = models.CharField(_("notice"), max_length=20, choices=NoticeKind)
    entry = models.ForeignKey("registry.Entry", models.PROTECT, related_name="notices")
    letter = models.ForeignKey("outbox.Letter", models.PROTECT, null=True, related_name="+")
    not_sent_reason = models.CharField(max_length=40, blank=True)
    # The outgoing entry under which the letter itself is registered.
    letter_entry = models.ForeignKey(
        "registry.Entry", models.PROTECT, null=True, related_name="notice_of"
    )
    # The body that was named, as it was called then.
    body = models.CharField(_("right body"), max_length=200, blank=True)
    # What was asked for, as the letter says it.
    points = models.JSONField(_("what is missing"), default=list)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)
    undone_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.CharField(max_length=40, blank=True)
    ending = models.CharField(max_length=10, choices=Ending, blank=True)
    # The incoming entry that brought what was missing.
    answer = models.ForeignKey("registry.Entry", models.PROTECT, null=True, related_name="answers")

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=models.Q(
                    kind="missing_information", ended_at__isnull=True, undone_at__isnull=True
                ),
                name="one_wait_per_entry",
            ),
            models.CheckConstraint(
                condition=models.Q(letter__isnull=True) ^ models.Q(not_sent_reason=""),
                name="notice_letter_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"

    @property
    def is_waiting(self) -> bool:
        """Whether something is waited for because of it."""
        return (
            self.kind == NoticeKind.MISSING_INFORMATION
            and self.ended_at is None
            and self.undone_at is None
        )
