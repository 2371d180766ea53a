"""That an entry is looked over by those who keep the registry, before it counts as journalled."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class QualityCheck(models.Model):
    """An entry that somebody else than a registrar has made; passed once, never edited.

    Until then its journal status is S, afterwards J (Noark M053). An entry without such a row was
    made by those who keep the registry, and is J at once.
    """

    entry = models.OneToOneField(
        "registry.Entry", models.PROTECT, primary_key=True, related_name="quality_check"
    )
    asked_at = models.DateTimeField()
    passed_at = models.DateTimeField(_("passed"), null=True)
    passed_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("quality control")
        verbose_name_plural = _("quality controls")
        indexes = [
            models.Index(
                fields=["entry"], condition=models.Q(passed_at=None), name="checks_that_wait"
            )
        ]

    def __str__(self) -> str:
        return str(self.entry_id)
