"""Forms about the person who is signed in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ColorScheme, Language


class PreferencesForm(forms.Form):
    """What the menu of every page lets a person choose."""

    language = forms.ChoiceField(label=_("Language"), choices=Language, required=False)
    color_scheme = forms.ChoiceField(label=_("Colours"), choices=ColorScheme)
    shortcuts = forms.BooleanField(label=_("Keyboard shortcuts"), required=False)
