"""Deadlines with their explanation, holds, and the municipality's own numbers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.rules.pauses import PauseReason


class DeadlineState(models.TextChoices):
    OPEN = "open", _("Running")
    PAUSED = "paused", _("Paused")
    MET = "met", _("Met")
    CANCELLED = "cancelled", _("No longer applies")


# What has not ended: an answer ends a paused deadline too, and a case with one is not closed.
RUNNING = (DeadlineState.OPEN, DeadlineState.PAUSED)


class Deadline(models.Model):
    """A date by which something must have happened, and how it was computed.

    It belongs to an entry, or to a message that is not registered yet (`message_number`).
    """

    kind = models.CharField(_("deadline"), max_length=40)
    entry = models.ForeignKey(
        "registry.Entry", models.PROTECT, null=True, blank=True, related_name="deadlines"
    )
    message_number = models.CharField(max_length=40, blank=True)
    # The case of the entry with its unit and caseworker, kept by triggers: what is listed by them
    # is found without asking for every case. Empty while there is no entry.
    case = models.ForeignKey(
        "registry.Case", models.PROTECT, null=True, editable=False, db_index=False
    )
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, null=True, editable=False, db_index=False
    )
    caseworker = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, editable=False, db_index=False
    )
    starts_at = models.DateTimeField(_("runs from"))
    # The last day, in the municipality's own calendar, and the instant at which that day ends.
    due_on = models.DateField(_("last day"))
    due_at = models.DateTimeField()
    paragraph = models.CharField(_("rule"), max_length=120)
    # The rule as it was when it was counted: number, unit, kind, and whether it was verified.
    rule = models.JSONField(default=dict)
    # Dates on which whoever has the case is reminded, as ISO text: in My work, on the board and
    # in the daily e-mail.
    warn_on = models.JSONField(default=list)
    # The steps of the count, as codes and dates, for "why this date?".
    steps = models.JSONField(default=list)
    state = models.CharField(
        _("state"), max_length=10, choices=DeadlineState, default=DeadlineState.OPEN
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        constraints = [
            models.UniqueConstraint(
                fields=["message_number", "kind"],
                condition=~models.Q(message_number=""),
                name="one_deadline_per_message_and_kind",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="open"), name="open_deadlines"
            ),
            models.Index(
                fields=["unit", "due_at"],
                condition=models.Q(state__in=["open", "paused"]),
                name="deadlines_of_unit",
            ),
            models.Index(
                fields=["caseworker", "due_at"],
                condition=models.Q(state__in=["open", "paused"]),
                name="deadlines_of_caseworker",
            ),
            models.Index(
                fields=["case", "due_at"],
                condition=models.Q(state__in=["open", "paused"]),
                name="deadlines_of_case",
            ),
            models.Index(fields=["kind", "due_at"], name="deadlines_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on}"


PAUSE_REASONS = [
    (PauseReason.MISSING_INFORMATION.value, _("waiting for missing information")),
    (PauseReason.OTHER_BODY.value, _("waiting for another body")),
    (PauseReason.PARTY.value, _("the party has asked for more time")),
    (PauseReason.OTHER.value, _("another reason")),
]


class DeadlinePause(models.Model):
    """A time during which a deadline stood still, and why. Ended once, never edited."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="pauses")
    reason = models.CharField(
        _("reason"),
        max_length=20,
        choices=PAUSE_REASONS,
    )
    words = models.CharField(_("in words"), max_length=200, blank=True)
    paragraph = models.CharField(_("rule"), max_length=120)
    started_at = models.DateTimeField(_("paused"))
    started_by = models.CharField(max_length=40)
    ended_at = models.DateTimeField(_("resumed"), null=True, blank=True)
    ended_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("pause of a deadline")
        verbose_name_plural = _("pauses of deadlines")
        constraints = [
            models.UniqueConstraint(
                fields=["deadline"],
                condition=models.Q(ended_at=None),
                name="one_standing_pause_of_a_deadline",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason="other") | ~models.Q(words=""),
                name="other_pause_is_explained",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("started_at")),
                name="pause_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id} {self.reason}"


class Escalation(models.Model):
    """A deadline that went to the unit's leader; it does so once."""

    deadline = models.OneToOneField(Deadline, models.PROTECT, related_name="escalation")
    leader = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")

    def __str__(self) -> str:
        return str(self.deadline_id)


class RecountReason(models.TextChoices):
    """Why running deadlines are counted anew."""

    RULE = "rule", _("An own rule changed")
    CLOSED_DAY = "closed_day", _("A closed day changed")
    CALENDAR = "calendar", _("The calendar of public holidays changed")


class Recount(models.Model):
    """Running deadlines are counted anew because of a change, and how far that has come."""

    reason = models.CharField(_("reason"), max_length=10, choices=RecountReason)
    # The rule that changed, or the day; empty where everything is counted.
    kind = models.CharField(_("rule"), max_length=60, blank=True)
    on = models.DateField(_("day"), null=True)
    requested_at = models.DateTimeField(_("asked for"))
    requested_by = models.CharField(_("by"), max_length=40)
    last_id = models.BigIntegerField(default=0)
    looked_at = models.PositiveIntegerField(_("looked at"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("recount of deadlines")
        verbose_name_plural = _("recounts of deadlines")
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=models.Q(finished_at=None),
                name="unfinished_recounts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.requested_at}"


class ClosedDay(models.Model):
    """A day on which the municipality is closed by its own choice; no law makes it a holiday."""

    on = models.DateField(_("day"), unique=True)
    name = models.CharField(_("what it is called"), max_length=60)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class Hold(models.Model):
    """While it stands, a case (or one entry of it) may be neither closed nor weeded."""

    case = models.ForeignKey("registry.Case", models.PROTECT, related_name="holds")
    entry = models.ForeignKey("registry.Entry", models.PROTECT, null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    placed_at = models.DateTimeField(_("placed"))
    placed_by = models.CharField(max_length=40)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes = [
            models.Index(
                fields=["case"], condition=models.Q(released_at=None), name="standing_holds"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class RuleOverride(models.Model):
    """The municipality's own number for a rule, from a date; the shipped rule stays as it is."""

    key = models.CharField(_("rule"), max_length=60)
    number = models.PositiveIntegerField(_("number"))
    unit = models.CharField(
        _("counted in"),
        max_length=20,
        choices=[
            ("calendar_days", _("calendar days")),
            ("workdays", _("working days")),
            ("weeks", _("weeks")),
            ("months", _("months")),
        ],
    )
    paragraph = models.CharField(_("legal basis"), max_length=120)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("own deadline rule")
        verbose_name_plural = _("own deadline rules")

    def __str__(self) -> str:
        return f"{self.key} {self.number} {self.unit}"
