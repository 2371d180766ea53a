"""Bytes that were stored are there, unchanged, or the store says so."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE

import pytest
from pytest_django import Settings

from lib import blobs

from .fake_s3 import FakeS3

MAIL = b"From: kari\r\n\r\nHei\r\n\0\xff"
HASH = hashlib.sha256(MAIL).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.BLOB_STORAGE = "folder"
    settings.BLOB_DIR = tmp_path / "deep" / "blobs"
    return settings.BLOB_DIR


@pytest.fixture
def s3(settings: Settings) -> Iterator[FakeS3]:
    with FakeS3() as server:
        settings.BLOB_STORAGE = "s3"
        settings.STORAGES = {
            **settings.STORAGES,
            "blobs": {
                "BACKEND": "storages.backends.s3.S3Storage",
                "OPTIONS": {
                    "bucket_name": "post",
                    "endpoint_url": server.url,
                    "access_key": "test",
                    "secret_key": "test",
                    "region_name": "test",
                    "addressing_style": "path",
                    "file_overwrite": True,
                },
            },
        }
        yield server


@pytest.fixture(params=["folder", "s3"])
def either(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(request.param)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths given to fsync, in order."""
    seen: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        seen.append(os.readlink(f"/proc/self/fd/{handle}"))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


@pytest.mark.parametrize("data", [b"", MAIL, bytes(range(256)) * 4000])
def test_what_was_stored_is_loaded(either: None, data: bytes) -> None:
    sha256 = blobs.store(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert blobs.load(sha256) == data
    assert blobs.exists(sha256)


def test_what_was_never_stored_is_missing(either: None) -> None:
    blobs.store(b"another mail")
    assert not blobs.exists(HASH)
    with pytest.raises(blobs.BlobMissing):
        blobs.load(HASH)


def test_nothing_is_missing_from_a_folder_that_is_not_mounted(folder: Path) -> None:
    with pytest.raises(blobs.BlobStoreUnavailable):
        blobs.load(HASH)


def test_everything_stored_is_iterated_once(either: None) -> None:
    stored = {blobs.store(str(number).encode()) for number in range(20)}
    blobs.store(b"7")
    assert list(blobs.iterate()) == sorted(stored)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", HASH.upper(), HASH + "\n", "ab" * 31])
def test_what_is_no_hash_reaches_no_file(either: None, name: str) -> None:
    for ask in (blobs.load, blobs.path, blobs.exists):
        with pytest.raises(ValueError, match="SHA-256"):
            ask(name)


def test_the_path_is_the_local_file(folder: Path) -> None:
    blobs.store(MAIL)
    path = blobs.path(HASH)
    assert path == folder / HASH[:2] / HASH
    assert path.read_bytes() == MAIL


def test_the_path_of_what_is_missing_says_so(folder: Path) -> None:
    with pytest.raises(blobs.BlobMissing):
        blobs.path(HASH)


def test_only_the_owner_may_read(folder: Path) -> None:
    blobs.store(MAIL)
    path = blobs.path(HASH)
    assert path is not None
    assert S_IMODE(path.stat().st_mode) == 0o600
    for directory in (path.parent, folder, folder / "partial"):
        assert S_IMODE(directory.stat().st_mode) == 0o700


def test_a_flipped_bit_is_damage_and_not_content(folder: Path) -> None:
    blobs.store(MAIL)
    path = blobs.path(HASH)
    assert path is not None
    path.write_bytes(MAIL[:-1] + b"\xfe")
    with pytest.raises(blobs.BlobDamaged):
        blobs.load(HASH)


def test_a_cut_off_file_is_written_again_when_the_bytes_come_again(folder: Path) -> None:
    blobs.store(MAIL)
    path = blobs.path(HASH)
    assert path is not None
    path.write_bytes(MAIL[:5])
    blobs.store(MAIL)
    assert blobs.load(HASH) == MAIL


def test_new_content_costs_two_fsyncs_in_a_directory_known(
    folder: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs.store(MAIL)
    path = blobs.path(HASH)
    assert path is not None
    path.unlink()
    synced.clear()
    renamed: list[int] = []
    real = os.rename

    def rename(source: Path, target: Path) -> None:
        renamed.append(len(synced))
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    blobs.store(MAIL)
    assert len(synced) == 2
    assert synced[0].startswith(str(folder / "partial"))
    assert synced[1] == str(path.parent)
    assert renamed == [1]  # after the file, before its directory


def test_the_first_that_a_process_stores_syncs_every_new_directory_in_its_parent(
    folder: Path, synced: list[str]
) -> None:
    blobs.store(MAIL)
    assert synced[:3] == [
        str(directory) for directory in (folder.parent.parent, folder.parent, folder)
    ]
    assert synced[4:] == [str(folder / HASH[:2])]
    assert len(list(folder.iterdir())) == 256 + 1  # and the one of what is being written


def test_what_an_earlier_version_put_one_level_deeper_is_found_and_not_written_again(
    folder: Path, synced: list[str]
) -> None:
    earlier = folder / HASH[:2] / HASH[2:4] / HASH
    earlier.parent.mkdir(parents=True)
    earlier.write_bytes(MAIL)
    assert blobs.exists(HASH)
    assert blobs.load(HASH) == MAIL
    assert blobs.path(HASH) == earlier
    beside = blobs.store(b"new")
    synced.clear()
    assert blobs.store(MAIL) == HASH
    assert synced == [str(earlier.parent)]
    assert list(blobs.iterate()) == sorted([HASH, beside])
    earlier.write_bytes(MAIL[:5])
    blobs.store(MAIL)
    assert blobs.load(HASH) == MAIL
    assert list(blobs.iterate()) == sorted([HASH, beside])


def test_content_already_there_is_not_written_again_but_its_directory_is_synced(
    folder: Path, synced: list[str]
) -> None:
    blobs.store(MAIL)
    path = blobs.path(HASH)
    assert path is not None
    before = path.stat()
    synced.clear()
    assert blobs.store(MAIL) == HASH
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert synced == [str(path.parent)]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize("call", ["write", "fsync", "open"])
def test_no_space_is_told_apart_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    blobs.store(b"first")

    def fail(*args: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(blobs.BlobStoreFull):
            blobs.store(MAIL)
    assert not blobs.exists(HASH)
    assert list((folder / "partial").iterdir()) == []
    assert blobs.load(blobs.store(MAIL)) == MAIL  # recovers alone


def test_a_failing_disk_is_unavailable_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs.store(b"first")

    def fail(handle: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(blobs.BlobStoreUnavailable):
            blobs.store(MAIL)
    assert not blobs.exists(HASH)


def test_a_folder_taken_away_under_the_process_is_made_anew_at_the_next_try(folder: Path) -> None:
    blobs.store(MAIL)
    folder.rename(folder.with_name("old"))
    with pytest.raises(blobs.BlobStoreUnavailable):
        blobs.store(MAIL)
    assert blobs.load(blobs.store(MAIL)) == MAIL


def test_sixteen_writers_of_the_same_bytes_agree(folder: Path) -> None:
    start = threading.Barrier(16)
    results: list[str] = []

    def write(number: int) -> None:
        start.wait()
        for _ in range(10):
            results.append(blobs.store(MAIL))
            blobs.store(b"own %d" % number)

    threads = [threading.Thread(target=write, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [HASH] * 160
    assert blobs.load(HASH) == MAIL
    assert len(list(blobs.iterate())) == 17
    assert list((folder / "partial").iterdir()) == []


def test_what_a_killed_writer_left_is_neither_content_nor_kept_for_ever(folder: Path) -> None:
    blobs.store(MAIL)
    now = datetime.now(UTC)
    old, young = folder / "partial" / "old", folder / "partial" / "young"
    for file, age in ((old, timedelta(days=2)), (young, timedelta())):
        file.write_bytes(b"half a mail")
        os.utime(file, times=((now - age).timestamp(),) * 2)
    assert list(blobs.iterate()) == [HASH]
    assert blobs.remove_partial(before=now - timedelta(days=1)) == 1
    assert not old.exists()
    assert young.exists()
    assert blobs.load(HASH) == MAIL


def test_an_object_has_no_local_path(s3: FakeS3) -> None:
    assert blobs.path(blobs.store(MAIL)) is None


def test_an_object_stored_again_is_not_sent_again(s3: FakeS3) -> None:
    blobs.store(MAIL)
    blobs.store(MAIL)
    assert s3.puts == 1


def test_an_object_that_arrived_damaged_is_not_called_stored(s3: FakeS3) -> None:
    s3.spoil = True
    with pytest.raises(blobs.BlobDamaged):
        blobs.store(MAIL)


def test_a_damaged_object_is_not_content(s3: FakeS3) -> None:
    blobs.store(MAIL)
    s3.objects[f"{HASH[0]}/{HASH}"] = b"other"
    with pytest.raises(blobs.BlobDamaged):
        blobs.load(HASH)
    assert blobs.load(blobs.store(MAIL)) == MAIL


def test_a_full_bucket_and_a_broken_one_are_told_apart(s3: FakeS3) -> None:
    s3.refuse = (507, "XMinioStorageFull")
    with pytest.raises(blobs.BlobStoreFull):
        blobs.store(MAIL)
    s3.refuse = (403, "AccessDenied")
    with pytest.raises(blobs.BlobStoreUnavailable):
        blobs.store(MAIL)


def test_a_misspelt_storage_is_refused(settings: Settings) -> None:
    settings.BLOB_STORAGE = "floppy"
    with pytest.raises(ValueError, match="floppy"):
        blobs.exists(HASH)
