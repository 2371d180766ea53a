"""Mailboxes are set up here; what came through them is read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from intake.models import Alarm, Body, Delivery, Mailbox, Message
from lib.read_only import ReadOnly


@admin.register(Mailbox)
class MailboxAdmin(admin.ModelAdmin):
    """Addresses. One that is no longer used is taken out of use: post that came refers to it."""

    list_display = ["address", "name", "kind", "authority", "unit", "is_active"]
    list_select_related = ["authority", "unit"]
    list_filter = ["kind", "is_active", "authority"]
    search_fields = ["address", "name"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "address",
                    "name",
                    "kind",
                    "authority",
                    "unit",
                    "language",
                    "is_active",
                    "unread_alarm_minutes",
                ]
            },
        ),
        (
            _("Fetching by IMAP"),
            {
                "classes": ["collapse"],
                "fields": [
                    "imap_host",
                    "imap_port",
                    "imap_security",
                    "imap_user",
                    "imap_auth",
                    "imap_secret",
                    "imap_folder",
                    "imap_after",
                    "imap_move_to",
                ],
            },
        ),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Body)
class BodyAdmin(admin.ModelAdmin):
    """Public bodies that misdirected post belongs to."""

    list_display = ["name", "email", "postal_address", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "email", "words"]


class _DeliveryInline(ReadOnly, admin.StackedInline):
    model = Delivery
    fields = ["door", "received_at", "raw_sha256"]


@admin.register(Message)
class MessageAdmin(ReadOnly, admin.ModelAdmin):
    """Messages without their content: an operator needs their state, not the citizen's words."""

    list_display = ["number", "state", "received_at", "mailbox", "kind", "held_code"]
    list_select_related = ["mailbox"]
    list_filter = ["state", "kind", "mailbox"]
    ordering = ["-received_at"]
    fields = ("state", "state_at", "received_at", "mailbox", "kind", "kind_reason", "held_code")
    readonly_fields = fields
    inlines = [_DeliveryInline]


@admin.register(Alarm)
class AlarmAdmin(ReadOnly, admin.ModelAdmin):
    """Alarms, standing and past."""

    list_display = ["code", "subject", "count", "raised_at", "cleared_at"]
    list_filter = ["code"]
