"""Forms about the person who is signed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ColorScheme, Language
from accounts.queries import people_by_unit
from accounts.rules.roles import Task


class PreferencesForm(forms.Form):
    """What the menu of every page lets a person choose."""

    language = forms.ChoiceField(label=_("Language"), choices=Language, required=False)
    color_scheme = forms.ChoiceField(label=_("Colours"), choices=ColorScheme)
    shortcuts = forms.BooleanField(label=_("Keyboard shortcuts"), required=False)
    notices = forms.BooleanField(required=False)
    digest = forms.BooleanField(required=False)


class AbsenceForm(forms.Form):
    """Who is away when, and who stands in."""

    user = forms.TypedChoiceField(label=_("Who is away"), coerce=int)
    from_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    to_on = forms.DateField(
        label=_("Last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    delegate = forms.TypedChoiceField(label=_("Who stands in"), coerce=int)

    def __init__(self, *args: Any, people: dict[int, str], user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = list(people.items())  # type: ignore[attr-defined]
        self.fields["user"].initial = user.pk
        stand_ins = [
            (unit or _("Without a unit"), named) for unit, named in people_by_unit(Task.ANSWER)
        ]
        self.fields["delegate"].choices = [("", "—"), *stand_ins]  # type: ignore[attr-defined]
