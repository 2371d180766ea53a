"""Public bodies that post belongs to when it does not belong to us."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Body(models.Model):
    """A public body: what it does, in words that letters use, and where it is written to."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    # Empty where the body takes no e-mail from the public: then nothing is sent on to it.
    email = models.EmailField(_("e-mail address"), blank=True)
    postal_address = models.CharField(_("postal address"), max_length=200, blank=True)
    words = models.TextField(
        _("words"),
        blank=True,
        help_text=_(
            "Beginnings of words by which its post is known, one a line. "
            "A mail that holds one of them has this body proposed."
        ),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("public body")
        verbose_name_plural = _("public bodies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def where(self) -> str:
        """How it is reached, for a letter."""
        return ", ".join(each for each in (self.email, self.postal_address) if each)
