"""What is written in a case before it is a letter: drafts, approval, ready-made texts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.case import Access


class AnswerKind(models.TextChoices):
    ANSWER = "answer", _("Answer")
    INTERIM_REPLY = "interim_reply", _("Interim reply")


class AnswerState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waits for approval")
    SENT = "sent", _("Sent")
    DISCARDED = "discarded", _("Discarded")


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    # Printed and posted by a person: for what may not travel unprotected.
    POST = "post", _("Letter post")


# What still can become a letter.
OPEN = (AnswerState.DRAFT, AnswerState.WAITING)


class Answer(models.Model):
    """What a person writes to a party, from the first word until it is registered.

    It is kept on the server while one writes. It never holds a citizen's own words.
    """

    kind = models.CharField(max_length=13, choices=AnswerKind)
    # The incoming entry that is answered, and with it the case.
    entry = models.ForeignKey("registry.Entry", models.PROTECT, related_name="written_answers")
    author = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=9, choices=AnswerState, default=AnswerState.DRAFT
    )
    party = models.ForeignKey("registry.Party", models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=5, choices=Channel, default=Channel.EMAIL)
    language = models.CharField(max_length=2)
    heading = models.CharField(_("subject"), max_length=200, blank=True)
    # The answer's text, or an interim reply's reason.
    text = models.TextField(_("text"), blank=True)
    promised_on = models.DateField(_("answer promised by"), null=True)
    access = models.CharField(_("access"), max_length=10, choices=Access, default=Access.UNASSESSED)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    # A person has looked through the attachments: no rule reads them.
    files_checked = models.BooleanField(default=False)
    # Counts what was saved, so that a second window does not write over the first.
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_by = models.CharField(max_length=40, blank=True)
    # The outgoing entry, and the letter where it went by e-mail.
    sent_entry = models.ForeignKey("registry.Entry", models.PROTECT, null=True, related_name="+")
    letter = models.ForeignKey("outbox.Letter", models.PROTECT, null=True, related_name="+")
    # How often it was sent, counting what was undone.
    sendings = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "author", "kind"],
                condition=models.Q(state__in=["draft", "waiting"]),
                name="one_open_answer_of_a_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sent") | models.Q(sent_entry__isnull=False),
                name="sent_answer_is_registered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["saved_at"],
                condition=models.Q(state__in=["draft", "waiting"]),
                name="open_answers",
            ),
            models.Index(fields=["sent_entry"], name="answers_by_sent_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_posted(self) -> bool:
        """Whether a person posts it, so that no letter waits in the outbox."""
        return self.channel == Channel.POST


class AnswerFile(models.Model):
    """A file to go with an answer. Its bytes are stored before this row is written."""

    answer = models.ForeignKey(Answer, models.PROTECT, related_name="files")
    filename = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(_("type"), max_length=120)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "sha256"], name="one_file_per_answer")
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.pk}"


class Step(models.TextChoices):
    ASKED = "asked", _("Approval asked for")
    TAKEN_BACK = "taken_back", _("Taken back by its author")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned")


class AnswerStep(models.Model):
    """A step of the approval by a second person. Append-only."""

    answer = models.ForeignKey(Answer, models.PROTECT, related_name="steps")
    step = models.CharField(max_length=10, choices=Step)
    # Which version of the text it was about.
    version = models.PositiveIntegerField()
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(step="returned") | ~models.Q(reason=""),
                name="returned_with_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.step}"


class AnswerText(models.Model):
    """A ready-made text for answers, with slots ((name)); each change is a new version."""

    code = models.SlugField(_("code"), max_length=40)
    language = models.CharField(_("language"), max_length=2)
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=120)
    heading = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    is_active = models.BooleanField(_("in use"), default=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.CharField(_("by"), max_length=40)

    class Meta:
        verbose_name = _("ready-made text")
        verbose_name_plural = _("ready-made texts")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "language", "version"], name="one_answer_text_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.language} {self.version}"
