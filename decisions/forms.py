"""What is asked about a party's time to appeal."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AppealPeriodForm(forms.Form):
    """The day on which notice of the decision reached this party; each party has its own."""

    notified_on = forms.DateField(
        label=_("The day the party got notice of the decision"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
