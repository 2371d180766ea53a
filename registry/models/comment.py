"""What colleagues say to each other about a case. Never sent out, never in the public record."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Comment(models.Model):
    """An internal comment on a case. Append-only."""

    case = models.ForeignKey("registry.Case", models.PROTECT, related_name="comments")
    text = models.TextField(_("comment"))
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("internal comment")
        verbose_name_plural = _("internal comments")

    def __str__(self) -> str:
        return f"{self.case_id} {self.pk}"


class Mention(models.Model):
    """Somebody who is asked to look at a comment. Append-only."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="mentions")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="one_mention_per_comment")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.user_id}"
