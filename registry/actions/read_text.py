"""Make the content of entries searchable: read by a child, in no transaction, after registering."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import OperationalError, connection, transaction
from django.db.models import F, Q
from psycopg.errors import ProgramLimitExceeded

from lib import blobs
from lib.blobs import BlobError, BlobStoreUnavailable
from lib.mime.limits import Unreadable
from lib.reading import Reader
from lib.texts.child import TextChild
from outbox.queries import letter_raw
from registry.models import Document, SearchEntry
from registry.models.entry import Keeper
from registry.models.search import TextState

log = logging.getLogger(__name__)

# A worker that is alive has read an entry long before this.
_STALE_AFTER = timedelta(minutes=5)
# An entry that has killed its worker so often is left without the text of its files.
MAX_ATTEMPTS = 3
_MAX_DOCUMENTS = 50
# Beat calls every ten seconds; one entry may take so long.
_FOR = timedelta(seconds=8)
_FOR_ONE_ENTRY = timedelta(minutes=2)
# Of one entry; the database's vector of words holds 1 MB, which this reaches in odd texts only.
_MAX_CHARS = 400_000

_WRITE = """
UPDATE registry_searchentry SET
    words = ts_filter(words, '{a,b,c}') || setweight(registry_words(%s), 'D'),
    text_state = %s, text_problems = %s::jsonb
WHERE entry_id = %s
"""
_NAMES = """
INSERT INTO registry_searchname (word)
SELECT DISTINCT word FROM registry_party
CROSS JOIN LATERAL unnest(tsvector_to_array(registry_names(name))) word
WHERE entry_id = ANY(%s) AND length(word) BETWEEN 3 AND 60
ORDER BY word ON CONFLICT DO NOTHING
"""


@dataclass
class _Content:
    text: str
    problems: dict[str, str]


@lru_cache
def text_reader() -> TextChild:
    """The one reader of files of this process."""
    return TextChild()


def read_waiting_texts(*, mail: Reader, texts: TextChild, clock: Callable[[], datetime]) -> int:
    """Read the content of entries that wait for it, the newest first, for some seconds.

    Returns how many were read. Each is claimed first, so that workers share them, and one that
    kills its worker is tried MAX_ATTEMPTS times. What cannot be read is noted with a code and
    stops nothing; what the store does not give out now is tried again when its claim is stale,
    however often. It ends before beat calls again, so that other work is not kept waiting.
    """
    until = clock() + _FOR
    done = 0
    while clock() < until and (entry_id := _claim(at=clock())) is not None:
        add_names([entry_id])
        try:
            read_text(entry_id=entry_id, mail=mail, texts=texts, clock=clock)
        except BlobStoreUnavailable as error:
            log.error("text not read, the store is away: entry=%s error=%s", entry_id, error)
            entry = SearchEntry.objects.filter(pk=entry_id)
            entry.update(text_attempts=F("text_attempts") - 1)
        else:
            done += 1
    return done


@transaction.atomic
def _claim(*, at: datetime) -> int | None:
    """The entry that is next, or None; one that was tried too often is given up on the way."""
    free = Q(text_claimed_at=None) | Q(text_claimed_at__lt=at - _STALE_AFTER)
    rows = (
        SearchEntry.objects.select_for_update(skip_locked=True)
        .filter(free, text_state=TextState.WAITING)
        .order_by("-entry")
        .values_list("pk", "text_attempts")
    )
    while row := rows.first():
        pk, attempts = row
        if attempts < MAX_ATTEMPTS:
            SearchEntry.objects.filter(pk=pk).update(text_claimed_at=at, text_attempts=attempts + 1)
            return int(pk)
        log.error("text given up: entry=%s", pk)
        SearchEntry.objects.filter(pk=pk).update(
            text_state=TextState.PARTLY, text_problems={"": "worker_died"}
        )
    return None


def read_text(
    *, entry_id: int, mail: Reader, texts: TextChild, clock: Callable[[], datetime]
) -> None:
    """Read the documents of one entry and make their words findable.

    Raises BlobStoreUnavailable, and has written nothing then.
    """
    content = _content(entry_id, mail, texts, clock)
    while not _written(entry_id, content):
        content.text = content.text[: len(content.text) // 2]
        content.problems[""] = "cut"


def _written(entry_id: int, content: _Content) -> bool:
    """Whether it is written; not when it is more words than the database can hold of one entry."""
    state = TextState.PARTLY if content.problems else TextState.DONE
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_WRITE, [content.text, state, json.dumps(content.problems), entry_id])
    except OperationalError as error:
        if isinstance(error.__cause__, ProgramLimitExceeded) and content.text:
            return False
        raise
    return True


@transaction.atomic
def add_names(entries: list[int]) -> None:
    """Add the names of the parties to those that are compared with misspelt ones."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [entries])


def _content(
    entry_id: int, mail: Reader, texts: TextChild, clock: Callable[[], datetime]
) -> _Content:
    until = clock() + _FOR_ONE_ENTRY
    content = _Content("", {})
    documents = Document.objects.filter(entry=entry_id).order_by("number")[:_MAX_DOCUMENTS]
    kept: list[str] = []
    room = _MAX_CHARS
    for document in documents:
        if clock() > until or room == 0:
            content.problems[str(document.pk)] = "cut"
            continue
        try:
            text, cut = _text(document, mail, texts)
        except Unreadable as error:
            # That a picture has no text is no problem.
            if error.code != "no_text":
                content.problems[str(document.pk)] = error.code
            continue
        except BlobStoreUnavailable:
            raise
        except (BlobError, KeyError) as error:
            log.error("no original: document=%s error=%s", document.pk, type(error).__name__)
            content.problems[str(document.pk)] = "no_original"
            continue
        if cut or len(text) > room:
            content.problems[str(document.pk)] = "cut"
        kept.append(text[:room])
        room -= len(kept[-1])
    content.text = "\n".join(kept)
    return content


def _text(document: Document, mail: Reader, texts: TextChild) -> tuple[str, bool]:
    if document.kept_in == Keeper.LETTER:
        raw = letter_raw(document.original_sha256)
        if raw is None:
            raise Unreadable("no_original")
        found = texts.text_of(raw, "letter.eml")
    elif document.original_part:
        part = mail.part(document.original_sha256, document.original_part)
        found = texts.text_of(part, document.filename)
    elif document.media_type == "message/rfc822":
        parsed = mail.parsed(document.original_sha256)
        return f"{parsed.subject}\n{parsed.text}", parsed.truncated
    else:
        found = texts.text_of(blobs.load(document.original_sha256), document.filename)
    return found.text, found.cut
