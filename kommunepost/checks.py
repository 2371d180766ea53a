"""Settings that contradict each other or are unsafe are refused at start."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def storage_is_known(app_configs: object, **kwargs: object) -> list[Error]:
    if settings.BLOB_STORAGE not in ("folder", "s3"):
        return [Error("BLOB_STORAGE must be folder or s3", id="kommunepost.E001")]
    if settings.BLOB_STORAGE == "s3" and not settings.BLOB_S3_BUCKET:
        return [Error("BLOB_STORAGE=s3 needs BLOB_S3_BUCKET", id="kommunepost.E002")]
    return []


@register(Tags.security)
def receipt_comes_before_its_limit(app_configs: object, **kwargs: object) -> list[Error]:
    if not 1 <= settings.RECEIPT_LEAD_HOURS <= 24:
        return [
            Error(
                "RECEIPT_LEAD_HOURS must be 1 to 24: the receipt has to leave before the day after "
                "receipt has ended",
                id="kommunepost.E003",
            )
        ]
    return []


@register(Tags.security)
def certificate_has_its_key(app_configs: object, **kwargs: object) -> list[Error]:
    if bool(settings.SMTP_TLS_CERTIFICATE) != bool(settings.SMTP_TLS_KEY):
        return [
            Error("SMTP_TLS_CERTIFICATE and SMTP_TLS_KEY are given together", id="kommunepost.E004")
        ]
    return []
