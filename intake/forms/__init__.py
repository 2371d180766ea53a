"""What a registrar fills in. Fields mirror the actions' arguments; no rule lives here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.queries import people_who_may, units_in_use
from accounts.rules.roles import Task
from intake.actions.triage import MOST_REASON, Decision
from intake.models import Message, Proposal
from intake.models.message import State
from intake.rules.subject import cleaned
from intake.rules.title_check import TitleProblem, findings, public_title_problem
from lib.asked import whole_number
from registry.access import case_id_numbered
from registry.actions.register import NewCase
from registry.queries import document_types, records_plan, series_of
from registry.rules.status import Access

NEW = "new"
OTHER = "other"

# Longer than what stands before the numbers of any series.
_WORD = re.compile(r"[^\W\d_]{4}")

_TITLE_PROBLEMS = {
    TitleProblem.IDENTITY_NUMBER: _("The public title holds an identity number."),
    TitleProblem.NOT_LOOKED_AT: _(
        "Look at what is marked: take the proposed public title, write another one, or say that "
        "it may be public."
    ),
}


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
    keep_public_title = forms.BooleanField(
        label=_("I have looked: what is marked may be public"), required=False
    )
    document_type = forms.TypedChoiceField(label=_("Document type"), coerce=int)
    access = forms.ChoiceField(
        label=_("Access"),
        choices=[
            (Access.UNASSESSED, _("Not assessed")),
            (Access.OPEN, pgettext_lazy("access", "Open")),
            (Access.EXEMPT, _("Exempt from public access")),
        ],
    )
    legal_basis = forms.CharField(label=_("Legal basis"), required=False, max_length=200)
    series = forms.TypedChoiceField(
        label=_("Series of numbers"), coerce=int, help_text=_("For a new case.")
    )
    unit = forms.TypedChoiceField(
        label=_("Unit"),
        coerce=int,
        required=False,
        empty_value=None,
        widget=forms.Select(attrs={"data-key": "a", "aria-keyshortcuts": "a"}),
        help_text=_(
            "Another unit than proposed also gets the case, when the case is there already."
        ),
    )
    sender_name = forms.CharField(label=_("Sender"), required=False, max_length=200)
    sender_is_person = forms.BooleanField(label=_("The sender is a person"), required=False)

    def __init__(
        self,
        *args: Any,
        user: Any,
        message: Message,
        proposals: list[Proposal],
        **kwargs: Any,
    ) -> None:
        self.user = user
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
        self.fields["unit"].choices = [  # type: ignore[attr-defined]
            ("", gettext("As proposed")),
            *((each.pk, each.name) for each in units_in_use()),
        ]

    @staticmethod
    def _suggest(
        message: Message, proposals: list[Proposal], types: list[Any], series: list[Any]
    ) -> dict[str, Any]:
        proposed = next((each for each in proposals if each.strength == "proposed"), None)
        number = proposed.case.reference if proposed else ""
        title = cleaned(message.subject, number=number)[:400] or (
            (message.held_code and gettext("Mail that could not be read")) or ""
        )
        in_use = {each.pk for each in types}
        known = message.document_type_id if message.document_type_id in in_use else None
        return {
            "case": str(proposed.case_id) if proposed else NEW,
            "title": title,
            # Subject lines hold names and worse: then a person says what the public may read.
            "public_title": "" if findings(title, names=[message.sender_name]) else title,
            "document_type": known or (types[0].pk if types else None),
            "access": Access.UNASSESSED,
            "series": series[0].pk if series else None,
            "unit": "",
            "sender_name": message.sender_name[:200],
            "sender_is_person": True,
        }

    def typed(self) -> dict[str, Any]:
        """What was sent, as text, for a draft."""
        return {
            name: str(self.data[self.add_prefix(name)])
            for name in self.fields
            if self.add_prefix(name) in self.data
        }

    def take_up(self, values: Mapping[str, Any]) -> None:
        """Begin with what was typed before; a box that was not ticked was not sent."""
        known = {name: value for name, value in values.items() if name in self.fields}
        ticked = {
            name: name in known
            for name, field in self.fields.items()
            if isinstance(field, forms.BooleanField)
        }
        self.initial = {**self.initial, **known, **ticked}

    @property
    def words_for_case(self) -> str:
        """The words that were written where a case's number goes, to find the case by; else ""."""
        text = str(self["other_case"].value() or "").strip()
        is_unknown = self["case"].value() == OTHER and "other_case" in self.errors
        return text if is_unknown and _WORD.search(text) else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("case") == OTHER:
            found = case_id_numbered(self.user, data.get("other_case", "").strip())
            if found is None:
                self.add_error("other_case", _("There is no case with this number."))
            data["case_id"] = found
        elif data.get("other_case", "").strip():
            self.add_error(
                "other_case",
                _("A number is written here, but another case is chosen. Empty it, or choose it."),
            )
        problem = public_title_problem(
            data.get("public_title", ""),
            names=[self.message.sender_name],
            looked_at=data.get("keep_public_title", False),
        )
        if problem is not None:
            self.add_error("public_title", _TITLE_PROBLEMS[problem])
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
                unit_id=data["unit"] or self.message.unit_id or self.message.mailbox.unit_id,
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
            move_to_unit_id=data["unit"],
        )


