"""Blobs as files in a folder: <folder>/ab/<sha256>, written under <folder>/partial.

Up to version 0.1 there was a second level, <folder>/ab/cd/<sha256>, so that a young store made and
flushed a directory for nearly every mail. What lies there stays there and is found.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from lib.blobs.errors import (
    BlobDamaged,
    BlobMissing,
    BlobStoreUnavailable,
    check_name,
    from_os_error,
    is_name,
)

log = logging.getLogger(__name__)


class LocalStore:
    """A folder on a file system whose rename is atomic and whose fsync is true."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._partial = folder / "partial"
        self._directories = [folder / f"{number:02x}" for number in range(256)]
        # Whether this process knows the directories' own entries to be on disk. Finding them is
        # not enough: who made them may not have synced the folder yet when power fails.
        self._is_durable = False

    def store(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            if not self._is_durable:
                self._make_durable()
            file = self._whole(sha256, len(data))
            if file is None:
                file = self._places(sha256)[0]
                self._write(file, data)
            # Also for content found: whoever put it there may not have come this far.
            _fsync_directory(file.parent)
        except FileNotFoundError as error:
            # The folder was replaced under a running process: look again at the next try.
            self._is_durable = False
            raise BlobStoreUnavailable("ENOENT") from error
        except OSError as error:
            raise from_os_error(error) from error
        return sha256

    def load(self, sha256: str) -> bytes:
        try:
            data = self.path(sha256).read_bytes()
        except (BlobMissing, FileNotFoundError):
            # A file system that is not mounted leaves its folder empty, or takes it along.
            if not any(directory.is_dir() for directory in self._directories):
                raise BlobStoreUnavailable("the folder is empty") from None
            raise BlobMissing(sha256) from None
        except OSError as error:
            raise from_os_error(error) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobDamaged(sha256)
        return data

    def path(self, sha256: str) -> Path:
        for file in self._places(sha256):
            if file.is_file():
                return file
        raise BlobMissing(sha256)

    def exists(self, sha256: str) -> bool:
        return any(file.is_file() for file in self._places(sha256))

    def iterate(self) -> Iterator[str]:
        for directory in self._directories:
            names = set(_names(directory))
            for second in [name for name in names if len(name) == 2]:
                names.update(_names(directory / second))
            yield from sorted(
                name for name in names if is_name(name) and name.startswith(directory.name)
            )

    def remove_partial(self, before: datetime) -> int:
        removed = 0
        for name in _names(self._partial):
            file = self._partial / name
            try:
                if file.stat().st_mtime < before.timestamp():
                    file.unlink()
                    removed += 1
            except FileNotFoundError:
                continue  # its writer finished, or another sweeper was quicker
        return removed

    def _places(self, sha256: str) -> tuple[Path, Path]:
        """Where it is written, and where an earlier version wrote it."""
        check_name(sha256)
        directory = self._folder / sha256[:2]
        return directory / sha256, directory / sha256[2:4] / sha256

    def _whole(self, sha256: str, size: int) -> Path | None:
        """The file that has these bytes already, going by its size."""
        for file in self._places(sha256):
            try:
                found = file.stat().st_size
            except FileNotFoundError:
                continue
            if found == size:
                return file
            # We hold the true bytes, and what is written anew is what will be read.
            log.warning("blob damaged, writing it again: sha256=%s", sha256)
        return None

    def _write(self, target: Path, data: bytes) -> None:
        partial = self._partial / secrets.token_hex(16)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(handle, rest) :]
                os.fsync(handle)
            finally:
                os.close(handle)
            os.rename(partial, target)
        except BaseException:
            # After a failed fsync the kernel may call the next one a success: start from new.
            partial.unlink(missing_ok=True)
            raise

    def _make_durable(self) -> None:
        """Make all directories and see that their entries are on disk: one fsync for all."""
        _make_with_parents(self._folder)
        present = set(_names(self._folder))
        for directory in (self._partial, *self._directories):
            if directory.name not in present:
                directory.mkdir(mode=0o700, exist_ok=True)
        _fsync_directory(self._folder)
        self._is_durable = True


def _make_with_parents(directory: Path) -> None:
    missing = []
    while not directory.is_dir():
        missing.append(directory)
        directory = directory.parent
    for made in reversed(missing):
        made.mkdir(mode=0o700, exist_ok=True)
        _fsync_directory(made.parent)


def _fsync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _names(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except FileNotFoundError:
        return []
