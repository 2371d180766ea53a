"""The content of registered mail becomes findable, and says where it did not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.rules.roles import Role
from lib import blobs
from lib.reading import reader
from lib.texts.child import TextChild
from registry.actions.index import index_entries
from registry.actions.post import PostFile
from registry.actions.read_text import MAX_ATTEMPTS, read_waiting_texts
from registry.models import Entry, SearchEntry, SearchName
from tests.lib.texts.test_texts import pdf
from tests.registry.cast import MORNING, Town
from tests.registry.test_search import EXEMPT, found, titled


@pytest.fixture(scope="module")
def texts() -> Iterator[TextChild]:
    child = TextChild()
    yield child
    child.close()


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_DIR = tmp_path


def ticking(start: datetime = MORNING) -> Callable[[], datetime]:
    return lambda: start


def read(texts: TextChild, at: datetime = MORNING) -> int:
    return read_waiting_texts(mail=reader(), texts=texts, clock=ticking(at))


def with_files(town: Town, **changes: Any) -> Entry:
    """A mail with a PDF and a broken PDF, registered as intake does."""
    parts = [pdf("Fjordutsikten"), b"%PDF-1.7 broken"]
    raw = (
        b"Subject: Hilsen\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    )
    raw += b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nLampene er m\xc3\xb8rke\r\n"
    for part in parts:
        raw += b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n"
        raw += b"Content-Transfer-Encoding: 8bit\r\n\r\n" + part + b"\r\n"
    raw += b"--b--\r\n"
    sha256 = hashlib.sha256(raw).hexdigest()
    assert blobs.store(raw) == sha256
    files = (
        PostFile("main", "M.eml", "message/rfc822", len(raw), sha256, "blob", sha256, ""),
        *(
            PostFile(
                "attachment",
                f"kart{number}.pdf",
                "application/pdf",
                len(part),
                hashlib.sha256(part).hexdigest(),
                "blob",
                sha256,
                str(number),
            )
            for number, part in enumerate(parts, 2)
        ),
    )
    return titled(town, "Spørsmål", "Spørsmål", files=files, **changes)


def test_content_is_found_by_those_who_may_read_it_and_what_failed_is_noted(
    town: Town, texts: TextChild
) -> None:
    entry = with_files(town, **EXEMPT)
    registrar, secretary = town.user(Role.REGISTRAR), town.user(Role.SECRETARY)
    assert found(registrar, "lampe mørk") == []
    assert found(registrar, "spørsmål") == [entry.reference]
    assert read(texts) == 1
    assert found(registrar, "lampe mork") == found(registrar, "FJORDUTSIKTEN") == [entry.reference]
    assert found(registrar, "spørsmål fjordutsikten") == [entry.reference]
    assert found(secretary, "lampe") == found(secretary, "fjordutsikten") == []
    row = SearchEntry.objects.defer("words", "public_words").get(pk=entry.pk)
    assert row.text_state == "partly"
    assert row.text_problems == {str(entry.documents.get(number=3).pk): "damaged"}
    # Names are there for those who misspell them; a second run finds nothing to do.
    assert set(SearchName.objects.values_list("word", flat=True)) == {"ola", "nordmann"}
    assert read(texts) == 0
    # What changes later leaves the content findable.
    call_command("index_entries", "--all", verbosity=0)
    assert found(registrar, "fjordutsikten") == [entry.reference]


def test_more_words_than_the_database_holds_are_cut_and_stop_nothing(
    town: Town, texts: TextChild
) -> None:
    # Two files of 300 words of 650 letters of three bytes each: more than a vector's megabyte.
    files = []
    for role, name in (("main", "a"), ("attachment", "b")):
        words = " ".join(f"{'山' * 650}{name}{number}" for number in range(300))
        raw = f"Begynnelsen {words}".encode()
        sha256 = blobs.store(raw)
        files.append(
            PostFile(role, f"{name}.txt", "text/plain", len(raw), sha256, "blob", sha256, "")
        )
    entry = titled(town, "Lang", files=tuple(files))
    assert read(texts) == 1
    row = SearchEntry.objects.defer("words", "public_words").get(pk=entry.pk)
    assert (row.text_state, row.text_problems) == ("partly", {"": "cut"})
    assert found(town.user(Role.REGISTRAR), "begynnelsen") == [entry.reference]


def test_an_original_that_is_gone_and_a_worker_that_dies_are_seen(
    town: Town, texts: TextChild
) -> None:
    blobs.store(b"The store itself is there.")
    gone = titled(town, "Borte")
    assert read(texts) == 1
    row = SearchEntry.objects.defer("words", "public_words").get(pk=gone.pk)
    assert set(row.text_problems.values()) == {"no_original"}

    deadly = titled(town, "Farlig")
    at = MORNING
    for attempt in range(MAX_ATTEMPTS):
        # Claimed by a worker that never comes back.
        SearchEntry.objects.filter(pk=deadly.pk).update(
            text_attempts=attempt + 1, text_claimed_at=at
        )
        assert read(texts, at + timedelta(minutes=1)) == 0
        at += timedelta(minutes=6)
    assert read(texts, at) == 0
    row.refresh_from_db(fields=["text_state"])
    row = SearchEntry.objects.defer("words", "public_words").get(pk=deadly.pk)
    assert (row.text_state, row.text_problems) == ("partly", {"": "worker_died"})
    assert found(town.user(Role.REGISTRAR), "farlig") == [deadly.reference]


def test_a_store_that_is_away_for_hours_costs_no_try_and_what_waits_is_read_when_it_is_back(
    town: Town, texts: TextChild, settings: Any, tmp_path: Path
) -> None:
    entry = with_files(town)
    settings.BLOB_DIR = tmp_path / "not mounted"
    for hour in range(MAX_ATTEMPTS + 1):
        assert read(texts, MORNING + timedelta(hours=hour)) == 0
    settings.BLOB_DIR = tmp_path
    assert read(texts, MORNING + timedelta(hours=5)) == 1
    assert found(town.user(Role.REGISTRAR), "fjordutsikten") == [entry.reference]


def test_indexing_what_is_there_can_be_stopped_and_begun_again(town: Town) -> None:
    entries = [titled(town, f"Vann {number}") for number in range(5)]
    SearchEntry.objects.all().delete()
    SearchName.objects.all().delete()
    registrar = town.user(Role.REGISTRAR)
    assert found(registrar, "vann") == []
    # As if it had been stopped after the newest two.
    index_entries([entry.pk for entry in entries[3:]])
    before = set(SearchEntry.objects.values_list("pk", flat=True))
    call_command("index_entries", "--batch", "2", verbosity=0)
    assert before == {entry.pk for entry in entries[3:]}
    assert len(found(registrar, "vann")) == 5
    assert SearchName.objects.filter(word="nordmann").exists()
    call_command("index_entries", verbosity=0)
    assert SearchEntry.objects.count() == 5
