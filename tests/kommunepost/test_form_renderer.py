"""Fields that are drawn without templates look as Django's templates draw them."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from kommunepost.forms import FormRenderer

NASTY = '<b>"Kari\'s" & co</b>'


class Everything(forms.Form):
    text = forms.CharField(max_length=20, help_text=NASTY, initial=NASTY)
    empty = forms.CharField(required=False, widget=forms.TextInput(attrs={"autofocus": True}))
    number = forms.FloatField(initial=1234.5, localize=True)
    plain_number = forms.IntegerField(initial=0, min_value=0)
    on = forms.DateField(initial=datetime.date(2026, 11, 25))
    typed_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    email = forms.EmailField(widget=forms.EmailInput(attrs={"data-a": 1_000, "data-b": 2.5}))
    address = forms.URLField(assume_scheme="https", required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, initial=mark_safe("a &amp; b"))
    ticked = forms.BooleanField(initial=True, required=False)
    unticked = forms.BooleanField(required=False, disabled=True)
    area = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), initial=f"\n{NASTY}")
    empty_area = forms.CharField(widget=forms.Textarea, required=False)
    choice = forms.ChoiceField(
        choices=[("", ""), (1, gettext_lazy("Unit")), (NASTY, NASTY), (2, 1234.5)], initial=NASTY
    )
    groups = forms.TypedChoiceField(
        choices=[("", "-"), (NASTY, [(1, "a"), (2, mark_safe("<i>b</i>"))]), ("g", [(3, "c")])],
        initial=2,
    )
    several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], initial=["a", "b"])
    maybe = forms.NullBooleanField()
    radio = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    file = forms.FileField(required=False)
    password = forms.CharField(widget=forms.PasswordInput)


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("data", [None, {}, {"text": NASTY, "groups": "3", "area": "x", "on": "x"}])
def test_every_kind_of_field_is_drawn_as_the_templates_draw_it(language: str, data: Any) -> None:
    with translation.override(language):
        drawn = Everything(data, renderer=FormRenderer())
        expected = Everything(data, renderer=DjangoTemplates())
        for name in drawn.fields:
            # Only the empty lines between options are left out.
            assert str(drawn[name]) == re.sub(r"\n+(?=  <|</select)", "\n", str(expected[name]))
