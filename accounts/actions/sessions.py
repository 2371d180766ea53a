"""Sessions that are over are not kept: something that was typed may lie in them (lib/typed.py)."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings


def clear_sessions() -> None:
    """Delete the sessions whose time is up. Leaves no trace: nothing is decided by it."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
