"""Entrances for worker and beat."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from lib.reading import reader
from registry.actions.read_text import read_waiting_texts, text_reader


@shared_task
def read_texts() -> None:
    """Make the content of new entries searchable, and of those that a dead worker left behind."""
    read_waiting_texts(mail=reader(), texts=text_reader(), clock=timezone.now)
