"""What is looked up when somebody searches: one narrow row beside each entry, and names."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class WordsField(models.Field):  # type: ignore[type-arg]
    """Stemmed and folded words with their weights; made and read by the database only."""

    def db_type(self, connection: Any) -> str:
        return "tsvector"


class TextState(models.TextChoices):
    WAITING = "waiting", _("Text not searchable yet")
    DONE = "done", _("Text searchable")
    PARTLY = "partly", _("Some of the text could not be read")


class SearchEntry(models.Model):
    """The entry as it is searched. Copied from the record, never read as the record.

    `words` holds what those who read the entry in full may find it by (A titles, B parties,
    C file names, D content), `public_words` what everybody else may. `marks` are what lists are
    narrowed by: "unit:3", "direction:incoming", "week:2966".
    """

    entry = models.OneToOneField(
        "registry.Entry", models.PROTECT, primary_key=True, related_name="search"
    )
    registered_at = models.DateTimeField()
    # Lower-case letters and digits of the number: 2026/17-3 is 2026173.
    number_key = models.CharField(max_length=80)
    marks = ArrayField(models.TextField())
    public_words = WordsField()
    words = WordsField()
    text_state = models.CharField(max_length=8, choices=TextState, default=TextState.WAITING)
    text_attempts = models.PositiveIntegerField(default=0)
    text_claimed_at = models.DateTimeField(null=True)
    # Why a document's text is not searchable: its id to a code; "" is about all of the entry.
    text_problems = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["-registered_at", "-entry"], name="searched_newest_first"),
            models.Index(
                fields=["entry"],
                condition=models.Q(text_state="waiting"),
                name="texts_that_wait",
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.entry_id}"


class SearchName(models.Model):
    """A word of a party's name, folded, once however many entries it is in."""

    word = models.CharField(max_length=60, primary_key=True)

    def __str__(self) -> str:
        return "name"


class SavedView(models.Model):
    """A person's own view of the registry: a name for a search with its filters."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    # As it stands in the address of the page, without what belongs to one visit.
    query = models.CharField(max_length=1_000)
    seen_at = models.DateTimeField()
    # The one that the registry is opened with.
    is_last = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_saved_view_per_name")
        ]

    def __str__(self) -> str:
        return self.name
