"""Consent to be told of decisions electronically, as evidence."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConsentWay(models.TextChoices):
    PORTAL = "portal", _("In the portal, signed in")
    LETTER = "letter", _("By letter")
    EMAIL = "email", _("By e-mail")
    ATTENDANCE = "attendance", _("In person")


class Consent(models.Model):
    """Somebody has accepted electronic notice at an address; withdrawn, never deleted.

    A yes or no would prove nothing: who, when, to which words, for which address and scope, and
    until when, is what the municipality has to show if the notice is disputed.
    """

    person = models.CharField(_("name"), max_length=200)
    address = models.EmailField(_("address for notices"))
    # "" = every decision; else the reference of the one case that it covers.
    case_reference = models.CharField(_("only for the case"), max_length=60, blank=True)
    way = models.CharField(_("how it was given"), max_length=10, choices=ConsentWay)
    text_version = models.CharField(_("version of the text that was accepted"), max_length=40)
    given_at = models.DateTimeField(_("given"))
    noted_by = models.CharField(max_length=40)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(
                fields=["address"],
                condition=models.Q(withdrawn_at=None),
                name="standing_consents",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
