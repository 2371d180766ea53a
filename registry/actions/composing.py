"""What an answer says, and whether it may leave so: asked while one writes and as it leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from django.utils.text import format_lazy

from accounts.queries import municipality, names
from lib.jurisdictions import Profile, local_date, profile_for
from lib.refusal import Refused
from outbox.actions.queue import preview_letter
from outbox.rules.letters import Rendered, format_date
from registry import queries
from registry.actions.draft import Draft
from registry.actions.refusals import refusal, sentence
from registry.actions.sign_off import check_outstanding
from registry.models import Answer, Deadline, Entry
from registry.models.answer import AnswerKind, Channel
from registry.models.deadline import DeadlineState
from registry.rules import headings, outgoing, slots
from registry.rules.promise import PROMISED, may_promise
from registry.rules.titles import title_problem

# What a person writes or chooses, beside the party.
WRITTEN = (
    *("channel", "language", "heading", "text", "promised_on"),
    *("access", "legal_basis", "files_checked"),
)


def check_answer(answer: Answer, *, at: datetime) -> None:
    """Raise Refused unless an answer, read with its entry, is fit to leave as it stands.

    Codes: "no_recipient", "text_missing", "slots_left" (its sentence names them), those of
    `headings.heading_problem` and `title_problem`, "promise_missing", "promise_out_of_reach", and
    "may_not_leave": see `why_not_by_email`.
    """
    check_outstanding(answer.entry, answer.entry.case)
    party = answer.party
    if party is None or party.entry_id != answer.entry_id or party.until_version is not None:
        raise refusal("no_recipient")
    if not answer.text:
        raise refusal("text_missing")
    left = slots.slots(f"{answer.heading}\n{answer.text}")
    if left or slots.stray(answer.text):
        raise Refused("slots_left", format_lazy("{} {}", sentence("slots_left"), ", ".join(left)))
    if answer.kind == AnswerKind.ANSWER:
        _check_heading(answer)
    elif answer.promised_on is None:
        raise refusal("promise_missing")
    elif not may_promise(answer.promised_on, today=local_date(at, profile())):
        raise refusal("promise_out_of_reach")
    if answer.channel == Channel.EMAIL and why_not_by_email(answer) is not None:
        raise refusal("may_not_leave")


def draft_of(answer: Answer) -> Draft:
    """An answer as it stands, to be saved with changes."""
    return Draft(party_id=answer.party_id, **{name: getattr(answer, name) for name in WRITTEN})


def with_text(draft: Draft, heading: str, text: str) -> Draft:
    """The draft with another subject and text."""
    return replace(draft, heading=heading, text=text)


def why_not_by_email(answer: Answer) -> outgoing.Stopped | None:
    """Why an answer, read with its entry and party, may not leave by e-mail as it stands."""
    return outgoing.stopped(
        country=profile().country,
        access=answer.access,
        answered_access=(answer.entry.access, answer.entry.case.access),
        texts=(answer.heading, answer.text, *(file.filename for file in answer.files.all())),
        files=answer.files.count(),
        files_checked=answer.files_checked,
        address=answer.party.email if answer.party else "",
    )


def preview(answer: Answer) -> Rendered:
    """The letter as it would leave now. Raises Refused ("bad_letter") where too little is there."""
    return preview_letter(kind=answer.kind, language=answer.language, values=letter_values(answer))


def letter_values(answer: Answer) -> dict[str, str]:
    """The values of the letter's text, in its language; its number is the case's."""
    case = answer.entry.case
    if answer.kind == AnswerKind.INTERIM_REPLY:
        promised = answer.promised_on
        return {
            "ref": case.reference,
            # It stands within a sentence of the letter, which has its own full stop.
            "reason": answer.text.rstrip(" ."),
            "answer_by": format_date(promised, answer.language) if promised else "",
        }
    author = f"user:{answer.author_id}"
    return {
        "ref": case.reference,
        "heading": answer.heading,
        "written": answer.text,
        "author": names([author]).get(author, ""),
        "unit": case.unit.name,
    }


def four_eyes(entry: Entry) -> bool:
    """Whether unit or kind of document asks that a second person approves what leaves."""
    return bool(entry.case.unit.four_eyes or entry.document_type.four_eyes)


def slot_values(answer: Answer, *, at: datetime) -> Mapping[str, str]:
    """What the case can fill into the slots of a ready-made text, in the answer's language."""
    body, place, entry = municipality(), profile(), answer.entry
    case, language = entry.case, answer.language
    answer_by = (
        Deadline.objects.filter(
            entry=entry, kind__in=("answer", PROMISED), state=DeadlineState.OPEN
        )
        .order_by("-due_at")
        .first()
    )
    caseworker = case.caseworker.name if case.caseworker else ""
    return {
        "reference": case.reference,
        "party_name": answer.party.name if answer.party else "",
        "unit": case.unit.name,
        "caseworker": caseworker,
        "received_date": format_date(local_date(entry.arrived_at, place), language),
        "answer_by": format_date(answer_by.due_on, language) if answer_by else "",
        "today": format_date(local_date(at, place), language),
        "municipality": body.name if body else "",
        "phone": body.phone if body else "",
        "central_address": body.central_address if body else "",
        "postal_address": body.postal_address if body else "",
        "portal_address": body.portal_address if body else "",
    }


def fingerprint(answer: Answer, *, subject: str, text: str) -> str:
    """SHA-256 of all that a reader of the letter is shown: what it says, to whom, from whom, how,
    and the files that go with it. The day is not in it.
    """
    body, party = municipality(), answer.party
    shown = [
        *(subject, text, answer.language, answer.channel, answer.access, answer.legal_basis),
        *((body.name, body.postal_address, body.central_address) if body else ()),
        *((party.name, party.email, party.postal_address) if party else ()),
        *([each.filename, each.sha256] for each in answer.files.order_by("pk")),
    ]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _check_heading(answer: Answer) -> None:
    entry, case = answer.entry, answer.entry.case
    problem = headings.heading_problem(
        answer.heading,
        protected=[
            title
            for title, public in (
                (entry.title, entry.public_title),
                (case.title, case.public_title),
            )
            if title != public
        ],
        names=[party.name for party in queries.parties_of_entry(entry) if party.is_person],
    ) or title_problem(
        title=answer.heading,
        public_title=answer.heading,
        access=answer.access,
        legal_basis=answer.legal_basis,
    )
    if problem:
        raise refusal(problem)


def profile() -> Profile:
    body = municipality()
    if body is None:
        raise refusal("no_municipality")
    return profile_for(body.profile)


def sample_values(language: str) -> Mapping[str, str]:
    """Values of an invented case, to show what a ready-made text will look like."""
    body = municipality()
    day = format_date(date(2026, 3, 2), language)
    return {
        "reference": "2026/123",
        "party_name": "Ola Nordmann",
        "unit": body.name if body else "",
        "caseworker": "Kari Nordmann",
        "received_date": day,
        "answer_by": day,
        "today": day,
        "municipality": body.name if body else "",
        "phone": body.phone if body else "",
        "central_address": body.central_address if body else "",
        "postal_address": body.postal_address if body else "",
        "portal_address": body.portal_address if body else "",
    }
