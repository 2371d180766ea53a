"""The registry entry with its documents, parties, acknowledgement and sign-off."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.models.case import Access


class Direction(models.TextChoices):
    INCOMING = "incoming", _("Incoming")
    OUTGOING = "outgoing", _("Outgoing")
    INTERNAL = "internal", _("Internal")


class EntryStatus(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    VOID = "void", _("Void")


# Of a registered entry that waits for quality control; in lists it stands beside the statuses.
UNCHECKED = ("unchecked", _("To be quality-controlled"))


class Entry(models.Model):
    """One document in the registry. Its numbers and times never change (database trigger)."""

    case = models.ForeignKey("registry.Case", models.PROTECT, related_name="entries")
    document = models.PositiveIntegerField(_("number in the case"))
    reference = models.CharField(_("document number"), max_length=80)
    running_year = models.PositiveIntegerField()
    running_number = models.PositiveIntegerField(_("running number"))
    series = models.ForeignKey("registry.Series", models.PROTECT)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction)
    title = models.CharField(_("title"), max_length=400)
    public_title = models.CharField(_("public title"), max_length=400, blank=True)
    document_type = models.ForeignKey(
        "registry.DocumentType", models.PROTECT, verbose_name=_("document type")
    )
    access = models.CharField(_("access"), max_length=10, choices=Access, default=Access.UNASSESSED)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    # When it reached our server (incoming) or left it (outgoing); never the Date header.
    arrived_at = models.DateTimeField(_("received or sent"))
    # The date that the document itself claims.
    document_on = models.DateField(_("date of the document"), null=True, blank=True)
    registered_at = models.DateTimeField(_("registered"))
    registered_by = models.CharField(max_length=40)
    status = models.CharField(
        _("status"), max_length=10, choices=EntryStatus, default=EntryStatus.REGISTERED
    )
    void_reason = models.CharField(_("why void"), max_length=200, blank=True)
    # Number of the message at the front door ("M2026-17"), or "" when it came another way.
    message_number = models.CharField(max_length=40, blank=True)
    # The same document lies in another case, and is dealt with there. Few are: see the index.
    copy_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="copies", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("registry entry")
        verbose_name_plural = _("registry entries")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "document"], name="one_entry_per_document_number"
            ),
            models.UniqueConstraint(
                fields=["series", "running_year", "running_number"],
                name="one_entry_per_running_number",
            ),
            # One mail is registered once in a case, unless the earlier entry is void.
            models.UniqueConstraint(
                fields=["case", "message_number"],
                condition=models.Q(direction="incoming", status="registered")
                & ~models.Q(message_number=""),
                name="one_entry_per_message_in_case",
            ),
            models.CheckConstraint(
                condition=~models.Q(access="exempt") | ~models.Q(legal_basis=""),
                name="exempt_entry_needs_legal_basis",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="void") | ~models.Q(void_reason=""),
                name="void_entry_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["-registered_at"], name="entries_newest_first"),
            models.Index(fields=["reference"], name="entries_by_reference"),
            models.Index(
                fields=["message_number"],
                condition=~models.Q(message_number=""),
                name="entries_by_message",
            ),
            models.Index(
                fields=["copy_of"],
                condition=models.Q(copy_of__isnull=False),
                name="entries_by_first",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_unchecked(self) -> bool:
        """Whether it waits for those who keep the registry; read "quality_check" along with it."""
        check = getattr(self, "quality_check", None)
        return self.status == EntryStatus.REGISTERED and check is not None and not check.passed_at

    @property
    def status_words(self) -> str:
        """The journal status as people read it: S, J or U of Noark M053."""
        return str(UNCHECKED[1]) if self.is_unchecked else self.get_status_display()


class DocumentRole(models.TextChoices):
    MAIN = "main", _("Main document")
    ATTACHMENT = "attachment", _("Attachment")


# A whole mail: what came, or a letter of our own.
MAIL = "message/rfc822"


class Keeper(models.TextChoices):
    """Where the original bytes of a document lie."""

    BLOB = "blob", _("Raw mail")
    LETTER = "letter", _("Letter in the outbox")


class Document(models.Model):
    """A file of an entry: what it is, its checksum, and where its original lies. Append-only."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="documents")
    number = models.PositiveIntegerField()
    role = models.CharField(max_length=10, choices=DocumentRole)
    # The name that the sender gave it: data for people, never a path.
    filename = models.CharField(_("file name"), max_length=255, blank=True)
    media_type = models.CharField(_("type"), max_length=120)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64)
    # The raw bytes it is found in, and the part of the mail it is ("" = all of it).
    kept_in = models.CharField(max_length=6, choices=Keeper, default=Keeper.BLOB)
    original_sha256 = models.CharField(max_length=64)
    original_part = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="one_document_per_number")
        ]
        indexes = [models.Index(fields=["original_sha256"], name="documents_by_original")]

    def __str__(self) -> str:
        return f"{self.entry_id}/{self.number}"


