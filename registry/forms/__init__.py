"""What is filled in on the case page. Fields mirror the actions' arguments; no rule lives here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.queries import people_by_unit, people_in, units_in_use
from accounts.rules.roles import Task
from registry import queries
from registry.actions.correct import CaseDescription, EntryDescription
from registry.actions.post import PostParty
from registry.models import Case, Entry
from registry.models.case import Access
from registry.models.deadline import PAUSE_REASONS
from registry.models.entry import UNCHECKED, Direction, EntryStatus, SignOffWay
from registry.queries.answers import letters_of_case
from registry.rules.searching import MAX_TEXT, Criteria, Order

_PUBLIC_TITLE_HELP = _("Shown to everyone. No names and nothing sensitive.")


class ReasonForm(forms.Form):
    """Anything that needs no more than a reason."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class PauseForm(forms.Form):
    """Why a deadline stands still."""

    reason = forms.ChoiceField(label=_("What is waited for"), choices=PAUSE_REASONS)
    words = forms.CharField(
        label=_("In words"),
        max_length=200,
        required=False,
        help_text=_("Needed for another reason. Nothing sensitive: it stands on the case page."),
    )


class ReaderForm(ReasonForm):
    """Who is named to read a case."""

    person = forms.TypedChoiceField(label=_("Person"), coerce=int)

    field_order = ["person", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *(
                (unit or _("Without a unit"), people)
                for unit, people in people_by_unit(Task.READ_CASES)
            ),
        ]


class CorrectCaseForm(forms.Form):
    """A corrected description of a case."""

    title = forms.CharField(label=_("Title"), max_length=400)
    public_title = forms.CharField(
        label=_("Public title"), max_length=400, required=False, help_text=_PUBLIC_TITLE_HELP
    )
    access = forms.ChoiceField(label=_("Access"), choices=Access.choices)
    legal_basis = forms.CharField(label=_("Legal basis"), required=False, max_length=200)
    reason = forms.CharField(label=_("Why is it corrected?"), max_length=400)
    version = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def initial_of(case: Case) -> dict[str, Any]:
        """The case as it stands."""
        return {
            "title": case.title,
            "public_title": case.public_title,
            "access": case.access,
            "legal_basis": case.legal_basis,
            "version": case.version,
        }

    def description(self) -> CaseDescription:
        """The corrected description; only after is_valid()."""
        data = self.cleaned_data
        return CaseDescription(
            title=data["title"],
            public_title=data["public_title"],
            access=data["access"],
            legal_basis=data["legal_basis"],
        )


