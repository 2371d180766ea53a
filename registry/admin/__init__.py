"""Series, records plan and own deadline rules are set here; the record itself is read-only."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.queries import municipality
from lib.jurisdictions import profile_for
from lib.read_only import ReadOnly
from registry import queries
from registry.actions.recompute import Change, request_recount, what_would_change
from registry.admin import answer_texts
from registry.models import (
    Acknowledgement,
    Authority,
    Case,
    ClosedDay,
    Deadline,
    Document,
    DocumentType,
    Entry,
    Hold,
    RecordsPlanItem,
    Recount,
    RuleOverride,
    Series,
)
from registry.rules.numbering import (
    NumberPattern,
    PatternProblem,
    render_case,
    validate_pattern,
)

_PROBLEMS = {
    PatternProblem.TOO_LONG: _("The patterns may have 60 characters together."),
    PatternProblem.UNKNOWN_PLACEHOLDER: _("There is an unknown placeholder or a stray brace."),
    PatternProblem.STRANGE_CHARACTER: _("Only letters, digits, space and . / _ : # - may stand."),
    PatternProblem.NO_YEAR: _("The year is missing: {year} or {yy}."),
    PatternProblem.YEAR_TWICE: _("The year stands there twice."),
    PatternProblem.NO_NUMBER: _("The number is missing: {number}."),
    PatternProblem.NUMBER_TWICE: _("The number stands there twice."),
    PatternProblem.DIGITS_TOUCH: _("There must be a character between two figures."),
    PatternProblem.PREFIX_MISSING: _("The pattern uses {prefix}, and the series has none."),
    PatternProblem.PREFIX_UNUSED: _("The series has a prefix that the pattern does not use."),
    PatternProblem.PREFIX_STRANGE: _("A prefix is one to ten letters."),
    PatternProblem.EDGE_SPACE: _("A pattern neither begins nor ends with a space."),
    PatternProblem.NO_DOCUMENT: _("The document's pattern must hold {document} once."),
    PatternProblem.SUFFIX_LIKE_CASE: _("The document's pattern begins with a sign, such as -."),
}


class _NeverDeleted(admin.ModelAdmin):
    """What others refer to is taken out of use, not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class _ReadOnly(ReadOnly, admin.ModelAdmin):
    """Part of the record: looked at here, changed on the case page only."""


@admin.register(Authority)
class AuthorityAdmin(_NeverDeleted):
    list_display = ["name", "code", "is_active"]


