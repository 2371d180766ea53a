"""Events and their seals. Nothing here is ever changed or removed: see migration 0002."""

from __future__ import annotations

from django.db import models
from django.db.models import Func
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that was done: who, what, when, to what and why; ids and codes, no content."""

    at = models.DateTimeField(_("when it happened"))
    actor = models.TextField(_("who"))
    verb = models.TextField(_("what"))
    subject = models.TextField(_("to what"))
    reason = models.TextField(_("why"), blank=True)
    data = models.JSONField(_("details"))
    hash = models.CharField(_("SHA-256"), max_length=64)
    # The database's own account of the writing, given by it and by no caller. The clock is read
    # row by row so that it is read next to the transaction's number, also in a long transaction.
    recorded_at = models.DateTimeField(
        _("when it was written"), db_default=Func(function="clock_timestamp")
    )
    xact = models.BigIntegerField(
        _("transaction"),
        db_default=Cast(
            Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        ),
    )

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["subject", "id"], name="ledger_event_of_subject"),
            # Finds the few events younger than the last seal among millions.
            models.Index(fields=["xact"], name="ledger_event_by_xact"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.verb} {self.subject}"


class Seal(models.Model):
    """The hash tree over a batch of events, chained to the seal before it."""

    sealed_at = models.DateTimeField(_("sealed"))
    count = models.PositiveIntegerField(_("events"))
    root = models.CharField(_("root of the hash tree"), max_length=64)
    # The chain hash of the seal before; empty in the first.
    previous_hash = models.CharField(_("previous chain hash"), max_length=64, blank=True)
    chain_hash = models.CharField(_("chain hash"), max_length=64, unique=True)
    # Where the database stood: its clock, and its snapshot. All events of transactions numbered
    # below `horizon` are sealed by now; those numbered `ceiling` or more had not begun. Both are
    # 0 in seals of a pass that went on to the next batch. Numbers compare within one cluster only.
    taken_at = models.DateTimeField(_("the database's time"))
    cluster = models.BigIntegerField(_("database cluster"))
    horizon = models.BigIntegerField(_("transactions sealed below"))
    ceiling = models.BigIntegerField(_("transactions begun below"))

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return f"{self.pk} {self.chain_hash}"


class Leaf(models.Model):
    """Which event lies where in which seal's tree, and its hash there."""

    # No constraint in the database: its check would lock, and so rewrite, every event's row.
    # `verify_ledger` names a leaf without its event.
    event = models.OneToOneField(
        Event, on_delete=models.PROTECT, primary_key=True, db_constraint=False
    )
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, db_index=False, related_name="leaves")
    position = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("leaf")
        verbose_name_plural = _("leaves")
        constraints = [
            models.UniqueConstraint(fields=["seal", "position"], name="ledger_leaf_place"),
        ]

    def __str__(self) -> str:
        return f"{self.seal_id}/{self.position}"
