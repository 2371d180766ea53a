"""Blobs as objects of an S3-compatible store, through Django's storage `STORAGES["blobs"]`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from lib.blobs.errors import (
    BlobDamaged,
    BlobError,
    BlobMissing,
    BlobStoreFull,
    BlobStoreUnavailable,
    check_name,
    from_os_error,
    is_name,
)


class RemoteStore:
    """A bucket. Its 16 prefixes keep one listing of the scrubber within memory."""

    def store(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        key = _key(sha256)
        with _translated(sha256):
            storage = _storage()
            if storage.exists(key):
                if storage.size(key) == len(data):
                    return sha256
                storage.delete(key)  # damaged; we hold the true bytes
            saved = storage.save(key, ContentFile(data))
            if saved != key:
                # A storage that never overwrites chose another name: somebody was quicker.
                storage.delete(saved)
        if self.load(sha256) != data:
            raise BlobDamaged(sha256)
        return sha256

    def load(self, sha256: str) -> bytes:
        key = _key(sha256)
        with _translated(sha256), _storage().open(key, "rb") as file:
            data: bytes = file.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobDamaged(sha256)
        return data

    def path(self, sha256: str) -> Path | None:
        check_name(sha256)
        return None

    def exists(self, sha256: str) -> bool:
        key = _key(sha256)
        with _translated(sha256):
            return bool(_storage().exists(key))

    def iterate(self) -> Iterator[str]:
        for prefix in "0123456789abcdef":
            with _translated(prefix):
                try:
                    _, names = _storage().listdir(prefix)
                except FileNotFoundError:
                    continue  # storages with true folders say so; S3 answers with an empty list
            yield from sorted(name for name in names if is_name(name))

    def remove_partial(self, before: datetime) -> int:
        return 0  # an object appears whole or not at all


def _storage() -> Storage:
    return storages["blobs"]


def _key(sha256: str) -> str:
    check_name(sha256)
    return f"{sha256[0]}/{sha256}"


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BlobMissing(name) from None
    except OSError as error:
        raise from_os_error(error) from error
    except ClientError as error:
        raise _from_answer(error) from error
    except BotoCoreError as error:
        raise BlobStoreUnavailable(type(error).__name__) from error


def _from_answer(error: ClientError) -> BlobError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    # 507 is RFC 4918 section 11.5; Ceph and MinIO name the quota in the code instead.
    if status == 507 or "Quota" in code or "StorageFull" in code:
        return BlobStoreFull(code)
    return BlobStoreUnavailable(code or str(status))
