"""Questions about letters out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from lib.recent import recent
from outbox.models import Fate, Letter, LetterKind, LetterRecipient, LetterText

_ACKNOWLEDGING = [LetterKind.ACKNOWLEDGEMENT, LetterKind.RECEIPT]
_LEAVING = Q(fate__in=[Fate.QUEUED, Fate.RETRY, Fate.SENDING]) | Q(
    fate=Fate.UNKNOWN, next_attempt_at__isnull=False
)


@recent(seconds=5)
def letter_template(kind: str, language: str) -> str:
    """The municipality's newest wording of a letter, else the one that comes with the product."""
    own = (
        LetterText.objects.filter(kind=kind, language=language)
        .order_by("-version")
        .values_list("text", flat=True)
        .first()
    )
    return own if own is not None else shipped_template(kind, language)


@cache
def shipped_template(kind: str, language: str) -> str:
    """The wording that comes with the product (templates/letters)."""
    path = Path(settings.BASE_DIR) / "templates" / "letters" / f"{kind}.{language}.txt"
    return path.read_text(encoding="utf-8")


def letter_raw(sha256: str) -> bytes | None:
    """The mail as it left, by its checksum; None when no letter has it."""
    raw = Letter.objects.filter(raw_sha256=sha256).values_list("raw", flat=True).first()
    return None if raw is None else bytes(raw)


def letter_about(message_id: str) -> str | None:
    """The reference that one of our letters is about, by the letter's Message-ID."""
    return Letter.objects.filter(message_id=message_id).values_list("about", flat=True).first()


def is_made(key: str) -> bool:
    """Whether there is a letter with this key."""
    return Letter.objects.filter(key=key).exists()


def digest_key(user_id: int, on: date) -> str:
    """The key of a person's letter of a day, which makes it the only one."""
    return f"digest:{user_id}:{on.isoformat()}"


def with_digest(people: Iterable[int], on: date) -> set[int]:
    """Which of these people have their letter of the day already."""
    keys = {digest_key(pk, on): pk for pk in people}
    made = Letter.objects.filter(key__in=list(keys)).values_list("key", flat=True)
    return {keys[key] for key in made}


def was_made_since(key_prefix: str, since: datetime) -> bool:
    """Whether a letter whose key begins so was made after `since`."""
    return Letter.objects.filter(key__startswith=key_prefix, created_at__gt=since).exists()


def is_letter(token: str) -> bool:
    """Whether a letter of ours has this envelope token."""
    return Letter.objects.filter(envelope_token=token).exists()


def sent_counts(address: str, at: datetime) -> tuple[int, int, int]:
    """Automatic receipts to the address in 24 hours; acknowledgements of every kind to it in one
    hour; and acknowledgements to all addresses in one hour. Undone letters do not count, and the
    case of the address makes no difference: it is one mailbox that would be flooded."""
    letters = LetterRecipient.objects.filter(letter__kind__in=_ACKNOWLEDGING).exclude(
        fate=Fate.CANCELLED
    )
    hour_ago = at - timedelta(hours=1)
    own = letters.filter(address__iexact=address).aggregate(
        receipts=Count(
            "pk",
            filter=Q(
                letter__kind=LetterKind.RECEIPT, letter__created_at__gt=at - timedelta(hours=24)
            ),
        ),
        hour=Count("pk", filter=Q(letter__created_at__gt=hour_ago)),
    )
    total = letters.filter(letter__created_at__gt=hour_ago).count()
    return own["receipts"], own["hour"], total


@dataclass(frozen=True)
class Backlog:
    """Letters that ought to have left, and since when the oldest waits."""

    count: int
    since: datetime | None


def backlog(at: datetime) -> Backlog:
    """Letters whose time to leave has come and that have not left."""
    found = LetterRecipient.objects.filter(_LEAVING, due_at__lte=at).aggregate(
        count=Count("pk"), since=Min("due_at")
    )
    return Backlog(found["count"], found["since"])


def was_unreached_since(instant: datetime) -> bool:
    """Whether an attempt after `instant` got no session with the mail server."""
    return LetterRecipient.objects.filter(
        fate=Fate.RETRY, reached=False, changed_at__gt=instant
    ).exists()


def undelivered_count() -> int:
    """Letters that a person has to look at: refused, come back, or of unknown fate."""
    return LetterRecipient.objects.filter(
        Q(fate__in=[Fate.FAILED, Fate.BOUNCED]) | Q(fate=Fate.UNKNOWN, next_attempt_at=None),
        seen_at=None,
    ).count()


def recipients(fates: Sequence[str] = ()) -> QuerySet[LetterRecipient]:
    """Letters to recipients, newest first."""
    found = LetterRecipient.objects.select_related("letter").defer("letter__raw").order_by("-pk")
    return found.filter(fate__in=fates) if fates else found


def counts_by_fate() -> dict[str, int]:
    """How many letters to recipients there are of each fate."""
    rows = LetterRecipient.objects.values_list("fate").annotate(Count("pk"))
    return dict(rows)
