"""Answering from a case: the page where one writes, what is kept meanwhile, approval, undo."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import requires
from accounts.queries import municipality
from accounts.rules.roles import Task
from lib.asked import whole_number
from lib.refusal import Refused
from lib.typed import keeps_typed, taken
from registry import queries
from registry.access import answers as access
from registry.actions import composing
from registry.actions.answer import send_answer, undo_answer
from registry.actions.approve import approve, ask_approval, return_answer, take_back
from registry.actions.draft import (
    Upload,
    attach_file,
    begin_draft,
    discard_draft,
    remove_file,
    save_draft,
)
from registry.actions.note_reading import note_reading
from registry.actions.refusals import refusal as refused
from registry.actions.sheet import sheet
from registry.forms import ReasonForm
from registry.forms.answers import AnswerForm, InterimReplyForm
from registry.models import Answer, Entry
from registry.models.answer import AnswerKind, AnswerState, Channel
from registry.queries import answers
from registry.rules import headings, paper, slots
from registry.views import answer_files
from registry.views.acting import act_on, stamp
from registry.views.documents import content

_FORMS = {AnswerKind.ANSWER: AnswerForm, AnswerKind.INTERIM_REPLY: InterimReplyForm}


@keeps_typed
@require_http_methods(["GET", "POST"])
@requires(Task.ANSWER)
def answer(request: HttpRequest, entry_id: int, kind: str = AnswerKind.ANSWER) -> HttpResponse:
    """Write an answer or an interim reply; every button keeps what is written first."""
    entry = access.entry_to_answer(request.user, entry_id)
    found = answers.own_answer(entry, _own_id(request), kind)
    if request.POST.get("do") == "take-back" and found is not None:
        pk, version = found.pk, found.version
        return act_on(
            request,
            entry.case,
            lambda who: take_back(answer_id=pk, expected_version=version, **who),
            done=_("It is a draft again."),
        )
    before = taken(request) if request.method == "GET" else None
    if before is not None:
        return _take_up(request, entry, kind, found, _FORMS[AnswerKind(kind)](before, entry=entry))
    if request.method == "GET":
        form = _FORMS[AnswerKind(kind)](initial=_initial(entry, found), entry=entry)
        return _page(request, entry, kind, found, form)
    form = _FORMS[AnswerKind(kind)](request.POST, request.FILES, entry=entry)
    if not form.is_valid():
        return _page(request, entry, kind, found, form, status=422)
    try:
        found = _keep(request, entry, kind, form)
        return _do(request, entry, found, form)
    except Refused as error:
        found = answers.own_answer(entry, _own_id(request), kind)
        conflict = error.code in {"changed_meanwhile", "answered_meanwhile"}
        if not conflict and found is not None:
            # It has been kept: what is sent next builds on that.
            form.data = {**form.data.dict(), "version": str(found.version)}  # type: ignore[attr-defined]
        status = 409 if conflict else 422
        return _page(request, entry, kind, found, form, refusal=error, status=status)


@require_POST
@requires(Task.ANSWER)
def keep(request: HttpRequest, entry_id: int, kind: str = AnswerKind.ANSWER) -> HttpResponse:
    """Keep the draft while its author writes, and show the letter as it would leave."""
    entry = access.entry_to_answer(request.user, entry_id)
    form = _FORMS[AnswerKind(kind)](request.POST, entry=entry)
    refusal: Refused | None = None
    found = None
    if form.is_valid():
        try:
            found = _keep(request, entry, kind, form)
        except Refused as error:
            refusal = error
    context = {"refusal": refusal, "is_fragment": True, **_seen(found)}
    return render(request, "registry/_letter.html", context, status=409 if refusal else 200)


@require_POST
@requires(Task.ANSWER)
def undo(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Take back what was just sent; it is a draft again."""
    found = access.answer_for(request.user, answer_id)
    access.entry_to_answer(request.user, found.entry_id)
    try:
        undo_answer(answer_id=found.pk, **stamp(request))
    except Refused as error:
        messages.error(request, str(error))
        return redirect("registry:case", found.entry.case_id)
    messages.success(request, _("Undone. Nothing was sent; the number stays, void."))
    if found.author_id == request.user.pk:
        return redirect(f"registry:{found.kind.replace('_', '-')}", found.entry_id)
    return redirect("registry:case", found.entry.case_id)


