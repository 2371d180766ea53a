"""Questions about what is searched: views that people saved, and what is not indexed yet."""

from __future__ import annotations

from django.db.models import QuerySet

from registry.models import Case, Document, Entry, SavedView, SearchEntry
from registry.models.entry import EntryStatus
from registry.models.search import TextState


def last_entry() -> int:
    """The highest id of an entry; 0 when there is none."""
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def entries_not_indexed(lowest: int, below: int, *, indexed_too: bool) -> list[int]:
    """Ids of entries in a range of ids that are not searchable yet, or of all of them."""
    found = Entry.objects.filter(pk__gte=lowest, pk__lt=below)
    if not indexed_too:
        found = found.filter(search=None)
    return list(found.values_list("pk", flat=True))


def texts_that_wait() -> int:
    """How many entries are not searched by their content yet, counted up to 1,000."""
    waiting = SearchEntry.objects.filter(text_state=TextState.WAITING)
    return len(waiting.values_list("pk")[:1_000])


def unread_documents(case: Case) -> set[int]:
    """Documents of a case of whose text some or all could not be read, so that no search finds it.

    Where the reading of an entry was given up, that is each of its documents.
    """
    partly = SearchEntry.objects.filter(entry__case=case, text_state=TextState.PARTLY)
    problems = dict(partly.values_list("entry", "text_problems"))
    found = {int(pk) for each in problems.values() for pk in each if pk}
    given_up = [entry for entry, each in problems.items() if "" in each]
    if given_up:
        found |= set(Document.objects.filter(entry__in=given_up).values_list("pk", flat=True))
    return found


def saved_views(user_id: int) -> list[SavedView]:
    """A person's own views of the registry, by name."""
    return list(SavedView.objects.filter(user=user_id).order_by("name"))


def saved_view(user_id: int, view_id: int) -> SavedView | None:
    """One of a person's own views."""
    return SavedView.objects.filter(user=user_id, pk=view_id).first()


def last_view(user_id: int) -> SavedView | None:
    """The view that a person used last, and has not left since."""
    return SavedView.objects.filter(user=user_id, is_last=True).first()


def unchecked(entries: QuerySet[Entry], *, most: int) -> int:
    """How many of these entries wait for quality control, counted up to a number."""
    waiting = entries.filter(
        status=EntryStatus.REGISTERED,
        quality_check__isnull=False,
        quality_check__passed_at=None,
    )
    return len(waiting.values_list("pk")[:most])
