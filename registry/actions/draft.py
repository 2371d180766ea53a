"""Write an answer: begin a draft, save it, attach files to it, discard it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from ledger.actions.record import record
from lib import blobs
from lib.blobs import BlobError
from lib.mime.sniff import sniff
from registry.actions.refusals import refusal
from registry.actions.sign_off import check_outstanding
from registry.models import Answer, AnswerFile, Entry
from registry.models.answer import OPEN, AnswerState, Channel
from registry.models.case import Access


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has written so far; anything may still be missing."""

    party_id: int | None
    channel: str
    language: str
    heading: str
    text: str
    promised_on: date | None
    access: str
    legal_basis: str
    files_checked: bool


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came from the browser: its name is a claim, and so is its type."""

    filename: str
    data: bytes


@transaction.atomic
def begin_draft(
    *, entry_id: int, kind: str, author_id: int, draft: Draft, by: str, at: datetime
) -> Answer:
    """Return the author's open draft of this kind for the entry, or make it from `draft`.

    Raises Refused: "no_such_entry", "not_incoming", "already_void", "is_a_copy", "case_not_open".
    """
    entry = Entry.objects.select_related("case").filter(pk=entry_id).first()
    if entry is None:
        raise refusal("no_such_entry")
    check_outstanding(entry, entry.case)
    there = Answer.objects.filter(entry=entry, author=author_id, kind=kind, state__in=OPEN)
    if (found := there.first()) is not None:
        return found
    try:
        with transaction.atomic():
            made = Answer.objects.create(
                entry=entry,
                author_id=author_id,
                kind=kind,
                started_at=at,
                saved_at=at,
                **_of(draft),
            )
    except IntegrityError:
        # Another window was faster with the same one.
        return there.get()
    record(
        verb="registry.answer_begun",
        subject=f"answer:{made.pk}",
        by=by,
        at=at,
        reason=kind,
        entry=entry.pk,
    )
    return made


@transaction.atomic
def save_draft(*, answer_id: int, expected_version: int, draft: Draft, at: datetime) -> Answer:
    """Keep what the author has written; nothing is written where nothing changed.

    Raises Refused: "no_such_answer", "not_a_draft", "changed_meanwhile".
    """
    answer = locked_draft(answer_id, expected_version)
    given = _of(draft)
    if all(getattr(answer, name) == value for name, value in given.items()):
        return answer
    for name, value in given.items():
        setattr(answer, name, value)
    _save(answer, at, given)
    return answer


def attach_file(
    *, answer_id: int, expected_version: int, upload: Upload, by: str, at: datetime
) -> Answer:
    """Attach a file; its bytes are stored, durably, before its row is written.

    Raises Refused: "empty_file", "no_files_left", "files_too_large", "same_file",
    "store_unavailable", and what `save_draft` refuses.
    """
    if not upload.data:
        raise refusal("empty_file")
    if len(upload.data) > settings.ANSWER_FILES_BYTES:
        raise refusal("files_too_large")
    try:
        sha256 = blobs.store(upload.data)
    except BlobError as error:
        raise refusal("store_unavailable") from error
    media_type = sniff(upload.data, "")
    with transaction.atomic():
        answer = locked_draft(answer_id, expected_version)
        there = list(answer.files.all())
        if len(there) >= settings.ANSWER_FILES:
            raise refusal("no_files_left")
        if sum(each.size for each in there) + len(upload.data) > settings.ANSWER_FILES_BYTES:
            raise refusal("files_too_large")
        if any(each.sha256 == sha256 for each in there):
            raise refusal("same_file")
        file = AnswerFile.objects.create(
            answer=answer,
            filename=_name(upload.filename),
            media_type=media_type,
            size=len(upload.data),
            sha256=sha256,
            added_at=at,
        )
        answer.files_checked = False
        _save(answer, at, ["files_checked"])
        record(
            verb="registry.answer_file_attached",
            subject=f"answer:{answer.pk}",
            by=by,
            at=at,
            file=file.pk,
            sha256=sha256,
        )
    return answer


@transaction.atomic
def remove_file(
    *, answer_id: int, expected_version: int, file_id: int, by: str, at: datetime
) -> Answer:
    """Take a file off a draft; one that is not there is no error. Refuses as `save_draft`."""
    answer = locked_draft(answer_id, expected_version)
    if answer.files.filter(pk=file_id).delete()[0]:
        _save(answer, at, ())
        record(
            verb="registry.answer_file_removed",
            subject=f"answer:{answer.pk}",
            by=by,
            at=at,
            file=file_id,
        )
    return answer


@transaction.atomic
def discard_draft(*, answer_id: int, expected_version: int, by: str, at: datetime) -> None:
    """Throw a draft away, with its words and files. Refuses as `save_draft`."""
    answer = locked_draft(answer_id, expected_version)
    answer.files.all().delete()
    answer.state = AnswerState.DISCARDED
    answer.heading = answer.text = ""
    _save(answer, at, ["state", "heading", "text"])
    record(verb="registry.answer_discarded", subject=f"answer:{answer.pk}", by=by, at=at)


def locked_draft(
    answer_id: int, expected_version: int, state: AnswerState = AnswerState.DRAFT
) -> Answer:
    """The answer, locked, in the version and state that the person saw."""
    answer = Answer.objects.select_for_update(of=("self",)).filter(pk=answer_id).first()
    if answer is None:
        raise refusal("no_such_answer")
    if answer.state != state:
        raise refusal("not_a_draft" if state == AnswerState.DRAFT else "not_laid_before")
    if answer.version != expected_version:
        raise refusal("changed_meanwhile")
    return answer


def _of(draft: Draft) -> dict[str, object]:
    exempt = draft.access == Access.EXEMPT
    return {
        "party_id": draft.party_id,
        "channel": draft.channel if draft.channel in Channel.values else Channel.EMAIL,
        "language": draft.language,
        # A ready-made one may be too long when its slots are filled: it is kept to be shortened.
        "heading": " ".join(draft.heading.split())[:200],
        "text": draft.text.replace("\r\n", "\n").strip(),
        "promised_on": draft.promised_on,
        "access": draft.access,
        "legal_basis": draft.legal_basis.strip() if exempt else "",
        "files_checked": draft.files_checked,
    }


def _save(answer: Answer, at: datetime, fields: object) -> None:
    answer.version += 1
    answer.saved_at = at
    named = [name.removesuffix("_id") for name in fields]  # type: ignore[attr-defined]
    answer.save(update_fields=[*named, "version", "saved_at"])


def _name(filename: str) -> str:
    """The file's name without what could be a path or a header of its own."""
    plain = filename.replace("\\", "/").rpartition("/")[2]
    plain = "".join(char if char.isprintable() and char not in '"<>|:*?' else "-" for char in plain)
    stem, dot, ending = plain.strip(" .").rpartition(".")
    return f"{stem[:150]}{dot}{ending[:40]}" or "file"
