"""Questions to the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from ledger.models import Event, Seal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the database stands: `xmin` and `xmax` of a snapshot, its time and its cluster."""

    taken_at: datetime
    cluster: int
    xmin: int
    xmax: int


def history(subject: str) -> QuerySet[Event]:
    """Events of one subject ("message:17"), oldest first."""
    return Event.objects.filter(subject=subject).order_by("id")


def last_seal() -> Seal | None:
    """The newest seal."""
    return Seal.objects.order_by("-id").first()


def oldest_unsealed_at() -> datetime | None:
    """When the oldest event that no seal covers was written; None when all are sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(e.recorded_at) FROM ledger_event e"
            " WHERE e.xact >= %s"
            " AND NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.event_id = e.id)",
            [sealed_below(standing().cluster)],
        )
        oldest: datetime | None = cursor.fetchone()[0]
    return oldest


def standing() -> Standing:
    """Ask the database for its snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp(), system_identifier,"
            " pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM pg_control_system()"
        )
        return Standing(*cursor.fetchone())


def sealed_below(cluster: int) -> int:
    """The transaction number below which every event is sealed, in this database cluster.

    0 when the last seal was made in another cluster, that is, before this database was restored
    from a dump: then all events must be looked at, once.
    """
    newest = last_seal()
    if newest is None or newest.cluster != cluster:
        return 0
    complete = Seal.objects.filter(horizon__gt=0).order_by("-id").first()
    return complete.horizon if complete and complete.cluster == cluster else 0


def event_count() -> int:
    """How many events there are."""
    return Event.objects.count()
