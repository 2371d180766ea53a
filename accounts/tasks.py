"""What workers do about people's sessions."""

from __future__ import annotations

from celery import shared_task

from accounts.actions import sessions


@shared_task(name="accounts.tasks.clear_sessions", ignore_result=True)
def clear_sessions() -> None:
    """Every hour."""
    sessions.clear_sessions()
