"""Authorities, the series their numbers come from, and the kinds of document."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Authority(models.Model):
    """A public authority with a registry of its own (in Sweden each nämnd is one)."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """A diary: the pattern of its case and document numbers."""

    authority = models.ForeignKey(Authority, models.PROTECT, verbose_name=_("authority"))
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=12, blank=True)
    case_pattern = models.CharField(
        _("pattern of case numbers"),
        max_length=60,
        default="{year}/{number}",
        help_text=_(
            "For example {year}/{number}, {prefix} {year}/{number} or {prefix}-{yy}/{number:04}"
        ),
    )
    document_pattern = models.CharField(
        _("pattern of document numbers"),
        max_length=60,
        default="-{document}",
        help_text=_("What follows the case number, for example -{document}"),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("series of numbers")
        verbose_name_plural = _("series of numbers")
        constraints = [
            models.UniqueConstraint(fields=["authority", "name"], name="one_series_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class SeriesYear(models.Model):
    """The counter row of a series and year; locked last and briefly, so numbers have no gaps."""

    series = models.ForeignKey(Series, models.PROTECT)
    year = models.PositiveIntegerField()
    last_case = models.PositiveIntegerField(default=0)
    # Running number of the entries, across cases (Noark M014).
    last_entry = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year"], name="one_counter_per_year")
        ]

    def __str__(self) -> str:
        return f"{self.series_id}/{self.year}"


class Disposal(models.TextChoices):
    KEEP = "keep", _("Preserve")
    DISPOSE = "dispose", _("Weed")
    ASSESS = "assess", _("Assess later")


class Clock(models.TextChoices):
    """What begins to run when a document of the kind comes in."""

    ANSWER = "answer", _("Answer")
    ACCESS_REQUEST = "access_request", _("Access request")
    NONE = "none", _("Nothing")


class DocumentType(models.Model):
    """A row of the records plan: how a kind of document is classed, registered and kept."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    class_code = models.CharField(_("class"), max_length=40)
    must_register = models.BooleanField(_("must be registered"), default=True)
    clock = models.CharField(
        _("deadlines that run"), max_length=14, choices=Clock, default=Clock.ANSWER
    )
    disposal = models.CharField(
        _("disposal"), max_length=8, choices=Disposal, default=Disposal.KEEP
    )
    retention_years = models.PositiveIntegerField(
        _("kept for (years from when the case is closed)"), null=True, blank=True
    )
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    four_eyes = models.BooleanField(_("answers are approved by a second person"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("document type")
        verbose_name_plural = _("document types")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(disposal="dispose") | models.Q(retention_years__isnull=False),
                name="weeding_needs_years",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RecordsPlanItem(models.Model):
    """What need not be registered, and why: an exception that the municipality has decided on."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("what it is"), max_length=80)
    reason = models.CharField(_("why it need not be registered"), max_length=120)
    # The paragraph, and the municipality's own decision that the exception rests on.
    legal_basis = models.CharField(_("paragraph or decision"), max_length=120)
    position = models.PositiveIntegerField(
        _("place in the list"), default=0, help_text=_("The first one has the key 1.")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("exception in the records plan")
        verbose_name_plural = _("exceptions in the records plan")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
