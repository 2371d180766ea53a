"""The pages where one answers: what works, what is refused, and for whom there is nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Unit, User
from accounts.rules.roles import Role
from outbox.models import Letter, LetterRecipient
from registry.access.answers import people_who_read
from registry.actions.answer_text import word_answer_text
from registry.models import Answer, Comment, Entry, SignOff
from tests.registry.cast import Town


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"


@pytest.fixture
def entry(town: Town) -> Entry:
    return town.register(at=timezone.now())


def browser(town: Town, *roles: Role, unit: Unit | None = None, name: str = "") -> Client:
    user = town.user(*roles, unit=unit)
    if name:
        User.objects.filter(pk=user.pk).update(name=name)
    client = Client()
    client.force_login(user)
    client.user_id = user.pk  # type: ignore[attr-defined]
    return client


@pytest.fixture
def author(town: Town) -> Client:
    return browser(town, Role.CASEWORKER, unit=town.health)


def page(entry: Entry, name: str = "answer") -> str:
    return reverse(f"registry:{name}", args=[entry.pk])


def written(entry: Entry, do: str = "send", **changes: Any) -> dict[str, Any]:
    usual = {
        "do": do,
        "party": entry.parties.get().pk,
        "language": "nb",
        "heading": "Svar på søknaden din",
        "text": "Vi har fått søknaden.",
        "access": "unassessed",
        "legal_basis": "",
        "channel": "email",
        "version": 0,
        "sign_off": "",
    }
    return {**usual, **changes}


def approves(reader: Client, answer: int) -> dict[str, str]:
    """What the page that was read sends with the approval."""
    text = reader.get(reverse("registry:answer-approval", args=[answer])).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))
    return {"do": "approve", **fields}


def test_an_answer_is_written_kept_sent_and_undone_by_plain_forms(
    author: Client, entry: Entry
) -> None:
    empty = author.get(page(entry)).content.decode()
    assert "Svar på henvendelsen din" in empty
    # Nothing of the citizen's letter is quoted, and no case title is near.
    assert "støttekontakt" not in empty.lower()

    kept = author.post(page(entry), written(entry, "save", text="Et utkast."))
    assert kept.status_code == 302
    # After signing out and in again the words are there.
    author.logout()
    author.force_login(User.objects.get(pk=author.user_id))  # type: ignore[attr-defined]
    assert "Et utkast." in author.get(page(entry)).content.decode()

    sent = author.post(page(entry), written(entry, version=1))
    case = reverse("registry:case", args=[entry.case_id])
    assert sent.headers["Location"] == case
    letter = LetterRecipient.objects.get()
    assert (letter.address, letter.fate) == ("ola@example.net", "queued")
    shown = author.get(case).content.decode()
    answer = Answer.objects.get()
    assert reverse("registry:answer-undo", args=[answer.pk]) in shown
    assert "2026/1-2" in shown

    undone = author.post(reverse("registry:answer-undo", args=[answer.pk]))
    assert undone.headers["Location"] == page(entry)
    assert not SignOff.objects.filter(entry=entry).exists()
    assert "Vi har fått søknaden." in author.get(page(entry)).content.decode()
    # A second time there is nothing to undo, and the page says so instead of failing.
    assert author.post(reverse("registry:answer-undo", args=[answer.pk])).status_code == 302


def test_an_answer_sent_after_being_signed_out_is_a_draft_after_signing_in(
    author: Client, entry: Entry
) -> None:
    author.post(page(entry), written(entry, "save", text="Et utkast."))
    user = User.objects.get(pk=author.user_id)  # type: ignore[attr-defined]
    user.set_password("a long password")
    user.save()
    del author.cookies[settings.SESSION_COOKIE_NAME]

    def sign_in_again(version: int) -> str:
        lost = author.post(page(entry), written(entry, version=version, text="Alt på nytt."))
        assert lost.headers["Location"].startswith(reverse("sign-in"))
        form = {"username": user.email, "password": "a long password", "next": page(entry)}
        landed = author.post(reverse("sign-in"), form)
        return author.get(landed.headers["Location"], follow=True).content.decode()

    assert "Alt på nytt." in sign_in_again(1)
    answer = Answer.objects.get()
    # Nothing was sent that nobody has looked at again.
    assert (answer.text, answer.state, answer.version) == ("Alt på nytt.", "draft", 2)
    # Where a newer draft stands both are at hand: what was typed in the page, the other kept.
    del author.cookies[settings.SESSION_COOKIE_NAME]
    Answer.objects.update(text="Fra et annet vindu.", version=3)
    shown = sign_in_again(2)
    assert "Alt på nytt." in shown
    assert "error-summary" in shown
    assert Answer.objects.get().text == "Fra et annet vindu."


def test_what_is_kept_while_writing_comes_back_as_the_letter(author: Client, entry: Entry) -> None:
    first = author.post(page(entry, "answer-keep"), written(entry))
    text = first.content.decode()
    assert 'value="1"' in text
    assert "Svar på søknaden din – 2026/1" in text
    warned = author.post(
        page(entry, "answer-keep"), written(entry, text="Diagnosen din", version=1)
    ).content.decode()
    assert "data-stopped" in warned
    assert "eForvaltningsforskriften § 5" in warned
    # A second window that has not seen this keeps nothing.
    late = author.post(page(entry, "answer-keep"), written(entry, text="Eldre", version=1))
    assert late.status_code == 409
    assert Answer.objects.get().text == "Diagnosen din"


def test_a_refusal_keeps_the_words_and_says_why(author: Client, entry: Entry) -> None:
    refused = author.post(page(entry), written(entry, heading="Til Ola Nordmann"))
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "error-summary" in text
    assert "Til Ola Nordmann" in text
    assert not Letter.objects.exists()
    # What is shown can be sent after it was put right.
    assert author.post(page(entry), written(entry, version=1)).status_code == 302
    conflict = author.post(page(entry), written(entry, version=0))
    assert conflict.status_code == 409
    assert "Vi har fått søknaden." in conflict.content.decode()


def test_files_and_ready_made_texts_are_put_in_by_buttons(author: Client, entry: Entry) -> None:
    ready = word_answer_text(
        code="mottatt",
        language="nb",
        name="Mottatt",
        heading="Svar på søknaden din",
        text="Hei, ((party_name)).\n\nReferansen er ((reference)). ((vurdering))",
        is_active=True,
        by="user:1",
        at=timezone.now(),
    )
    author.post(page(entry), written(entry, "text", ready=ready.pk, text=""))
    answer = Answer.objects.get()
    assert answer.text == "Hei, Ola Nordmann.\n\nReferansen er 2026/1. ((vurdering))"
    refused = author.post(page(entry), written(entry, text=answer.text, version=answer.version))
    assert refused.status_code == 422
    assert "vurdering" in refused.content.decode()

    file = SimpleUploadedFile("../kart.pdf", b"%PDF-1.4 kart", content_type="text/html")
    author.post(page(entry), written(entry, "attach", version=answer.version, upload=file))
    kept = answer.files.get()
    # What it is, is told by its content; its name is no path.
    assert (kept.filename, kept.media_type) == ("kart.pdf", "application/pdf")
    answer.refresh_from_db()
    unchecked = author.post(page(entry), written(entry, version=answer.version))
    assert unchecked.status_code == 422
    answer.refresh_from_db()
    done = written(entry, version=answer.version, files_checked="on")
    assert author.post(page(entry), done).status_code == 302
    assert b"kart.pdf" in bytes(Letter.objects.get().raw)


def test_a_second_person_approves_or_returns_with_a_reason(
    town: Town, author: Client, entry: Entry
) -> None:
    leader = browser(town, Role.UNIT_LEADER, unit=town.health, name="Berit Leder")
    town.letter.four_eyes = True
    town.letter.save()
    assert author.post(page(entry), written(entry)).status_code == 422
    assert author.post(page(entry), written(entry, "ask", version=1)).status_code == 302
    answer = Answer.objects.get()
    url = reverse("registry:answer-approval", args=[answer.pk])
    assert author.get(url).status_code == 403
    assert "Vi har fått søknaden." in leader.get(url).content.decode()
    assert leader.post(url, {"do": "return", "version": 1, "reason": ""}).status_code == 422
    leader.post(url, {"do": "return", "version": 1, "reason": "Nevn fristen."})
    assert "Nevn fristen." in author.get(page(entry)).content.decode()
    author.post(page(entry), written(entry, "ask", version=1))
    read = approves(leader, answer.pk)
    assert leader.post(url, read).status_code == 302
    assert LetterRecipient.objects.count() == 1
    # Once more: it is done already, and says so.
    assert leader.post(url, read).status_code == 422
    assert LetterRecipient.objects.count() == 1


def test_by_letter_post_it_is_registered_and_shown_to_be_printed(
    author: Client, entry: Entry
) -> None:
    done = author.post(page(entry), written(entry, channel="post", text="Diagnosen er mottatt."))
    answer = Answer.objects.get()
    sheet = reverse("registry:answer-letter", args=[answer.pk])
    assert done.headers["Location"] == sheet
    text = author.get(sheet).content.decode()
    assert "Storgata 1" in text
    assert "Diagnosen er mottatt." in text
    assert not LetterRecipient.objects.exists()


def test_comments_are_for_those_who_read_the_case_and_mention_only_them(
    town: Town, author: Client, entry: Entry
) -> None:
    colleague = browser(town, Role.CASEWORKER, unit=town.health, name="Linh Nguyen")
    stranger = browser(town, Role.CASEWORKER, unit=town.roads, name="Jon Kvamme")
    url = reverse("registry:case-comment", args=[entry.case_id])
    case = reverse("registry:case", args=[entry.case_id])
    author.post(url, {"text": "Se på denne, @Linh Nguyen og @Jon Kvamme.", "mention": ""})
    comment = Comment.objects.get()
    assert [each.user_id for each in comment.mentions.all()] == [colleague.user_id]  # type: ignore[attr-defined]
    assert "Se på denne" in colleague.get(case).content.decode()
    assert stranger.get(case).status_code == 404
    # The colleague is told the number and nothing else.
    notice = Letter.objects.get(kind="notice_mention")
    assert "2026/1" in notice.text
    assert "Se på" not in notice.text
    chosen = {"text": "Og du?", "mention": stranger.user_id}  # type: ignore[attr-defined]
    author.post(url, chosen)
    author.post(url, {"text": " ", "mention": ""})
    assert Comment.objects.count() == 1


def test_who_may_be_mentioned_is_asked_at_once_for_however_many(town: Town, entry: Entry) -> None:
    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            found = people_who_read(entry.case)
        return len(found), len(queries)

    town.user(Role.CASEWORKER, unit=town.health)
    asked()  # what is kept for some seconds is there now
    assert asked()[0] == 1
    before = asked()[1]
    for _each in range(3):
        town.user(Role.CASEWORKER, unit=town.health)
    assert asked() == (4, before)


def test_strangers_find_nothing_and_readers_do_not_write(
    town: Town, author: Client, entry: Entry
) -> None:
    author.post(page(entry), written(entry, "save"))
    answer = Answer.objects.get().pk
    elsewhere = browser(town, Role.CASEWORKER, Role.UNIT_LEADER, unit=town.roads)
    nobody = browser(town, Role.OFFICIAL)
    urls = [
        page(entry),
        page(entry, "interim-reply"),
        reverse("registry:answer-letter", args=[answer]),
        reverse("registry:answer-approval", args=[answer]),
    ]
    posts = [
        page(entry, "answer-keep"),
        page(entry, "interim-reply-keep"),
        reverse("registry:answer-undo", args=[answer]),
        reverse("registry:case-comment", args=[entry.case_id]),
    ]
    assert {elsewhere.get(url).status_code for url in urls} == {404}
    assert {elsewhere.post(url).status_code for url in posts} == {404}
    assert {nobody.get(url).status_code for url in urls} == {403}
    assert {nobody.post(url).status_code for url in posts} == {403}
    assert {author.get(url).status_code for url in posts} == {405}
    assert Client().get(urls[0]).status_code == 302


def test_a_new_caseworker_is_told_the_number_alone(
    town: Town, author: Client, entry: Entry
) -> None:
    colleague = town.user(Role.CASEWORKER, unit=town.health)
    author.post(
        reverse("registry:case-assign", args=[entry.case_id]),
        {"unit": town.health.pk, "caseworker": colleague.pk},
    )
    notice = Letter.objects.get(kind="notice_assigned")
    assert notice.recipients.get().address == colleague.email
    assert "2026/1" in notice.text
    assert "Støttekontakt" not in notice.text


def test_only_what_has_been_sent_is_shown_to_be_printed(author: Client, entry: Entry) -> None:
    author.post(page(entry), written(entry, "save", channel="post"))
    sheet = reverse("registry:answer-letter", args=[Answer.objects.get().pk])
    case = reverse("registry:case", args=[entry.case_id])
    assert author.get(sheet).headers["Location"] == case
    author.post(page(entry), written(entry, channel="post", version=1))
    assert author.get(sheet).status_code == 200
    # Whoever has not printed it at once finds it in the case.
    assert sheet in author.get(case).content.decode()


def test_whoever_approves_a_letter_for_the_post_is_shown_it_to_be_printed(
    town: Town, author: Client, entry: Entry
) -> None:
    author.post(page(entry), written(entry, "ask", channel="post"))
    leader = browser(town, Role.UNIT_LEADER, unit=town.health)
    answer = Answer.objects.get().pk
    url = reverse("registry:answer-approval", args=[answer])
    case = reverse("registry:case", args=[entry.case_id])
    assert url in leader.get(case).content.decode()
    # Its author may not approve it, and is not led there.
    assert url not in author.get(case).content.decode()
    assert leader.post(url, {"do": "approve", "version": "x", "sign_off": "²"}).status_code == 422
    done = leader.post(url, approves(leader, answer))
    assert done.headers["Location"] == reverse("registry:answer-letter", args=[answer])


def test_a_number_that_is_none_removes_no_file(author: Client, entry: Entry) -> None:
    author.post(page(entry), written(entry, "save"))
    answered = author.post(page(entry), written(entry, "remove:²", version=1))
    assert answered.status_code == 302
