"""What a registrar fills in when something else becomes of a message than being registered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from intake.actions.misdirect import Misdirection
from intake.actions.split import Part
from intake.actions.triage import Decision
from intake.forms import RegisterForm
from intake.models import Attachment, Body, Message
from intake.rules.sensitive import SETTLED_BY_READING
from registry.access import case_id_numbered
from registry.actions.register import NewCase
from registry.queries import document_types, series_of
from registry.rules.asking import WORDS, Point
from registry.rules.status import Access


class _CaseFields(forms.Form):
    """Where an outcome is registered: in a new case, unless a number is written."""

    case_number = forms.CharField(
        label=_("Case number"),
        required=False,
        max_length=60,
        help_text=_("Leave it empty for a new case."),
    )
    document_type = forms.TypedChoiceField(label=_("Document type"), coerce=int)

    def __init__(self, *args: Any, user: Any, message: Message, **kwargs: Any) -> None:
        self.user = user
        self.message = message
        super().__init__(*args, **kwargs)
        types = sorted(document_types(), key=lambda each: each.clock != "none")
        self.fields["document_type"].choices = [(each.pk, each.name) for each in types]  # type: ignore[attr-defined]
        self.fields["document_type"].initial = types[0].pk if types else None

    def clean_case_number(self) -> str:
        number: str = self.cleaned_data["case_number"].strip()
        if number and case_id_numbered(self.user, number) is None:
            raise forms.ValidationError(_("There is no case with this number."))
        return number

    def decision_for(self, *, title: str, public_title: str) -> Decision:
        """The entry under these titles, which are words of our own; only after is_valid()."""
        found = case_id_numbered(self.user, self.cleaned_data["case_number"])
        series = series_of(self.message.mailbox.authority_id)
        new = NewCase(
            series_id=series[0].pk if series else 0,
            title=title,
            public_title=public_title,
            access=Access.UNASSESSED,
            legal_basis="",
            unit_id=self.message.mailbox.unit_id,
        )
        return Decision(
            case=new if found is None else found,
            title=title,
            public_title=public_title,
            document_type_id=self.cleaned_data["document_type"],
            access=Access.UNASSESSED,
            legal_basis="",
            sender_name=self.message.sender_name[:200],
            sender_is_person=True,
        )


class MisdirectForm(_CaseFields):
    """Misdirected: which body is right, in which language its sender is told, and whether it is
    sent on."""

    body = forms.TypedChoiceField(label=_("Right body"), coerce=int, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)
    forward = forms.BooleanField(label=_("Send the mail itself on to the body"), required=False)
    attachments_read = forms.BooleanField(
        label=_("I have read the attachments, and nothing in them is sensitive"), required=False
    )

    field_order = ["body", "forward", "attachments_read", "language", "case_number"]

    def __init__(self, *args: Any, bodies: list[Body], why_not: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {each.pk: each for each in bodies}
        self.fields["body"].choices = [(each.pk, each.name) for each in bodies]  # type: ignore[attr-defined]
        self.may_forward = why_not == "" or why_not in SETTLED_BY_READING
        if not self.may_forward:
            del self.fields["forward"]
        if why_not not in SETTLED_BY_READING:
            del self.fields["attachments_read"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        unread = "attachments_read" in self.fields and not data.get("attachments_read")
        if data.get("forward") and unread:
            self.add_error("attachments_read", _("Read the attachments before you send it on."))
        return data

    @property
    def chosen(self) -> Body | None:
        """The body that is chosen, also before the whole form is filled in."""
        value = str(self["body"].value())
        return next((body for pk, body in self.bodies.items() if str(pk) == value), None)

    @property
    def forwards(self) -> bool:
        """Whether the mail is sent on: only to a body that takes e-mail."""
        body = self.chosen
        return bool(self.may_forward and body and body.email and self["forward"].value())

    def misdirection(self) -> Misdirection:
        """What the registrar chose; only after is_valid()."""
        data = self.cleaned_data
        return Misdirection(
            body_id=data["body"],
            language=data["language"],
            forward=self.forwards,
            attachments_read=bool(data.get("attachments_read")),
        )


class AskForm(forms.Form):
    """What is missing, in the words of the letter's language, and points of the person's own."""

    points = forms.MultipleChoiceField(
        label=_("What is missing?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    other = forms.CharField(
        label=_("Something else"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "In the language of the letter, one point a line. Nothing sensitive: "
            "the letter travels unprotected."
        ),
    )
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = WORDS.get(get_language() or "", WORDS["en"])
        self.fields["points"].choices = [(each, words[each]) for each in Point]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("points") and not data.get("other", "").strip():
            self.add_error("points", _("Say what is missing."))
        return data

    @property
    def wanted(self) -> list[str]:
        """The points as the letter says them, also before the form is sent."""
        words = WORDS.get(str(self["language"].value()), WORDS["en"])
        chosen = self["points"].value() or []
        own = str(self["other"].value() or "").splitlines()
        return [
            *(words[each] for each in Point if each in chosen),
            *(line.strip() for line in own if line.strip()),
        ]


class PartForm(RegisterForm):
    """One of the entries that a message is split into, with the attachments that go with it."""

    attachments = forms.TypedMultipleChoiceField(
        label=_("Attachments"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, attachments: list[Attachment], mine: list[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attachments"].choices = [  # type: ignore[attr-defined]
            (each.pk, each.filename or str(_("without a name"))) for each in attachments
        ]
        self.fields["attachments"].initial = mine
        if not attachments:
            del self.fields["attachments"]

    def typed(self) -> dict[str, Any]:
        """As for any entry, with the attachments that were chosen."""
        typed: dict[str, Any] = super().typed()
        if "attachments" in self.fields:
            typed["attachments"] = self["attachments"].data or []
        return typed

    def part(self) -> Part:
        """The entry as described; only after is_valid()."""
        chosen = frozenset(self.cleaned_data.get("attachments", ()))
        return Part(decision=self.decision(), attachments=chosen)