def _exceptions() -> dict[str, Any]:
    """The exceptions of the records plan, each by the value that a form sends for it."""
    return {f"{State.MINOR}:{each.code}": each for each in records_plan()}


def _why(exception: Any) -> str:
    """The exception as it reads today: that is what stays with the message."""
    return f"{exception.name}: {exception.reason} ({exception.legal_basis})"


class SetAsideForm(forms.Form):
    """Not for the registry: spam, or of minor importance by an exception of the records plan."""

    state = forms.ChoiceField(label=_("What is it?"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=MOST_REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exceptions = _exceptions()
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            (State.MINOR, _("Of minor importance")),
            (State.SPAM, _("Spam")),
            *((value, each.name) for value, each in self.exceptions.items()),
        ]

    def clean(self) -> dict[str, Any]:
        """The state, and the exception as it reads today in front of the person's own words.

        Where there is no room for both, the exception is cut, but never its name.
        """
        data = super().clean() or {}
        exception = self.exceptions.get(data.get("state", ""))
        if exception is not None:
            own = data.get("reason", "").strip()
            room = MOST_REASON - len(own) - bool(own)
            if room < len(exception.name):
                self.add_error("reason", _("Write less: the exception is kept in the same place."))
            data["state"] = State.MINOR
            data["reason"] = f"{_why(exception)[:room]} {own}".strip()
        return data


class AssignForm(forms.Form):
    """Who gets messages: a unit, a person who triages, or both."""

    unit = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)
    person = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *((each.pk, each.name) for each in units_in_use()),
        ]
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *((each.pk, each.name) for each in people_who_may(Task.TRIAGE)),
        ]


class BulkForm(forms.Form):
    """Several messages, and what is done with all of them. Registering is not among it."""

    MOST = 500

    do = forms.ChoiceField()
    chosen = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.exceptions = _exceptions()
        self.fields["do"].choices = [  # type: ignore[attr-defined]
            (value, value) for value in ("assign", State.MINOR, State.SPAM, *self.exceptions)
        ]
        given = [value for value in data.getlist("chosen") if whole_number(value) is not None][
            : self.MOST
        ]
        self.fields["chosen"].choices = [(value, value) for value in given]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """As SetAsideForm: an exception is "minor", for its reason."""
        data = super().clean() or {}
        exception = self.exceptions.get(data.get("do", ""))
        data["reason"] = ""
        if exception is not None:
            data["do"] = State.MINOR
            data["reason"] = _why(exception)[:MOST_REASON]
        return data
