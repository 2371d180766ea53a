"""Content-addressed bytes: what was stored is found by its SHA-256 and verified when read.

Where the bytes lie is `settings.BLOB_STORAGE`: "folder" (files below `settings.BLOB_DIR`)
or "s3" (the storage `STORAGES["blobs"]`). The functions are the same for both. All of them block
on disk or network: call them outside a database transaction, and from a thread in async code.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from lib.blobs.errors import (
    BlobDamaged,
    BlobError,
    BlobMissing,
    BlobStoreFull,
    BlobStoreUnavailable,
)

__all__ = [
    "BlobDamaged",
    "BlobError",
    "BlobMissing",
    "BlobStoreFull",
    "BlobStoreUnavailable",
    "exists",
    "iterate",
    "load",
    "path",
    "remove_partial",
    "store",
]


class _Store(Protocol):
    def store(self, data: bytes) -> str: ...
    def load(self, sha256: str) -> bytes: ...
    def path(self, sha256: str) -> Path | None: ...
    def exists(self, sha256: str) -> bool: ...
    def iterate(self) -> Iterator[str]: ...
    def remove_partial(self, before: datetime) -> int: ...


def store(data: bytes) -> str:
    """Keep `data` and return its SHA-256 in hex; on return the bytes survive a power cut.

    Local folder: two fsyncs for new content (the file and its directory) and one (the directory)
    for content already there. The first that a process stores adds one for the folder.
    S3: one PUT, then the object is read back and hashed; content already there costs a HEAD.

    Raises BlobStoreFull (no space, quota, read-only) or BlobStoreUnavailable; nothing partial is
    ever visible under the hash, and trying again is always safe.
    """
    return _store().store(data)


def load(sha256: str) -> bytes:
    """Return the bytes with this hash.

    Raises BlobMissing, BlobDamaged (they no longer have this hash) or BlobStoreUnavailable;
    ValueError when `sha256` is not 64 lower-case hexadecimal digits.
    """
    return _store().load(sha256)


def path(sha256: str) -> Path | None:
    """Return the local file with these bytes, or None when the store is not a local folder.

    For a child process that opens the file itself. The content is not verified here.
    Raises BlobMissing; ValueError as for `load`.
    """
    return _store().path(sha256)


def exists(sha256: str) -> bool:
    """Tell whether something is stored under this hash, without reading it."""
    return _store().exists(sha256)


def iterate() -> Iterator[str]:
    """Yield the hash of everything stored, in ascending order, for the scrubber.

    What is stored while this runs may or may not be among them.
    """
    return _store().iterate()


def remove_partial(*, before: datetime) -> int:
    """Remove what killed writers left half-written before this time; return how many files.

    Such a leftover is a copy of somebody's mail that no retention rule knows of. Only files that
    never got their name are touched. `before` must lie further back than any running write.
    """
    return _store().remove_partial(before)


def _store() -> _Store:
    return _open(settings.BLOB_STORAGE, str(settings.BLOB_DIR))


@lru_cache
def _open(kind: str, folder: str) -> _Store:
    if kind == "s3":
        # Imported here: a local installation must not pay for loading botocore.
        from lib.blobs.remote import RemoteStore

        return RemoteStore()
    if kind == "folder":
        from lib.blobs.local import LocalStore

        return LocalStore(Path(folder))
    raise ValueError(f'BLOB_STORAGE is {kind!r}; it can be "folder" or "s3"')
