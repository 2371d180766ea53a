"""The municipality, units and people; roles are granted and withdrawn, never edited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as _registered_first  # noqa: F401
from django.contrib.auth.forms import AdminPasswordChangeForm, ReadOnlyPasswordHashField
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.grant import grant_role, withdraw_role
from accounts.models import Municipality, RoleGrant, Unit, User
from accounts.rules.roles import Role

# Roles are granted (RoleGrant); groups of Django's permissions would be a second way to rights.
admin.site.unregister(Group)


@admin.register(Municipality)
class MunicipalityAdmin(admin.ModelAdmin):
    """The one municipality."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin):
    """Units; one that is no longer used is taken out of use, because cases refer to it."""

    list_display = ["name", "code", "parent", "is_active"]
    list_select_related = ["parent"]
    search_fields = ["name", "code"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _PersonForm(forms.ModelForm):
    password = ReadOnlyPasswordHashField(label=_("password"))

    class Meta:
        model = User
        fields = ["email", "name", "unit", "language", "is_active", "is_staff", "password"]


class _NewPersonForm(forms.ModelForm):
    new_password = forms.CharField(label=_("password"), widget=forms.PasswordInput, min_length=12)

    class Meta:
        model = User
        fields = ["email", "name", "unit", "language", "is_staff"]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People. Someone who leaves may no longer sign in; what they did keeps their name."""

    form = _PersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["name", "email", "unit", "is_active"]
    list_select_related = ["unit"]
    list_filter = ["is_active", "unit"]
    search_fields = ["name", "email"]

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        # By the person, because Django also asks for the fields of the page without `change`.
        kwargs["form"] = _NewPersonForm if obj is None else _PersonForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.lower()
        if not change:
            obj.set_password(form.cleaned_data["new_password"])
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin):
    """Roles. Granting adds a row, withdrawing ends one."""

    list_display = ["user", "role", "unit", "granted_at", "withdrawn_at"]
    list_select_related = ["user", "unit"]
    list_filter = ["role"]
    fields = ["user", "role", "unit"]
    actions = ["withdraw"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: RoleGrant, form: Any, change: bool) -> None:
        made = grant_role(
            user=obj.user,
            role=Role(obj.role),
            unit=obj.unit,
            by=request.user.actor,  # type: ignore[union-attr]
            at=timezone.now(),
        )
        obj.pk = made.pk

    @admin.action(description=_("Withdraw the chosen roles"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: Any) -> None:
        for held in queryset:
            withdraw_role(
                grant_id=held.pk,
                by=request.user.actor,  # type: ignore[union-attr]
                at=timezone.now(),
            )
