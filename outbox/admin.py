"""Letters are read-only; letter texts grow by versions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from lib.read_only import ReadOnly
from outbox.actions.word import word_letter
from outbox.models import Letter, LetterRecipient, LetterText
from outbox.rules import letters


class _TextForm(forms.ModelForm):
    class Meta:
        model = LetterText
        fields = ["kind", "language", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 20})}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            letters.check(data.get("kind", ""), data.get("text", ""))
        except ValueError as error:
            raise ValidationError({"text": str(error)}) from error
        return data


@admin.register(LetterText)
class LetterTextAdmin(admin.ModelAdmin):
    """A changed wording is a new version; the old ones stay."""

    form = _TextForm
    list_display = ["kind", "language", "version", "created_at"]
    list_filter = ["kind", "language"]
    ordering = ["kind", "language", "-version"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: LetterText, form: Any, change: bool) -> None:
        made = word_letter(
            kind=obj.kind,
            language=obj.language,
            text=obj.text,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
        obj.pk = made.pk
        obj.version = made.version


class _RecipientInline(ReadOnly, admin.StackedInline):
    model = LetterRecipient
    fields = ["fate", "attempts", "sent_at", "answer_code"]


@admin.register(Letter)
class LetterAdmin(ReadOnly, admin.ModelAdmin):
    """What has been sent, without its words and to whom: an operator needs its state."""

    list_display = ["about", "kind", "language", "created_at"]
    list_filter = ["kind", "language"]
    search_fields = ["about"]
    fields = ["key", "kind", "language", "automatic", "about", "message_id", "created_at"]
    inlines = [_RecipientInline]
