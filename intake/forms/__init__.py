"""What a registrar fills in. Fields mirror the actions' arguments; no rule lives here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.queries import units_in_use
from intake.actions.triage import Decision
from intake.models import Message, Proposal
from intake.models.message import State
from registry.actions.register import NewCase
from registry.queries import case_id_by_reference, document_types, records_plan, series_of
from registry.rules.status import Access

NEW = "new"
OTHER = "other"


class RegisterForm(forms.Form):
    """Register one message: which case, and how the entry is described."""

    case = forms.ChoiceField(label=_("Case"), widget=forms.RadioSelect)
    other_case = forms.CharField(label=_("Case number"), required=False, max_length=60)
    title = forms.CharField(label=_("Title"), max_length=400)
    public_title = forms.CharField(
        label=_("Public title"),
        max_length=400,
        help_text=_("Shown to everyone. No names and nothing sensitive."),
    )
    document_type = forms.TypedChoiceField(label=_("Document type"), coerce=int)
    access = forms.ChoiceField(
        label=_("Access"),
        choices=[
            (Access.UNASSESSED, _("Not assessed")),
            (Access.OPEN, _("Open")),
            (Access.EXEMPT, _("Exempt from public access")),
        ],
    )
    legal_basis = forms.CharField(label=_("Legal basis"), required=False, max_length=200)
    series = forms.TypedChoiceField(
        label=_("Series of numbers"), coerce=int, help_text=_("For a new case.")
    )
    unit = forms.TypedChoiceField(label=_("Unit"), coerce=int, help_text=_("For a new case."))
    sender_name = forms.CharField(label=_("Sender"), required=False, max_length=200)
    sender_is_person = forms.BooleanField(label=_("The sender is a person"), required=False)

    def __init__(
        self, *args: Any, message: Message, proposals: list[Proposal], **kwargs: Any
    ) -> None:
        self.message = message
        self.proposals = proposals
        types = document_types()
        series = series_of(message.mailbox.authority_id)
        kwargs.setdefault("initial", self._suggest(message, proposals, types, series))
        super().__init__(*args, **kwargs)
        self.fields["case"].choices = [  # type: ignore[attr-defined]
            *((str(each.case_id), each.case.reference) for each in proposals),
            (NEW, _("New case")),
            (OTHER, _("Another case")),
        ]
        self.fields["document_type"].choices = [(each.pk, each.name) for each in types]  # type: ignore[attr-defined]
        self.fields["series"].choices = [(each.pk, str(each)) for each in series]  # type: ignore[attr-defined]
        if len(series) == 1:
            self.fields["series"].widget = forms.HiddenInput()
        self.fields["unit"].choices = [(each.pk, each.name) for each in units_in_use()]  # type: ignore[attr-defined]

    @staticmethod
    def _suggest(
        message: Message, proposals: list[Proposal], types: list[Any], series: list[Any]
    ) -> dict[str, Any]:
        proposed = next((each for each in proposals if each.strength == "proposed"), None)
        return {
            "case": str(proposed.case_id) if proposed else NEW,
            # The registrar reads the sender's words before they become a title; the public title
            # starts neutral, because subject lines hold names and worse.
            "title": message.subject[:400]
            or (message.held_code and gettext("Mail that could not be read"))
            or "",
            "public_title": types[0].name if types else "",
            "document_type": types[0].pk if types else None,
            "access": Access.UNASSESSED,
            "series": series[0].pk if series else None,
            "unit": proposed.case.unit_id if proposed else message.mailbox.unit_id,
            "sender_name": message.sender_name[:200],
            "sender_is_person": True,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("case") == OTHER:
            found = case_id_by_reference(data.get("other_case", "").strip())
            if found is None:
                self.add_error("other_case", _("There is no case with this number."))
            data["case_id"] = found
        elif data.get("other_case", "").strip():
            self.add_error(
                "other_case",
                _("A number is written here, but another case is chosen. Empty it, or choose it."),
            )
        return data

    def decision(self) -> Decision:
        """The decision that the registrar has made; only after is_valid()."""
        data = self.cleaned_data
        case: int | NewCase
        if data["case"] == NEW:
            case = NewCase(
                series_id=data["series"],
                title=data["title"],
                public_title=data["public_title"],
                access=data["access"],
                legal_basis=data["legal_basis"],
                unit_id=data["unit"],
                caseworker_id=None,
            )
        else:
            case = data["case_id"] if data["case"] == OTHER else int(data["case"])
        return Decision(
            case=case,
            title=data["title"],
            public_title=data["public_title"],
            document_type_id=data["document_type"],
            access=data["access"],
            legal_basis=data["legal_basis"],
            sender_name=data["sender_name"],
            sender_is_person=data["sender_is_person"],
        )


class SetAsideForm(forms.Form):
    """Not for the registry: spam, or of minor importance by an exception of the records plan."""

    state = forms.ChoiceField(label=_("What is it?"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exceptions = {f"{State.MINOR}:{each.code}": each for each in records_plan()}
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            (State.MINOR, _("Of minor importance")),
            (State.SPAM, _("Spam")),
            *((value, each.name) for value, each in self.exceptions.items()),
        ]

    def clean(self) -> dict[str, Any]:
        """The state, and the exception as it reads today in front of the person's own words."""
        data = super().clean() or {}
        exception = self.exceptions.get(data.get("state", ""))
        if exception is not None:
            data["state"] = State.MINOR
            why = f"{exception.name}: {exception.reason} ({exception.legal_basis})"
            data["reason"] = " ".join([why[:200], data.get("reason", "")]).strip()
        return data
