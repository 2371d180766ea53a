"""Addresses at which post is received, and where it is fetched from."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailboxKind(models.TextChoices):
    CENTRAL = "central", _("Central mailbox")
    UNIT = "unit", _("Mailbox of a unit")
    OFFICER = "officer", _("Officer")
    OFFICIAL = "official", _("Elected official")
    FORM = "form", _("Form")


class Mailbox(models.Model):
    """An address of the municipality."""

    address = models.EmailField(_("address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=MailboxKind)
    authority = models.ForeignKey("registry.Authority", models.PROTECT, verbose_name=_("authority"))
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, verbose_name=_("unit"))
    language = models.CharField(_("language when the sender's is not clear"), max_length=2)
    is_active = models.BooleanField(_("receives post"), default=True)
    unread_alarm_minutes = models.PositiveIntegerField(
        _("alarm when nobody has opened a message for (minutes)"), default=1440
    )

    # Fetching by IMAP; empty host = post comes by SMTP, LMTP or Maildir.
    imap_host = models.CharField(_("IMAP server"), max_length=253, blank=True)
    imap_port = models.PositiveIntegerField(_("port"), default=993)
    imap_security = models.CharField(
        _("security"),
        max_length=8,
        choices=[
            ("tls", "TLS"),
            ("starttls", "STARTTLS"),
            ("plain", _("none (this machine only)")),
        ],
        default="tls",
    )
    imap_user = models.CharField(_("user"), max_length=253, blank=True)
    imap_auth = models.CharField(
        _("sign-in"),
        max_length=8,
        choices=[("password", _("password")), ("xoauth2", "XOAUTH2")],
        default="password",
    )
    imap_secret = models.CharField(
        _("name of the secret"),
        max_length=120,
        blank=True,
        help_text=_(
            "Name of the environment variable that holds the password or the command for a token."
        ),
    )
    imap_folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    imap_after = models.CharField(
        _("after the mail is safely stored"),
        max_length=6,
        choices=[("keep", _("leave it")), ("flag", _("mark it")), ("move", _("move it"))],
        default="flag",
    )
    imap_move_to = models.CharField(_("move to folder"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address


class FetchMark(models.Model):
    """How far a folder has been fetched. A hint for speed: the deliveries decide what is new."""

    mailbox = models.ForeignKey(Mailbox, models.PROTECT)
    folder = models.CharField(max_length=200)
    uidvalidity = models.PositiveBigIntegerField()
    fetched_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    error_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "folder"], name="one_mark_per_folder")
        ]

    def __str__(self) -> str:
        return f"{self.mailbox_id} {self.folder}"


class FetchFailure(models.Model):
    """A mail that the source would not hand over; after three tries it is shown to a person."""

    mailbox = models.ForeignKey(Mailbox, models.PROTECT)
    source_key = models.CharField(max_length=300, unique=True)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail that could not be fetched")
        verbose_name_plural = _("mails that could not be fetched")

    def __str__(self) -> str:
        return self.source_key
