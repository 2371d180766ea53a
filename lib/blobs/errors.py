"""What can go wrong with stored bytes. No error holds content, only the hash or the cause."""

from __future__ import annotations

import errno
import re

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class BlobError(Exception):
    """The blob store could not do what was asked."""


class BlobMissing(BlobError):
    """Nothing is stored under this hash."""


class BlobDamaged(BlobError):
    """What is stored under this hash is not what was stored: restore it from a copy."""


class BlobStoreFull(BlobError):
    """No space, no quota or no write access: the mail door answers 452 and the sender waits."""


class BlobStoreUnavailable(BlobError):
    """The store could not be reached or failed: the mail door answers 451."""


def from_os_error(error: OSError) -> BlobError:
    """Translate the operating system's answer into ours."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
        return BlobStoreFull(name)
    return BlobStoreUnavailable(name)


def check_name(sha256: str) -> None:
    """Refuse with ValueError what is not a hash, so that no name reaches another file."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")


def is_name(text: str) -> bool:
    """Tell whether a file's name is the name of a blob."""
    return _SHA256.fullmatch(text) is not None
