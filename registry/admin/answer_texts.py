"""Ready-made texts for answers: each change is a new version, shown with its slots filled in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.actions.answer_text import word_answer_text
from registry.actions.composing import sample_values
from registry.models import AnswerText
from registry.rules import slots


class _TextForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)

    class Meta:
        model = AnswerText
        fields = ["code", "language", "name", "heading", "text", "is_active"]
        widgets = {"text": forms.Textarea(attrs={"rows": 20})}
        help_texts = {
            "text": _("Slots are written ((reference)). These are filled in by themselves: %s.")
            % ", ".join(sorted(slots.KNOWN)),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if slots.stray(data.get("text", "")) or slots.stray(data.get("heading", "")):
            raise ValidationError({"text": _("There are double parentheses that are no slot.")})
        return data


@admin.register(AnswerText)
class AnswerTextAdmin(admin.ModelAdmin):
    """A changed text is a new version with the same code and language; the old ones stay."""

    form = _TextForm
    list_display = ["name", "code", "language", "version", "is_active", "made_at"]
    list_filter = ["language", "is_active"]
    search_fields = ["name", "code"]
    ordering = ["code", "language", "-version"]
    readonly_fields = ["filled_in", "left_to_write"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ["code", "language", "name", "heading", "text", "is_active"]
        return [*shown, "filled_in", "left_to_write"] if obj else shown

    @admin.display(description=_("filled in, with an invented case"))
    def filled_in(self, text: AnswerText) -> str:
        return slots.fill(f"{text.heading}\n\n{text.text}", sample_values(text.language))

    @admin.display(description=_("left to be written"))
    def left_to_write(self, text: AnswerText) -> str:
        names = slots.slots(f"{text.heading} {text.text}")
        return ", ".join(name for name in names if name not in slots.KNOWN) or "–"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: AnswerText, form: Any, change: bool) -> None:
        made = word_answer_text(
            code=obj.code,
            language=obj.language,
            name=obj.name,
            heading=obj.heading,
            text=obj.text,
            is_active=obj.is_active,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
        obj.pk, obj.version, obj.made_at = made.pk, made.version, made.made_at
