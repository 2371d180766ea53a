"""The municipality itself, its units, and the people who work here."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.rules.roles import Role


class Profile(models.TextChoices):
    NORWAY = "NO", _("Norway")
    SWEDEN = "SE", _("Sweden")


class Language(models.TextChoices):
    BOKMAL = "nb", _("Norwegian Bokmål")
    NYNORSK = "nn", _("Norwegian Nynorsk")
    SWEDISH = "sv", _("Swedish")
    ENGLISH = "en", _("English")


class ColorScheme(models.TextChoices):
    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Municipality(models.Model):
    """The one municipality that this installation serves."""

    profile = models.CharField(_("country"), max_length=2, choices=Profile)
    name = models.CharField(_("name"), max_length=120)
    organisation_number = models.CharField(_("organisation number"), max_length=20, blank=True)
    domain = models.CharField(
        _("mail domain"), max_length=253, help_text=_("For example example.kommune.no")
    )
    central_address = models.EmailField(_("central e-mail address"))
    postal_address = models.CharField(_("postal address"), max_length=200)
    visiting_address = models.CharField(_("visiting address"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40)
    it_support_phone = models.CharField(_("telephone of IT support"), max_length=40, blank=True)
    registry_contact = models.CharField(
        _("who to ask about post and the registry"), max_length=200, blank=True
    )
    portal_address = models.CharField(
        _("address of the citizens' portal, as written in letters"), max_length=200, blank=True
    )
    website = models.CharField(_("website"), max_length=200, blank=True)
    default_language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.BOKMAL
    )

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipality")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="only_one_municipality")
        ]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A part of the organisation that handles cases."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    four_eyes = models.BooleanField(_("answers are approved by a second person"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager):
    """Users are found by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Any:
        return self.get(email__iexact=username)

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> Any:
        user: Any = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None) -> Any:
        return self.create_user(email, name, password, is_staff=True, is_superuser=True)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works in, or is elected to, the municipality."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("unit"))
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may use the administration"), default=False)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.BOKMAL
    )
    color_scheme = models.CharField(
        _("colours"), max_length=5, choices=ColorScheme, default=ColorScheme.AUTO
    )
    shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    # A threat is told of whatever a person has chosen.
    notices = models.BooleanField(_("e-mail about what I am given or mentioned in"), default=True)
    digest = models.BooleanField(_("daily e-mail about my deadlines"), default=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> str:
        """How the ledger names this person: by id, never by name."""
        return f"user:{self.pk}"


class RoleGrant(models.Model):
    """A role that a person holds or has held; withdrawn, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name=_("person"))
    role = models.CharField(
        _("role"), max_length=20, choices=[(role.value, role.value) for role in Role]
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("unit"))
    granted_at = models.DateTimeField(_("granted"))
    granted_by = models.CharField(_("by"), max_length=40)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.CharField(_("withdrawn by"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit"],
                condition=models.Q(withdrawn_at=None),
                nulls_distinct=False,
                name="one_standing_grant_of_a_role",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.role}"


class Absence(models.Model):
    """Days on which a person is away and another stands in; ended or withdrawn, never deleted."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="absences", verbose_name=_("who is away")
    )
    delegate = models.ForeignKey(
        User, models.PROTECT, related_name="stands_in", verbose_name=_("who stands in")
    )
    # Local dates, both included.
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("to"))
    made_at = models.DateTimeField(_("made"))
    made_by = models.CharField(_("by"), max_length=40)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.CharField(_("withdrawn by"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_on__gte=models.F("from_on")),
                name="absence_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~models.Q(delegate=models.F("user")), name="nobody_stands_in_for_oneself"
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_on"], condition=models.Q(withdrawn_at=None), name="absences_by_end"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.from_on} {self.to_on}"
