"""Set up authorities with their series, and document types; what is there is brought up to date."""

from __future__ import annotations

from registry.models import Authority, DocumentType, RecordsPlanItem, Series
from registry.queries import (
    document_type_in_use,
    document_types,
    records_plan,
    series_in_use,
)


def set_up_authority(
    *, code: str, name: str, prefix: str, case_pattern: str, document_pattern: str
) -> Authority:
    """Make or update an authority and its one series of numbers."""
    authority, _made = Authority.objects.update_or_create(code=code, defaults={"name": name})
    Series.objects.update_or_create(
        authority=authority,
        name=name,
        defaults={
            "prefix": prefix,
            "case_pattern": case_pattern,
            "document_pattern": document_pattern,
        },
    )
    series_in_use.forget()
    return authority


def set_up_document_type(
    *,
    code: str,
    name: str,
    class_code: str,
    must_register: bool,
    disposal: str,
    retention_years: int | None,
    legal_basis: str,
    clock: str = "answer",
) -> DocumentType:
    """Make or update a row of the records plan."""
    document_type = DocumentType.objects.update_or_create(
        code=code,
        defaults={
            "name": name,
            "class_code": class_code,
            "must_register": must_register,
            "clock": clock,
            "disposal": disposal,
            "retention_years": retention_years,
            "legal_basis": legal_basis,
        },
    )[0]
    document_type_in_use.forget()
    document_types.forget()
    return document_type


def set_up_records_plan_item(
    *, code: str, name: str, reason: str, legal_basis: str, position: int
) -> RecordsPlanItem:
    """Make or update an exception: what need not be registered, and why."""
    item = RecordsPlanItem.objects.update_or_create(
        code=code,
        defaults={
            "name": name,
            "reason": reason,
            "legal_basis": legal_basis,
            "position": position,
        },
    )[0]
    records_plan.forget()
    return item
