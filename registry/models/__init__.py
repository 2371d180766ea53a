"""The record: cases, registry entries and documents, numbered and never edited in place."""

from registry.models.answer import Answer, AnswerFile, AnswerStep, AnswerText
from registry.models.case import Case, CaseMove, CaseReader, Restriction, Version
from registry.models.comment import Comment, Mention
from registry.models.deadline import (
    ClosedDay,
    Deadline,
    DeadlinePause,
    Escalation,
    Hold,
    Recount,
    RuleOverride,
)
from registry.models.entry import Acknowledgement, Document, Entry, Party, SignOff
from registry.models.notice import Notice
from registry.models.quality_check import QualityCheck
from registry.models.search import SavedView, SearchEntry, SearchName
from registry.models.series import Authority, DocumentType, RecordsPlanItem, Series, SeriesYear

__all__ = [
    "Acknowledgement",
    "Answer",
    "AnswerFile",
    "AnswerStep",
    "AnswerText",
    "Authority",
    "Case",
    "CaseMove",
    "CaseReader",
    "ClosedDay",
    "Comment",
    "Deadline",
    "DeadlinePause",
    "Document",
    "DocumentType",
    "Entry",
    "Escalation",
    "Hold",
    "Mention",
    "Notice",
    "Party",
    "QualityCheck",
    "RecordsPlanItem",
    "Recount",
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
