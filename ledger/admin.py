"""The ledger for operators: to read, never to change."""

from __future__ import annotations

from django.contrib import admin

from ledger.models import Event, Seal
from lib.read_only import ReadOnly


class ReadOnlyAdmin(ReadOnly, admin.ModelAdmin):
    actions = None
    show_full_result_count = False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["id", "at", "actor", "verb", "subject", "reason"]
    search_fields = ["subject__exact"]
    search_help_text = "message:17"
    ordering = ["-id"]


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    list_display = ["id", "sealed_at", "count", "chain_hash"]
    ordering = ["-id"]