@require_http_methods(["GET", "POST"])
@requires(Task.APPROVE)
def approval(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Read what somebody else has written; let it leave, or give it back with a reason."""
    found = access.answer_for(request.user, answer_id)
    if not access.may_approve(request.user, found):
        raise PermissionDenied
    form = ReasonForm(request.POST if request.POST.get("do") == "return" else None)
    refusal: Refused | None = None
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        version = whole_number(request.POST.get("version", "")) or 0
        try:
            if form.is_bound:
                return_answer(
                    answer_id=found.pk,
                    expected_version=version,
                    reason=form.cleaned_data["reason"],
                    **stamp(request),
                )
                messages.success(request, _("Returned to its author."))
            else:
                approve(
                    answer_id=found.pk,
                    expected_version=version,
                    expected_letter=request.POST.get("letter", ""),
                    expected_sign_off=whole_number(request.POST.get("sign_off", "")) or None,
                    **stamp(request),
                )
                if found.channel == Channel.POST:
                    return redirect("registry:answer-letter", found.pk)
                messages.success(request, _("Approved. The letter is registered and leaves."))
            return redirect("registry:case", found.entry.case_id)
        except Refused as error:
            refusal = error
        found = access.answer_for(request.user, answer_id)
    is_laid_before = found.state in access.LAID_BEFORE
    context = {
        "case": found.entry.case,
        "body": municipality(),
        "form": form,
        "refusal": refusal,
        "sign_off": _sign_off(found.entry),
        **_seen(found if is_laid_before else None),
        "answer": found,
        "is_laid_before": is_laid_before,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "registry/approval.html", context, status=status)


@require_GET
@requires(Task.READ_CASES)
def letter(request: HttpRequest, answer_id: int) -> HttpResponse:
    """The letter on a sheet, to be printed and posted; not before it has been sent.

    It is the one that was stored and registered then, whatever a letterhead has become since.
    """
    found = access.answer_for(request.user, answer_id)
    if found.state != AnswerState.SENT or not found.is_posted:
        messages.error(request, str(refused("not_sent")))
        return redirect("registry:case", found.entry.case_id)
    document, *attachments = answers.documents_sent(found)
    stored = content(document)
    if stored is None:
        messages.error(request, str(refused("not_in_store")))
        return redirect("registry:case", found.entry.case_id)
    who = stamp(request)
    note_reading(document_id=document.pk, entry_id=document.entry_id, **who)
    context = {
        "case": found.entry.case,
        "answer": found,
        "sheet": paper.blocks(stored.decode()),
        "attachments": attachments,
    }
    return render(request, "registry/letter_sheet.html", context)


def _own_id(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _take_up(
    request: HttpRequest, entry: Entry, kind: str, found: Answer | None, form: AnswerForm
) -> HttpResponse:
    """Keep what was typed before the person had to sign in again, and go on writing."""
    refusal: Refused | None = None
    if form.is_valid():
        try:
            _keep(request, entry, kind, form)
        except Refused as error:
            refusal = error
        else:
            return redirect(request.path)
    return _page(request, entry, kind, found, form, refusal=refusal)


def _keep(request: HttpRequest, entry: Entry, kind: str, form: AnswerForm) -> Answer:
    draft, who = form.draft(), stamp(request)
    version = form.cleaned_data["version"]
    if not version:
        begun = begin_draft(
            entry_id=entry.pk, kind=kind, author_id=_own_id(request), draft=draft, **who
        )
        version, pk = 1, begun.pk
    else:
        standing = answers.own_answer(entry, _own_id(request), kind)
        pk = standing.pk if standing else 0
    saved = save_draft(answer_id=pk, expected_version=version, draft=draft, at=who["at"])
    return answers.answer_with_all(saved.pk) or saved


def _do(request: HttpRequest, entry: Entry, found: Answer, form: AnswerForm) -> HttpResponse:
    """What the button asked for, after the draft was kept."""
    which, _colon, value = request.POST.get("do", "save").partition(":")
    who = stamp(request)
    seen: dict[str, Any] = {"answer_id": found.pk, "expected_version": found.version, **who}
    again = redirect(request.path)
    upload = form.cleaned_data.get("upload")
    if upload is not None:
        # One byte more than is allowed tells that it is too much.
        data = upload.read(settings.ANSWER_FILES_BYTES + 1)
        attach_file(upload=Upload(upload.name, data), **seen)
        return again
    match which:
        case "remove":
            remove_file(file_id=whole_number(value) or 0, **seen)
            return again
        case "text":
            _put_text(found, request.POST.get("ready", ""), who["at"])
            return again
        case "discard":
            discard_draft(**seen)
            messages.success(request, _("The draft is discarded."))
        case "ask":
            ask_approval(**seen)
            messages.success(request, _("It waits for approval by somebody else."))
        case "send":
            send_answer(expected_sign_off=form.cleaned_data["sign_off"], **seen)
            if found.channel == Channel.POST:
                return redirect("registry:answer-letter", found.pk)
        case _:
            messages.success(request, _("The draft is kept."))
            return again
    return redirect("registry:case", entry.case_id)


def _put_text(found: Answer, chosen: str, at: Any) -> None:
    """Put a ready-made text after what is written, with what the case knows filled in."""
    text = next((each for each in answers.answer_texts() if str(each.pk) == chosen), None)
    if text is None:
        return
    found.language = text.language
    values = composing.slot_values(found, at=at)
    draft = composing.draft_of(found)
    written = f"{found.text}\n\n{slots.fill(text.text, values)}".strip()
    save_draft(
        answer_id=found.pk,
        expected_version=found.version,
        draft=composing.with_text(draft, slots.fill(text.heading, values), written),
        at=at,
    )


def _initial(entry: Entry, found: Answer | None) -> dict[str, Any]:
    signed = _sign_off(entry)
    if found is not None:
        written = {name: getattr(found, name) for name in composing.WRITTEN}
        return {**written, "party": found.party_id, "version": found.version, "sign_off": signed}
    parties = queries.parties_of_entry(entry)
    sender = next((each for each in parties if each.role == "sender"), None)
    body = municipality()
    language = answers.language_of(entry) or (body.default_language if body else get_language())
    exempt = "exempt" in (entry.access, entry.case.access)
    by_email = sender is not None and sender.email and not exempt
    return {
        "party": sender.pk if sender else None,
        "language": language,
        "heading": headings.USUAL.get(str(language), ""),
        "access": "exempt" if exempt else entry.access,
        "legal_basis": (entry.legal_basis or entry.case.legal_basis) if exempt else "",
        "channel": Channel.EMAIL if by_email else Channel.POST,
        "version": 0,
        "sign_off": signed,
    }


def _sign_off(entry: Entry) -> int | None:
    signed = answers.sign_off_of(entry)
    return signed.pk if signed else None


def _seen(found: Answer | None) -> dict[str, Any]:
    """An answer with the letter as it would leave, and why it may not leave by e-mail."""
    if found is None:
        return {"answer": None, "letter": None, "stopped": None, "files": []}
    printed: tuple[paper.Block, ...] = ()
    rendered, read = None, ""
    if found.text:
        try:
            rendered = composing.preview(found)
            read = composing.fingerprint(found, subject=rendered.subject, text=rendered.text)
            if found.is_posted:
                printed = paper.blocks(sheet(found, rendered, at=timezone.now()))
        except Refused:
            rendered = None
    return {
        "answer": found,
        "letter": rendered,
        "sheet": printed,
        "fingerprint": read,
        "stopped": composing.why_not_by_email(found),
        "files": answer_files.shown(found),
    }


def _page(
    request: HttpRequest,
    entry: Entry,
    kind: str,
    found: Answer | None,
    form: AnswerForm,
    *,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    others = [
        each for each in answers.open_answers(entry.case) if each.author_id != request.user.pk
    ]
    context = {
        "case": entry.case,
        "entry": entry,
        "kind": kind,
        "form": form,
        "refusal": refusal,
        "waits": found is not None and found.state == AnswerState.WAITING,
        "returned": answers.last_return(found) if found else None,
        "others": others,
        "signed": answers.sign_off_of(entry),
        "ready": answers.answer_texts() if kind == AnswerKind.ANSWER else [],
        "four_eyes": composing.four_eyes(entry),
        "keep_url": f"registry:{kind.replace('_', '-')}-keep",
        **_seen(found),
    }
    return render(request, "registry/answer.html", context, status=status)
