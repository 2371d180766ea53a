"""What is filled in where one writes to a party, or to colleagues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from registry import queries
from registry.actions.draft import Draft
from registry.models import Entry
from registry.models.answer import Channel
from registry.models.case import Access

_NEEDED = {"party", "heading", "text", "promised_on"}


class AnswerForm(forms.Form):
    """What a person writes to a party. Everything may be missing while it is a draft."""

    party = forms.TypedChoiceField(
        label=_("To"), coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)
    heading = forms.CharField(
        label=_("Subject"),
        max_length=200,
        required=False,
        help_text=_("No name, nothing sensitive. The case number follows it by itself."),
    )
    text = forms.CharField(
        label=_("Letter"), required=False, widget=forms.Textarea(attrs={"rows": 14})
    )
    upload = forms.FileField(label=_("Attach a file"), required=False, allow_empty_file=True)
    files_checked = forms.BooleanField(
        label=_("I have looked through the attachments: nothing in them is secret or sensitive"),
        required=False,
    )
    access = forms.ChoiceField(label=_("Access to the letter"), choices=Access.choices)
    legal_basis = forms.CharField(label=_("Legal basis"), required=False, max_length=200)
    channel = forms.ChoiceField(
        label=_("How it is sent"), choices=Channel.choices, widget=forms.RadioSelect
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    sign_off = forms.IntegerField(widget=forms.HiddenInput, required=False)

    use_required_attribute = False

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._call_needed()
        self.fields["party"].choices = [  # type: ignore[attr-defined]
            (each.pk, f"{each.name} <{each.email}>" if each.email else each.name)
            for each in queries.parties_of_entry(entry)
        ]

    def full_clean(self) -> None:
        """What a letter needs may be missing in a draft; the pages do not call it optional."""
        for name in _NEEDED & set(self.fields):
            self.fields[name].required = False
        super().full_clean()
        self._call_needed()

    def _call_needed(self) -> None:
        for name in _NEEDED & set(self.fields):
            self.fields[name].required = True

    def draft(self) -> Draft:
        """What has been written; only after is_valid()."""
        data = self.cleaned_data
        return Draft(
            party_id=data["party"],
            channel=data["channel"],
            language=data["language"],
            heading=data.get("heading", ""),
            text=data["text"],
            promised_on=data.get("promised_on"),
            access=data["access"],
            legal_basis=data["legal_basis"],
            files_checked=data.get("files_checked", False),
        )


class InterimReplyForm(AnswerForm):
    """Why it takes longer, and the day that is promised."""

    promised_on = forms.DateField(
        label=_("Answer promised by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    field_order = ["party", "language", "text", "promised_on", "channel", "access", "legal_basis"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["rows"] = 3
        for name in ("heading", "upload", "files_checked"):
            del self.fields[name]
        self.fields["text"].label = _("Why it takes longer")
        self.fields["text"].help_text = _('Goes on after "The reason is that".')


class CommentForm(forms.Form):
    """A comment for colleagues; one person is chosen, and "@Name" in it names further ones."""

    text = forms.CharField(
        label=_("Internal comment"),
        max_length=4000,
        help_text=_("For colleagues who read the case. Never sent out, never public."),
        widget=forms.Textarea(attrs={"rows": 3, "data-key": "c", "aria-keyshortcuts": "c"}),
    )
    mention = forms.TypedChoiceField(
        label=_("Ask somebody to look at it"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, *args: Any, people: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {each.pk: each.name for each in people}
        self.fields["mention"].choices = [("", _("Nobody")), *self.people.items()]  # type: ignore[attr-defined]

    def mentions(self) -> set[int]:
        """Ids of those who are asked; only after is_valid()."""
        chosen = self.cleaned_data["mention"]
        text = self.cleaned_data["text"]
        named = {pk for pk, name in self.people.items() if f"@{name}" in text}
        return named | ({chosen} if chosen else set())
