"""Questions to the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

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


# Below `below` all is sealed (see sealed_below). Numbers from `xmax` on belong to transactions that
# have not begun: a row with such a number was restored from another cluster's dump. Those are
# looked at while nothing is known to be sealed (below = 0), and never again.
_UNSEALED = """
    FROM ledger_event e
    WHERE e.xact >= %(below)s AND (%(below)s = 0 OR e.xact < %(xmax)s)
    AND NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.event_id = e.id)
"""


def unsealed_for() -> timedelta | None:
    """How long the oldest event that no seal covers has stood, by the database's clock alone;
    None when all are sealed."""
    here = standing()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - min(e.recorded_at)" + _UNSEALED, _window(here))
        age: timedelta | None = cursor.fetchone()[0]
    return age


def unsealed(here: Standing, after: int, limit: int) -> list[tuple[int, str, datetime, int]]:
    """Committed events that no seal covers, with ids above `after`, at most `limit` of them:
    id, hash, recorded_at, xact."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.hash, e.recorded_at, e.xact"
            + _UNSEALED
            + "AND e.id > %(after)s ORDER BY e.id LIMIT %(limit)s",
            _window(here) | {"after": after, "limit": limit},
        )
        return cursor.fetchall()


def _window(here: Standing) -> dict[str, int]:
    return {"below": sealed_below(here.cluster), "xmax": here.xmax}


def standing() -> Standing:
    """Ask the database for its snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        taken_at, xmin, xmax = cursor.fetchone()
    return Standing(taken_at=taken_at, cluster=cluster_id(), xmin=xmin, xmax=xmax)


def cluster_id() -> int:
    """The number that a database cluster gets when it is made, and keeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        return int(cursor.fetchone()[0])


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
