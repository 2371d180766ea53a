"""Four eyes: whoever approves has seen all that leaves, and nothing else leaves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Municipality, User
from accounts.rules.roles import Role
from ledger.models import Event
from lib import blobs
from lib.recent import forget_everything
from outbox.actions.word import word_letter
from outbox.models import Letter, LetterRecipient
from registry.actions.correct import EntryDescription, correct_entry
from registry.actions.post import PostParty
from registry.actions.refusals import refusal
from registry.models import Answer, Document, Entry
from tests.lib.pictures.files import page as pdf_page
from tests.registry.cast import Town
from tests.registry.test_answer_pages import approves, browser, page, written

PDF = pdf_page(b"1 0 0 rg 0 0 100 200 re f", count=2)
SCRIPT = b"<script>alert(document.cookie)</script>"


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.PREVIEW_DIR = tmp_path / "previews"


@pytest.fixture
def entry(town: Town) -> Entry:
    town.health.four_eyes = True
    town.health.save()
    return town.register(at=timezone.now())


@pytest.fixture
def author(town: Town) -> Client:
    return browser(town, Role.CASEWORKER, unit=town.health)


@pytest.fixture
def leader(town: Town) -> Client:
    return browser(town, Role.UNIT_LEADER, unit=town.health)


def attach(author: Client, entry: Entry, name: str, data: bytes, **changes: Any) -> Answer:
    found = Answer.objects.first()
    form = written(entry, "attach", version=found.version if found else 0, **changes)
    author.post(page(entry), {**form, "upload": SimpleUploadedFile(name, data)})
    return Answer.objects.get()


def lay_before(author: Client, entry: Entry, **changes: Any) -> Answer:
    """Ask for approval of what there is."""
    found = Answer.objects.first()
    version = found.version if found else 0
    asked = written(entry, "ask", version=version, files_checked="on", **changes)
    assert author.post(page(entry), asked).status_code == 302
    return Answer.objects.get()


def approval(answer: Answer) -> str:
    return reverse("registry:answer-approval", args=[answer.pk])


def test_whoever_approves_opens_the_attachments_that_would_leave(
    town: Town, author: Client, leader: Client, entry: Entry
) -> None:
    attach(author, entry, "kart.pdf", PDF)
    answer = attach(author, entry, "side.html", SCRIPT)
    pdf, script = answer.files.order_by("pk")
    files = [reverse("registry:answer-file", args=[answer.pk, each.pk]) for each in (pdf, script)]
    preview = reverse("registry:answer-file-preview", args=[answer.pk, pdf.pk])
    picture = reverse("registry:answer-file-image", args=[answer.pk, pdf.pk, 2])
    # A draft that is laid before nobody is its author's.
    shown = author.get(page(entry)).content.decode()
    assert all(url in shown for url in (*files, preview))
    assert author.get(files[0]).content == PDF
    assert {leader.get(url).status_code for url in (*files, preview, picture)} == {403}
    assert "Vi har fått søknaden." not in leader.get(approval(answer)).content.decode()

    lay_before(author, entry)
    shown = leader.get(approval(answer)).content.decode()
    assert all(url in shown for url in (*files, preview))
    assert reverse("registry:answer-file-preview", args=[answer.pk, script.pk]) not in shown
    assert leader.get(files[0]).content == PDF
    opened = leader.get(files[1])
    assert opened.content == SCRIPT
    assert opened["Content-Type"] == "application/octet-stream"
    assert opened["Content-Disposition"] == 'attachment; filename="side.html"'
    assert opened["X-Content-Type-Options"] == "nosniff"
    assert opened["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert opened["Cache-Control"] == "no-store"
    assert "2" in leader.get(f"{preview}?page=2").content.decode()
    assert leader.get(picture).content[8:12] == b"WEBP"
    events = Event.objects.filter(verb="registry.answer_file_read").order_by("pk")
    assert [(each.actor, each.subject) for each in events][-3:] == [
        (User.objects.get(pk=leader.user_id).actor, f"answer:{answer.pk}")  # type: ignore[attr-defined]
    ] * 3

    # A colleague who reads the case reads what was sent, and not what is being written.
    colleague = browser(town, Role.CASEWORKER, unit=town.health)
    stranger = browser(town, Role.CASEWORKER, Role.UNIT_LEADER, unit=town.roads)
    assert {colleague.get(url).status_code for url in (*files, preview, picture)} == {403}
    assert {stranger.get(url).status_code for url in (*files, preview, picture)} == {404}
    # Files of another answer are none of this one.
    other = browser(town, Role.CASEWORKER, unit=town.health)
    other.post(page(entry), written(entry, "save"))
    another = Answer.objects.latest("pk")
    assert other.get(reverse("registry:answer-file", args=[another.pk, pdf.pk])).status_code == 404


def test_what_was_read_is_what_leaves_or_nothing_does(
    town: Town, author: Client, leader: Client, entry: Entry
) -> None:
    attach(author, entry, "kart.pdf", PDF)
    answer = lay_before(author, entry)
    seen = leader.get(approval(answer)).content.decode()
    for words in ("Svar på søknaden din – 2026/1", "ola@example.net", "post@nn.example", "Helse"):
        assert words in seen
    was_read = approves(leader, answer.pk)

    def refused(form: dict[str, str]) -> bool:
        answered = leader.post(approval(answer), form)
        assert not LetterRecipient.objects.exists()
        return answered.status_code == 422

    # While it waits nobody changes it.
    assert author.post(page(entry), written(entry, "save", text="Nei.")).status_code == 422
    more = SimpleUploadedFile("mer.pdf", b"%PDF-1.4 mer")
    version = answer.version
    changed = {**written(entry, "attach", version=version), "upload": more}
    assert author.post(page(entry), changed).status_code == 422
    assert answer.files.count() == 1
    # Taken back, changed and laid before again: the page that was read is too old.
    author.post(page(entry), {"do": "take-back"})
    attach(author, entry, "mer.pdf", b"%PDF-1.4 mer")
    lay_before(author, entry)
    assert refused(was_read)

    # Nor is the letter another one because what stands around its words has changed.
    was_read = approves(leader, answer.pk)
    Municipality.objects.update(phone="99 99 99 99")
    forget_everything()
    assert refused(was_read)
    was_read = approves(leader, answer.pk)
    User.objects.filter(pk=author.user_id).update(name="En Annen")  # type: ignore[attr-defined]
    assert refused(was_read)
    was_read = approves(leader, answer.pk)
    word_letter(
        kind="answer",
        language="nb",
        text="Subject: {heading} – {ref}\n\n{written}\n\nHei hei.",
        by="user:1",
        at=timezone.now(),
    )
    assert refused(was_read)
    assert refused({**approves(leader, answer.pk), "letter": ""})

    # What the refusal's page shows can be approved, and leaves as it was shown.
    again = leader.post(approval(answer), was_read).content.decode()
    assert "Hei hei." in again
    assert leader.post(approval(answer), approves(leader, answer.pk)).status_code == 302
    letter = Letter.objects.get(kind="answer")
    assert "Hei hei." in letter.text
    sent = Document.objects.filter(entry__direction="outgoing").order_by("number")
    assert [each.filename for each in sent] == ["", "kart.pdf", "mer.pdf"]
    assert b"mer.pdf" in bytes(letter.raw)


def test_an_address_that_was_corrected_meanwhile_gets_nothing(
    author: Client, leader: Client, entry: Entry
) -> None:
    answer = lay_before(author, entry)
    was_read = approves(leader, answer.pk)
    correct_entry(
        entry_id=entry.pk,
        expected_version=1,
        description=EntryDescription(
            title=entry.title,
            public_title=entry.public_title,
            access=entry.access,
            legal_basis="",
            document_type_id=entry.document_type_id,
            document_on=None,
            parties=(PostParty("sender", "Ola Nordmann", "ola@elsewhere.example", "", True),),
        ),
        reason="Feil adresse",
        by="user:1",
        at=timezone.now(),
    )
    assert leader.post(approval(answer), was_read).status_code == 422
    assert not LetterRecipient.objects.exists()


def test_a_printed_letter_is_the_one_that_was_registered_whatever_changes_afterwards(
    town: Town, author: Client, leader: Client, entry: Entry
) -> None:
    attach(author, entry, "vedlegg.pdf", PDF, channel="post", text="Diagnosen er mottatt. <b>")
    answer = lay_before(author, entry, channel="post", text="Diagnosen er mottatt. <b>")
    for words in ("NN kommune", "Postboks 1, 0001 NN", "Storgata 1", "Diagnosen er mottatt."):
        assert words in leader.get(approval(answer)).content.decode()
    done = leader.post(approval(answer), approves(leader, answer.pk))
    sheet = reverse("registry:answer-letter", args=[answer.pk])
    assert done["Location"] == sheet

    def on_paper() -> str:
        text = author.get(sheet).content.decode()
        found = re.search(r'<article class="sheet".*</article>', text, re.DOTALL)
        assert found is not None
        return found[0]

    printed = on_paper()
    for words in (
        *("NN kommune", "Postboks 1, 0001 NN", "Ola Nordmann", "Storgata 1"),
        *("Svar på søknaden din – 2026/1", "Diagnosen er mottatt. &lt;b&gt;", "12 34 56 78"),
        f"{timezone.localdate():%Y}",
    ):
        assert words in printed
    Municipality.objects.update(name="Ny kommune", postal_address="Ny boks", phone="99 99 99 99")
    User.objects.update(name="En Annen")
    forget_everything()
    word_letter(
        kind="answer",
        language="nb",
        text="Subject: {heading} – {ref}\n\n{written}\n\nHei hei.",
        by="user:1",
        at=timezone.now(),
    )
    assert on_paper() == printed
    # It is the document that the record holds, byte for byte, and looking at it leaves a trace.
    main, attached = Document.objects.filter(entry__direction="outgoing").order_by("number")
    stored = author.get(reverse("registry:document", args=[main.pk])).content.decode()
    assert "Diagnosen er mottatt. &lt;b&gt;" in stored
    assert "Ny kommune" not in stored
    looked = Event.objects.filter(verb="registry.document_read", subject=f"document:{main.pk}")
    assert looked.count() == 3
    # What has to be printed beside it is at hand.
    assert reverse("registry:document", args=[attached.pk]) in author.get(sheet).content.decode()
    blobs.path(main.sha256).unlink()  # type: ignore[union-attr]
    lost = author.get(sheet, follow=True)
    assert str(refusal("not_in_store")) in lost.content.decode()


def test_a_letter_that_is_protected_is_not_read_by_who_may_only_read_what_it_answers(
    town: Town, author: Client, leader: Client
) -> None:
    entry = town.register(at=timezone.now(), access="open")
    town.health.four_eyes = True
    town.health.save()
    # A secretary approves for all units, and reads what is protected in none.
    secretary = browser(town, Role.SECRETARY, unit=town.roads)
    answer = lay_before(
        author, entry, access="exempt", legal_basis="offl. § 13, jf. fvl. § 13", channel="post"
    )
    assert secretary.get(approval(answer)).status_code == 403
    assert approval(answer) not in secretary.get(reverse("registry:my-work")).content.decode()
    assert leader.post(approval(answer), approves(leader, answer.pk)).status_code == 302
    answer.refresh_from_db()
    assert answer.sent_entry is not None
    document = reverse("registry:document", args=[answer.sent_entry.documents.get().pk])
    sheet = reverse("registry:answer-letter", args=[answer.pk])
    assert {author.get(sheet).status_code, leader.get(sheet).status_code} == {200}
    for url in (document, sheet, approval(answer)):
        assert secretary.get(url).status_code == 403
    case = secretary.get(reverse("registry:case", args=[entry.case_id])).content.decode()
    assert sheet not in case
