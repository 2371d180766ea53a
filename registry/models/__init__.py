"""The record: cases, registry entries and documents, numbered and never edited in place."""

from registry.models.case import Case, CaseReader, Restriction, Version
from registry.models.deadline import (
    ClosedDay,
    Deadline,
    DeadlinePause,
    Escalation,
    Hold,
    RuleOverride,
)
from registry.models.entry import Acknowledgement, Document, Entry, Party, SignOff
from registry.models.notice import Notice
from registry.models.search import SavedView, SearchEntry, SearchName
from registry.models.series import Authority, DocumentType, RecordsPlanItem, Series, SeriesYear

__all__ = [
    "Acknowledgement",
    "Authority",
    "Case",
    "CaseReader",
    "ClosedDay",
    "Deadline",
    "DeadlinePause",
    "Document",
    "DocumentType",
    "Entry",
    "Escalation",
    "Hold",
    "Notice",
    "Party",
    "RecordsPlanItem",
    "Restriction",
    "RuleOverride",
    "SavedView",
    "SearchEntry",
    "SearchName",
    "Series",
    "SeriesYear",
    "SignOff",
    "Version",
]
