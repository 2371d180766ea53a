"""A person's own choices about how pages look and behave."""

from __future__ import annotations

from accounts.models import User


def prefer(
    *,
    user: User,
    language: str | None,
    color_scheme: str,
    shortcuts: bool,
    notices: bool,
    digest: bool,
) -> None:
    """Keep the choices (the form has checked them; no language given keeps the present one).

    Leaves no trace in the ledger: it concerns nobody else.
    """
    user.language = language or user.language
    user.color_scheme = color_scheme
    user.shortcuts = shortcuts
    user.notices = notices
    user.digest = digest
    user.save(update_fields=["language", "color_scheme", "shortcuts", "notices", "digest"])
