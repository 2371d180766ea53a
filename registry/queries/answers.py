"""Questions about what is written in a case: drafts, approval, ready-made texts, comments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from registry.models import (
    Answer,
    AnswerFile,
    AnswerStep,
    AnswerText,
    Case,
    Comment,
    Document,
    Entry,
    Mention,
    SignOff,
)
from registry.models.answer import OPEN, AnswerState, Channel, Step
from registry.models.entry import Direction, EntryStatus


def _answers() -> QuerySet[Answer]:
    return Answer.objects.select_related(
        "party", "author", "entry__document_type", "entry__case__unit", "entry__case__caseworker"
    )


def answer_with_all(answer_id: int) -> Answer | None:
    """An answer with its author, its party, and the entry and case that it is about."""
    return _answers().filter(pk=answer_id).first()


def file_of(answer: Answer, file_id: int) -> AnswerFile | None:
    """A file that goes with an answer."""
    return answer.files.filter(pk=file_id).first()


def own_answer(entry: Entry, user_id: int, kind: str) -> Answer | None:
    """What a person is writing in answer to an entry, or has laid before somebody."""
    return _answers().filter(entry=entry, author=user_id, kind=kind, state__in=OPEN).first()


def sign_off_of(entry: Entry) -> SignOff | None:
    """How an entry was written off, if it was."""
    return SignOff.objects.select_related("answer").filter(entry=entry).first()


def last_sent(case: Case, *, by: str, since: datetime) -> Answer | None:
    """What the person has sent in the case after an instant, the newest."""
    sent = _answers().filter(entry__case=case, state=AnswerState.SENT, sent_by=by)
    return sent.filter(sent_at__gt=since).order_by("-sent_at").first()


def open_answers(case: Case) -> list[Answer]:
    """Drafts in a case and what waits for approval in it, the oldest first."""
    return list(_answers().filter(entry__case=case, state__in=OPEN).order_by("started_at"))


def posted_letters(case: Case) -> dict[int, int]:
    """What is sent from a case by letter post: the outgoing entry, and the answer it was."""
    sent = Answer.objects.filter(
        entry__case=case, state=AnswerState.SENT, channel=Channel.POST, sent_entry__isnull=False
    )
    return dict(sent.values_list("sent_entry", "pk"))


def documents_sent(answer: Answer) -> list[Document]:
    """What the record holds of an answer that was sent: the letter first, then its attachments."""
    sent = Document.objects.select_related("entry").filter(entry=answer.sent_entry_id)
    return list(sent.order_by("number"))


def last_return(answer: Answer) -> AnswerStep | None:
    """The reason for which an answer was given back, until it is laid before somebody again."""
    last = answer.steps.order_by("-pk").first()
    return last if last is not None and last.step == Step.RETURNED else None


def answers_waiting() -> QuerySet[Answer]:
    """Answers that wait for a second person, the longest waiting first."""
    return _answers().filter(state=AnswerState.WAITING).order_by("saved_at")


def answers_returned(user_id: int) -> list[Answer]:
    """Drafts of a person that were given back to be changed."""
    drafts = _answers().filter(author=user_id, state=AnswerState.DRAFT, steps__step=Step.RETURNED)
    return [each for each in drafts.distinct().order_by("saved_at") if last_return(each)]


def answers_asked(user_id: int) -> list[Answer]:
    """What a person has laid before somebody else and waits for, the longest waiting first."""
    return list(answers_waiting().filter(author=user_id))


def mentions_of(people: Collection[int], *, since: datetime) -> list[Mention]:
    """Where these people were mentioned since then, the newest first; twenty at most."""
    return list(
        Mention.objects.filter(user__in=people, comment__made_at__gte=since)
        .select_related("comment__case__unit", "user")
        .order_by("-comment__made_at", "-pk")[:20]
    )


def thread_of(entry: Entry) -> str:
    """The Message-ID of the mail that an entry is, as its acknowledgement answered it; or ""."""
    found = entry.acknowledgements.filter(letter__isnull=False).order_by("-pk")
    return found.values_list("letter__in_reply_to", flat=True).first() or ""


def language_of(entry: Entry) -> str:
    """The language in which the sender was written to before; "" when nobody has."""
    found = entry.acknowledgements.filter(letter__isnull=False).order_by("-pk")
    return found.values_list("letter__language", flat=True).first() or ""


def answer_texts() -> list[AnswerText]:
    """The newest version of each ready-made text that is in use, by name and language."""
    newest = AnswerText.objects.order_by("code", "language", "-version").distinct(
        "code", "language"
    )
    return sorted(
        (each for each in newest if each.is_active), key=lambda text: (text.name, text.language)
    )


def comments_of_case(case: Case) -> list[Comment]:
    """Internal comments on a case, oldest first, with the people they mention."""
    return list(case.comments.prefetch_related("mentions__user").order_by("made_at", "pk"))


def letters_of_case(case_id: int) -> list[Entry]:
    """Outgoing entries of a case that stand, the newest first."""
    out = Entry.objects.filter(
        case=case_id, direction=Direction.OUTGOING, status=EntryStatus.REGISTERED
    )
    return list(out.order_by("-document"))
