"""Who works on a message just now, and what each has typed so far. Short-lived, and no record."""

from __future__ import annotations

from django.db import models


class Presence(models.Model):
    """The message that a person has open, as the browser last said; one row for each person."""

    user = models.OneToOneField("accounts.User", models.CASCADE, related_name="+")
    message = models.ForeignKey("intake.Message", models.CASCADE, related_name="presences")
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.message_id}"


class DraftPage(models.TextChoices):
    """Where it is typed."""

    REGISTER = "register"
    MISDIRECTED = "misdirected"
    ASK = "ask"
    SPLIT = "split"


class Draft(models.Model):
    """What a person has typed about a message that is not settled; deleted when it is."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    message = models.ForeignKey("intake.Message", models.CASCADE, related_name="drafts")
    page = models.CharField(
        max_length=11,
        choices=DraftPage,
        default=DraftPage.REGISTER,
        db_default=DraftPage.REGISTER,
    )
    # Names and texts of the form's fields as they were sent.
    values = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "user", "page"], name="one_draft_per_person_and_page"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.message_id}"
