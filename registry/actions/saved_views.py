"""A person's saved views of the registry. They are the person's own, so no event tells of them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from registry.actions.refusals import refusal
from registry.models import SavedView

MOST_VIEWS = 12


@transaction.atomic
def save_view(*, user_id: int, name: str, query: str, at: datetime) -> SavedView:
    """Save a search under a name, or put it in place of the one that has the name.

    Raises Refused: "view_name_missing", "too_many_views".
    """
    # What a database cannot hold, a form would have refused.
    name = name.replace("\0", "").strip()[:60]
    if not name:
        raise refusal("view_name_missing")
    known = SavedView.objects.filter(user=user_id)
    if not known.filter(name=name).exists() and known.count() >= MOST_VIEWS:
        raise refusal("too_many_views")
    view, _ = SavedView.objects.update_or_create(
        user_id=user_id, name=name, defaults={"query": query[:1_000], "seen_at": at}
    )
    return view


@transaction.atomic
def view_seen(*, user_id: int, query: str, at: datetime) -> None:
    """Note that the person has looked at the views with this search, and used them last."""
    known = SavedView.objects.filter(user=user_id)
    known.filter(query=query).update(seen_at=at, is_last=True)
    known.exclude(query=query).filter(is_last=True).update(is_last=False)


@transaction.atomic
def views_left(*, user_id: int) -> None:
    """Note that the person wants to see all entries, and no view of the own."""
    SavedView.objects.filter(user=user_id, is_last=True).update(is_last=False)


@transaction.atomic
def forget_view(*, user_id: int, view_id: int) -> None:
    """Forget one of the person's own views; one that is not there is forgotten already."""
    SavedView.objects.filter(user=user_id, pk=view_id).delete()
