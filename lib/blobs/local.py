"""Blobs as files in a folder: <folder>/ab/cd/<sha256>, written under <folder>/partial."""

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
        # Directories whose own entry this process knows to be on disk. Finding a directory is not
        # enough: the process that made it may not have synced its parent yet when power fails.
        self._durable: set[Path] = set()

    def store(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        target = self._file(sha256)
        try:
            self._ensure_durable(target.parent)
            if not self._is_there(target, len(data)):
                self._write(target, data)
            # Also for content found: whoever put it there may not have come this far.
            _fsync_directory(target.parent)
        except FileNotFoundError as error:
            # The folder was replaced under a running process: look again at the next try.
            self._durable.clear()
            raise BlobStoreUnavailable("ENOENT") from error
        except OSError as error:
            raise from_os_error(error) from error
        return sha256

    def load(self, sha256: str) -> bytes:
        try:
            data = self._file(sha256).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(sha256) from None
        except OSError as error:
            raise from_os_error(error) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobDamaged(sha256)
        return data

    def path(self, sha256: str) -> Path | None:
        file = self._file(sha256)
        if not file.is_file():
            raise BlobMissing(sha256)
        return file

    def exists(self, sha256: str) -> bool:
        return self._file(sha256).is_file()

    def iterate(self) -> Iterator[str]:
        for first in _names(self._folder, 2):
            for second in _names(self._folder / first, 2):
                for name in _names(self._folder / first / second, 64):
                    if is_name(name) and name.startswith(first + second):
                        yield name

    def remove_partial(self, before: datetime) -> int:
        removed = 0
        for name in _names(self._partial, None):
            file = self._partial / name
            try:
                if file.stat().st_mtime < before.timestamp():
                    file.unlink()
                    removed += 1
            except FileNotFoundError:
                continue  # its writer finished, or another sweeper was quicker
        return removed

    def _file(self, sha256: str) -> Path:
        check_name(sha256)
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def _is_there(self, target: Path, size: int) -> bool:
        try:
            found = target.stat().st_size
        except FileNotFoundError:
            return False
        if found != size:
            # We hold the true bytes, so the damaged file is replaced by the same rename.
            log.warning("blob damaged, writing it again: sha256=%s", target.name)
        return found == size

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

    def _ensure_durable(self, directory: Path) -> None:
        """Make `directory` and see that every entry from the folder down to it is on disk."""
        if directory in self._durable:
            return
        if self._folder not in self._durable:
            _make_with_parents(self._folder)
            self._partial.mkdir(mode=0o700, exist_ok=True)
            self._durable.add(self._folder)
        parent = directory.parent
        if parent != self._folder:
            self._ensure_durable(parent)
        directory.mkdir(mode=0o700, exist_ok=True)
        # One fsync vouches for all the entries which the parent has by now.
        present = [parent / name for name in _names(parent, 2)]
        _fsync_directory(parent)
        self._durable.update(present)


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


def _names(directory: Path, length: int | None) -> list[str]:
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    return sorted(name for name in names if length is None or len(name) == length)