class _SeriesForm(forms.ModelForm):
    class Meta:
        model = Series
        fields = ["authority", "name", "prefix", "case_pattern", "document_pattern", "is_active"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        pattern = NumberPattern(
            case=data.get("case_pattern") or "",
            document=data.get("document_pattern") or "",
            prefix=data.get("prefix") or "",
        )
        problem = validate_pattern(pattern)
        if problem is not None:
            raise ValidationError(_PROBLEMS[problem], code=problem)
        example = render_case(pattern, year=2026, number=1)
        for other in Series.objects.exclude(pk=self.instance.pk):
            theirs = NumberPattern(other.case_pattern, other.document_pattern, other.prefix)
            if render_case(theirs, year=2026, number=1) == example:
                raise ValidationError(
                    _("The series %(series)s writes the same numbers."),
                    code="same_numbers",
                    params={"series": other},
                )
        return data


@admin.register(Series)
class SeriesAdmin(_NeverDeleted):
    form = _SeriesForm
    list_display = ["name", "authority", "prefix", "case_pattern", "document_pattern", "is_active"]
    list_select_related = ["authority"]


@admin.register(DocumentType)
class DocumentTypeAdmin(_NeverDeleted):
    list_display = ["name", "code", "class_code", "clock", "disposal", "retention_years"]
    list_filter = ["disposal", "clock", "is_active"]
    search_fields = ["name", "code", "class_code"]


@admin.register(RecordsPlanItem)
class RecordsPlanItemAdmin(_NeverDeleted):
    """What need not be registered: an exception that has been decided on, with its paragraph."""

    list_display = ["name", "reason", "legal_basis", "position", "is_active"]
    list_filter = ["is_active"]


class _Told(forms.ModelForm):
    """A change that moves running deadlines: it says how many, and is saved when that was seen."""

    confirmed = forms.BooleanField(
        label=_("I have seen what changes"),
        required=False,
        help_text=_("Asked for when running deadlines get another last day."),
    )

    def _tell(self, change: Change, begins: date) -> None:
        """Raises ValidationError until the change has been seen."""
        if not change.changed or self.cleaned_data.get("confirmed"):
            return
        examples = "; ".join(
            f"{date_format(before, 'DATE_FORMAT')} → {date_format(after, 'DATE_FORMAT')}"
            for before, after in change.examples
        )
        sentence = (
            _(
                "It holds from %(day)s and moves at least %(changed)d of more than %(looked_at)d"
                " running deadlines: %(examples)s. Say that you have seen it, and save again."
            )
            if change.is_cut
            else _(
                "It holds from %(day)s and moves %(changed)d of %(looked_at)d running deadlines:"
                " %(examples)s. Say that you have seen it, and save again."
            )
        )
        raise ValidationError(
            sentence,
            code="unseen",
            params={
                "day": date_format(begins, "DATE_FORMAT"),
                "changed": change.changed,
                "looked_at": change.looked_at,
                "examples": examples,
            },
        )


class _RuleForm(_Told):
    key = forms.ChoiceField(label=_("rule"))

    class Meta:
        model = RuleOverride
        fields = ["key", "number", "unit", "paragraph", "valid_from", "valid_to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        body = municipality()
        keys = sorted({rule.key for rule in profile_for(body.profile).rules}) if body else []
        if "key" in self.fields:
            self.fields["key"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends = data.get("valid_from", self.instance.valid_from), data.get("valid_to")
        if begins and ends and ends < begins:
            raise ValidationError({"valid_to": _("It ends before it begins.")})
        if ends and self.instance.pk and ends < timezone.localdate():
            # Deadlines have been counted by it until today.
            raise ValidationError({"valid_to": _("A rule ends today at the earliest.")})
        if not self.errors:
            self._tell_of_rule(data)
        return data

    def _tell_of_rule(self, data: dict[str, Any]) -> None:
        body = municipality()
        if body is None:
            return
        profile = profile_for(body.profile)
        names = ["key", "number", "unit", "paragraph", "valid_from", "valid_to"]
        proposed = RuleOverride(
            **{name: data.get(name, getattr(self.instance, name)) for name in names}
        )
        others = RuleOverride.objects.exclude(pk=self.instance.pk)
        rules = [queries.own_rule(profile, each) for each in (*others, proposed)]
        change = what_would_change(
            reason="rule", rules=rules, closed=queries.closed_days(), kind=proposed.key
        )
        self._tell(change, proposed.valid_from)


@admin.register(RuleOverride)
class RuleOverrideAdmin(_NeverDeleted):
    """A rule that has begun is not edited: it is given an end, and a new one is added."""

    form = _RuleForm
    list_display = ["key", "number", "unit", "paragraph", "valid_from", "valid_to"]

    def save_model(self, request: HttpRequest, obj: RuleOverride, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request_recount(
            reason="rule",
            kind=obj.key,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )

    def get_readonly_fields(
        self, request: HttpRequest, obj: RuleOverride | None = None
    ) -> list[str]:
        if obj is None or obj.valid_from > timezone.localdate():
            return []
        fixed = ["key", "number", "unit", "paragraph", "valid_from"]
        ended = obj.valid_to is not None and obj.valid_to < timezone.localdate()
        return [*fixed, "valid_to"] if ended else fixed


class _ClosedDayForm(_Told):
    class Meta:
        model = ClosedDay
        fields = ["on", "name"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        on = data.get("on")
        if on is None or self.errors:
            return data
        if on < timezone.localdate():
            # Deadlines have been counted and kept by it.
            raise ValidationError({"on": _("The day is over.")})
        body = municipality()
        if body is not None:
            profile = profile_for(body.profile)
            others = ClosedDay.objects.exclude(pk=self.instance.pk)
            change = what_would_change(
                reason="closed_day",
                rules=queries.own_rules(profile),
                closed={**dict(others.values_list("on", "name")), on: data.get("name", "")},
                # A day that is moved concerns what it leaves too.
                on=on if self.instance.on in (None, on) else None,
            )
            self._tell(change, on)
        return data


@admin.register(ClosedDay)
class ClosedDayAdmin(admin.ModelAdmin):
    """Days on which the municipality is closed by its own choice; those that are over stay."""

    form = _ClosedDayForm
    list_display = ["on", "name"]
    # One at a time, so that each is counted anew.
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_to_come(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_to_come(obj)

    @staticmethod
    def _is_to_come(obj: ClosedDay | None) -> bool:
        return obj is None or obj.on >= timezone.localdate()

    def save_model(self, request: HttpRequest, obj: ClosedDay, form: Any, change: bool) -> None:
        before = form.initial.get("on") if change else None
        super().save_model(request, obj, form, change)
        for on in sorted({obj.on, before or obj.on}):
            self._recount(request, on)

    def delete_model(self, request: HttpRequest, obj: ClosedDay) -> None:
        on = obj.on
        super().delete_model(request, obj)
        self._recount(request, on)

    def _recount(self, request: HttpRequest, on: date) -> None:
        request_recount(
            reason="closed_day",
            on=on,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )


@admin.register(Recount)
class RecountAdmin(_ReadOnly):
    """How far counting anew has come."""

    list_display = ["requested_at", "reason", "kind", "on", "looked_at", "changed", "finished_at"]


class _OfCases(_ReadOnly):
    """Operators keep the system running; of restricted cases they see nothing, not even that."""

    way_to_case = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        restricted = Case.objects.filter(is_restricted=True).values("pk")
        return super().get_queryset(request).exclude(**{f"{self.way_to_case}pk__in": restricted})


@admin.register(Case)
class CaseAdmin(_OfCases):
    """Cases by number and public title."""

    list_display = ["reference", "public_title", "unit", "status", "opened_at"]
    list_filter = ["status"]
    list_select_related = ["unit"]
    search_fields = ["reference"]
    fields = ["reference", "public_title", "access", "unit", "status", "opened_at", "closed_at"]


@admin.register(Entry)
class EntryAdmin(_OfCases):
    """Entries by number and public title."""

    list_display = ["reference", "public_title", "direction", "status", "registered_at"]
    list_filter = ["direction", "status"]
    list_select_related = ["case"]
    search_fields = ["reference", "message_number"]
    fields = [
        *["reference", "public_title", "access", "direction", "document_type", "status"],
        *["arrived_at", "registered_at", "running_year", "running_number", "message_number"],
    ]
    way_to_case = "case__"


@admin.register(Document)
class DocumentAdmin(_OfCases):
    """Documents by checksum: where the original lies, never what it is called."""

    list_display = ["entry", "number", "role", "media_type", "size", "sha256"]
    list_select_related = ["entry"]
    search_fields = ["sha256", "original_sha256"]
    fields = ["entry", "number", "role", "media_type", "size", "sha256", "kept_in"]
    way_to_case = "entry__case__"


@admin.register(Deadline)
class DeadlineAdmin(_ReadOnly):
    """Deadlines by number."""

    list_display = ["kind", "entry", "message_number", "due_on", "state"]
    list_filter = ["kind", "state"]
    list_select_related = ["entry"]


@admin.register(Hold)
class HoldAdmin(_OfCases):
    """Holds without their reasons."""

    list_display = ["case", "placed_at", "released_at"]
    list_select_related = ["case"]
    fields = ["case", "entry", "placed_at", "released_at"]
    way_to_case = "case__"


@admin.register(Acknowledgement)
class AcknowledgementAdmin(_ReadOnly):
    """Acknowledgements by number."""

    list_display = ["message_number", "entry", "not_sent_reason", "made_at", "undone_at"]
    list_select_related = ["entry"]
    search_fields = ["message_number"]


__all__ = ["answer_texts"]
