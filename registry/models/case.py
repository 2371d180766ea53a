"""The case, and the versions of what describes a case or an entry."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CaseStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("case", "Open")
    CLOSED = "closed", _("Closed")
    VOID = "void", _("Void")


class Access(models.TextChoices):
    # Nobody has judged it yet: nothing of it is shown to the public.
    UNASSESSED = "unassessed", _("Not assessed")
    OPEN = "open", pgettext_lazy("access", "Open")
    EXEMPT = "exempt", _("Exempt from public access")


class Case(models.Model):
    """A case with its number. Number and opening never change; descriptions only by a Version."""

    series = models.ForeignKey("registry.Series", models.PROTECT)
    year = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    reference = models.CharField(_("case number"), max_length=60)
    # The protected title is for those with access; everyone else sees the public title.
    title = models.CharField(_("title"), max_length=400)
    public_title = models.CharField(_("public title"), max_length=400, blank=True)
    access = models.CharField(_("access"), max_length=10, choices=Access, default=Access.UNASSESSED)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, verbose_name=_("unit"))
    caseworker = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, verbose_name=_("caseworker")
    )
    status = models.CharField(
        _("status"), max_length=6, choices=CaseStatus, default=CaseStatus.OPEN
    )
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.CharField(max_length=40)
    void_reason = models.CharField(_("why void"), max_length=200, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    last_document = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    # Read by those whom a CaseReader names and by its caseworker, and by nobody else.
    is_restricted = models.BooleanField(_("restricted"), default=False, db_default=False)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year", "number"], name="one_case_per_number"
            ),
            models.UniqueConstraint(fields=["reference"], name="one_case_per_reference"),
            models.CheckConstraint(
                condition=~models.Q(access="exempt") | ~models.Q(legal_basis=""),
                name="exempt_case_needs_legal_basis",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="void") | ~models.Q(void_reason=""),
                name="void_case_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at"], name="cases_newest_first"),
            # They are few, and every list of cases asks which they are.
            models.Index(
                fields=["id"], condition=models.Q(is_restricted=True), name="restricted_cases"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class CaseReader(models.Model):
    """A person who is named to read a case, also a restricted one; ended, never deleted."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="readers")
    user = models.ForeignKey("accounts.User", models.PROTECT, verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=200)
    named_at = models.DateTimeField(_("named"))
    named_by = models.CharField(max_length=40)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(max_length=40, blank=True)
    end_reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("named reader")
        verbose_name_plural = _("named readers")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "case"],
                condition=models.Q(ended_at=None),
                name="named_once_in_a_case",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"


class CaseMove(models.Model):
    """That a case went to another unit as an entry was registered in it, and who had it before.

    Undoing that registration gives it back.
    """

    entry = models.OneToOneField("registry.Entry", models.PROTECT, related_name="case_move")
    from_unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    from_caseworker = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+"
    )
    to_unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("move of a case")
        verbose_name_plural = _("moves of cases")

    def __str__(self) -> str:
        return str(self.entry_id)


class Restriction(models.Model):
    """That a case was restricted, why and until when; lifted, never deleted."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="restrictions")
    reason = models.CharField(_("reason"), max_length=200)
    placed_at = models.DateTimeField(_("placed"))
    placed_by = models.CharField(max_length=40)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.CharField(max_length=40, blank=True)
    lift_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(lifted_at=None),
                name="one_standing_restriction",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class Version(models.Model):
    """What described a case or an entry from then on, and why it was changed. Append-only."""

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="versions")
    entry = models.ForeignKey("registry.Entry", models.PROTECT, null=True, related_name="versions")
    version = models.PositiveIntegerField()
    values = models.JSONField()
    reason = models.CharField(max_length=400, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="one_case_version"),
            models.UniqueConstraint(fields=["entry", "version"], name="one_entry_version"),
            models.CheckConstraint(
                condition=models.Q(case__isnull=True) ^ models.Q(entry__isnull=True),
                name="version_of_case_or_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id or self.entry_id} v{self.version}"
