"""Consents are noted and withdrawn, never edited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from decisions.actions.consent import check_consent, note_consent, withdraw_consent
from decisions.models import Consent
from lib.refusal import Refused
from registry.queries.restrictions import restricted_references


class _ConsentForm(forms.ModelForm):
    class Meta:
        model = Consent
        fields = ["person", "address", "case_reference", "way", "text_version", "given_at"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                check_consent(
                    address=data["address"],
                    case_reference=data["case_reference"],
                    given_at=data["given_at"],
                    at=timezone.now(),
                )
            except Refused as refusal:
                raise ValidationError(str(refusal), code=refusal.code) from refusal
        return data


@admin.register(Consent)
class ConsentAdmin(admin.ModelAdmin):
    """What a person has agreed to, as evidence."""

    list_display = ["person", "address", "case_reference", "way", "given_at", "withdrawn_at"]
    list_filter = ["way"]
    search_fields = ["person", "address", "case_reference"]
    form = _ConsentForm
    # One field with one label; Django's own halves have none.
    formfield_overrides = {
        models.DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
        }
    }
    actions = ["withdraw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        # That somebody has a restricted case is for its readers.
        return super().get_queryset(request).exclude(case_reference__in=restricted_references())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Consent, form: Any, change: bool) -> None:
        made = note_consent(
            person=obj.person,
            address=obj.address,
            case_reference=obj.case_reference,
            way=obj.way,
            text_version=obj.text_version,
            given_at=obj.given_at,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
        obj.pk = made.pk

    @admin.action(description=_("Withdraw the chosen consents"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: Any) -> None:
        for consent in queryset:
            try:
                withdraw_consent(
                    consent_id=consent.pk,
                    by=request.user.actor,  # type: ignore[union-attr]
                    at=timezone.now(),
                )
            except Refused as refusal:
                messages.error(request, str(refusal))