class PartyRole(models.TextChoices):
    SENDER = "sender", _("Sender")
    RECIPIENT = "recipient", _("Recipient")
    COPY = "copy", _("Copy recipient")


class Party(models.Model):
    """A correspondence party of an entry. Append-only; a correction adds and ends, never edits."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="parties")
    role = models.CharField(max_length=10, choices=PartyRole)
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.CharField(_("e-mail address"), max_length=254, blank=True)
    postal_address = models.CharField(_("postal address"), max_length=200, blank=True)
    # Names of natural persons may not be searchable in the public registry for ever.
    is_person = models.BooleanField(_("name of a natural person"), default=True)
    from_version = models.PositiveIntegerField(default=1)
    until_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        indexes = [models.Index(fields=["email"], name="parties_by_email")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.role}"


class Acknowledgement(models.Model):
    """That a message was acknowledged, or why it was not. One standing row per message.

    A row is never edited: what it holds is set once. When a registration is undone, the row gets
    `undone_at` and the message may be acknowledged again by a new row.
    """

    message_number = models.CharField(max_length=40)
    # The incoming entry, once the message is registered.
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="acknowledgements")
    # Exactly one of the two by the end of the transaction that made the row (database trigger).
    letter = models.ForeignKey("outbox.Letter", models.PROTECT, null=True, related_name="+")
    not_sent_reason = models.CharField(max_length=40, blank=True)
    # The outgoing entry under which the letter itself is registered.
    letter_entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+")
    # A receipt goes out before anyone has registered the message, with the message's own number.
    is_receipt = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        constraints = [
            models.UniqueConstraint(
                fields=["message_number"],
                condition=models.Q(undone_at=None),
                name="one_acknowledgement_per_message",
            ),
            models.UniqueConstraint(
                fields=["letter"],
                condition=models.Q(undone_at=None),
                name="one_acknowledgement_per_letter",
            ),
            models.CheckConstraint(
                condition=models.Q(letter=None) | models.Q(not_sent_reason=""),
                name="letter_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.message_number


class SignOffWay(models.TextChoices):
    """How an incoming entry was written off (Noark M619)."""

    LETTER = "BU", _("Answered by letter")
    EMAIL = "BE", _("Answered by e-mail")
    TELEPHONE = "TLF", _("Answered by telephone")
    NOTED = "TE", pgettext_lazy("sign-off", "Noted")
    FOR_INFORMATION = "TO", _("Taken for information")


class SignOff(models.Model):
    """An incoming entry is written off (avskrevet); until then it is outstanding.

    Taken back, the row stays, and points to its entry by `taken_back_of` instead.
    """

    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="sign_off")
    way = models.CharField(max_length=3, choices=SignOffWay)
    answer = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)
    taken_back_of = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    entry__isnull=False, taken_back_of__isnull=True, taken_back_at__isnull=True
                )
                | models.Q(
                    entry__isnull=True, taken_back_of__isnull=False, taken_back_at__isnull=False
                ),
                name="sign_off_stands_or_was_taken_back",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.way}"