class CorrectEntryForm(CorrectCaseForm):
    """A corrected description of an entry, with its first party."""

    document_type = forms.TypedChoiceField(label=_("Document type"), coerce=int)
    document_on = forms.DateField(
        label=_("Date of the document"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    party_name = forms.CharField(label=_("Sender or recipient"), required=False, max_length=200)
    party_email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    party_is_person = forms.BooleanField(label=_("This is a person"), required=False)

    field_order = [
        *["title", "public_title", "document_type", "document_on", "access", "legal_basis"],
        *["party_name", "party_email", "party_is_person", "reason", "version"],
    ]

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:
        self.parties = tuple(
            PostParty(each.role, each.name, each.email, each.postal_address, each.is_person)
            for each in queries.parties_of_entry(entry)
        )
        kwargs.setdefault("initial", self._initial(entry))
        super().__init__(*args, **kwargs)
        types = {each.pk: each.name for each in queries.document_types()}
        # One that is out of use may stay where it stands.
        types.setdefault(entry.document_type_id, str(entry.document_type))
        self.fields["document_type"].choices = list(types.items())  # type: ignore[attr-defined]
        if not self.parties:
            for name in ("party_name", "party_email", "party_is_person"):
                del self.fields[name]

    def _initial(self, entry: Entry) -> dict[str, Any]:
        party = self.parties[0] if self.parties else None
        return {
            "title": entry.title,
            "public_title": entry.public_title,
            "access": entry.access,
            "legal_basis": entry.legal_basis,
            "version": entry.version,
            "document_type": entry.document_type_id,
            "document_on": entry.document_on,
            "party_name": party.name if party else "",
            "party_email": party.email if party else "",
            "party_is_person": party.is_person if party else False,
        }

    def entry_description(self) -> EntryDescription:
        """The corrected description; only after is_valid()."""
        data = self.cleaned_data
        return EntryDescription(
            title=data["title"],
            public_title=data["public_title"],
            access=data["access"],
            legal_basis=data["legal_basis"],
            document_type_id=data["document_type"],
            document_on=data["document_on"],
            parties=self._corrected_parties(),
        )

    def _corrected_parties(self) -> tuple[PostParty, ...]:
        if not self.parties:
            return ()
        data = self.cleaned_data
        first = replace(
            self.parties[0],
            name=data["party_name"],
            email=data["party_email"].lower(),
            is_person=data["party_is_person"],
        )
        return (first, *self.parties[1:])


class SignOffForm(forms.Form):
    """How an incoming entry was dealt with."""

    way = forms.ChoiceField(
        label=_("How was it dealt with?"), choices=SignOffWay.choices, widget=forms.RadioSelect
    )
    answer = forms.TypedChoiceField(
        label=_("Which letter answers it?"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Only where it was answered by letter or e-mail from this case."),
    )
    reason = forms.CharField(
        label=_("Why is nothing more to be done?"),
        max_length=400,
        required=False,
        help_text=_("Needed unless a letter answers it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        letters = letters_of_case(entry.case_id)
        if letters:
            self.fields["answer"].choices = [  # type: ignore[attr-defined]
                ("", _("None")),
                *((each.pk, each.reference) for each in letters),
            ]
        else:
            del self.fields["answer"]


class AssignForm(forms.Form):
    """Who has the case."""

    unit = forms.TypedChoiceField(
        label=_("Unit"),
        coerce=int,
        widget=forms.Select(attrs={"data-key": "a", "aria-keyshortcuts": "a"}),
    )
    caseworker = forms.TypedChoiceField(
        label=_("Caseworker"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"unit": case.unit_id, "caseworker": case.caseworker_id})
        super().__init__(*args, **kwargs)
        units = units_in_use()
        people: dict[int, list[tuple[int, str]]] = {unit.pk: [] for unit in units}
        for each in people_in(people):
            people[each.unit_id].append((each.pk, each.name))  # type: ignore[index]
        self.fields["unit"].choices = [(unit.pk, unit.name) for unit in units]  # type: ignore[attr-defined]
        self.fields["caseworker"].choices = [  # type: ignore[attr-defined]
            ("", _("Nobody yet")),
            *((unit.name, people[unit.pk]) for unit in units if people[unit.pk]),
        ]


class SearchForm(forms.Form):
    """What is looked for in the registry, as it stands in the address of the page."""

    q = forms.CharField(
        label=_("Search"),
        help_text=_('Number, words, names, "words in a row"'),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.TextInput(attrs={"type": "search", "data-key": "f", "aria-keyshortcuts": "f"}),
    )
    start = forms.DateField(
        label=_("Registered from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    end = forms.DateField(
        label=_("Registered to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    direction = forms.ChoiceField(label=_("In or out"), required=False)
    unit = forms.TypedChoiceField(label=_("Unit"), coerce=int, empty_value=None, required=False)
    document_type = forms.TypedChoiceField(
        label=_("Document type"), coerce=int, empty_value=None, required=False
    )
    access = forms.ChoiceField(label=_("Access"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    authority = forms.TypedChoiceField(
        label=_("Authority"), coerce=int, empty_value=None, required=False
    )
    series = forms.TypedChoiceField(label=_("Series"), coerce=int, empty_value=None, required=False)
    attachment = forms.BooleanField(label=_("With attachments"), required=False)
    mine = forms.BooleanField(label=_("My cases"), required=False)
    near = forms.BooleanField(label=_("Also names spelt nearly like this"), required=False)
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[("", _("Best hits first")), (Order.NEWEST.value, _("Newest first"))],
    )

    def __init__(self, data: Any, *, choices: dict[str, list[Any]] | None = None) -> None:
        """`choices` are those of another such form, which need not be asked for again."""
        super().__init__(data)
        self.choices = choices or self._choices()
        for name, values in self.choices.items():
            self.fields[name].choices = [("", _("All")), *values]  # type: ignore[attr-defined]

    @staticmethod
    def _choices() -> dict[str, list[Any]]:
        return {
            "direction": Direction.choices,
            "unit": [(each.pk, each.name) for each in units_in_use()],
            "document_type": [(each.pk, each.name) for each in queries.document_types()],
            "access": Access.choices,
            "status": [UNCHECKED, *EntryStatus.choices],
            "authority": [(each.pk, each.name) for each in queries.authorities()],
            "series": [(each.pk, each.name) for each in queries.series_in_use()],
        }

    def criteria(self) -> Criteria:
        """What is asked for; a field that was filled in wrongly does not narrow."""
        self.is_valid()
        data = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        text = data.pop("q", "")
        order = Order(data.pop("order", Order.BEST))
        return Criteria(text=text, order=order, **data)

    def query(self, *without: str, **changed: str) -> str:
        """The same search as the query of an address, without some of its fields."""
        self.is_valid()
        values = [
            (name, self.data.get(name, ""))
            for name in self.fields
            if name not in self.errors and name not in without and name not in changed
        ]
        return urlencode([*((n, v) for n, v in values if v), *changed.items()])

    def narrowed(self) -> list[tuple[str, str]]:
        """The filters that narrow, each with its value as people read it."""
        self.is_valid()
        found = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value in ("", None, False) or name in ("order", "near"):
                continue
            shown = dict(getattr(field, "choices", ())).get(value, value)
            found.append((str(field.label), "" if value is True else str(shown)))
        return found
