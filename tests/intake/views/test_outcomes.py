"""The pages of what else becomes of a message: misdirected."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from intake.actions.set_up import set_up_body
from outbox.models import Letter, LetterRecipient
from registry.actions.set_up import set_up_records_plan_item
from registry.models import Case, Entry, Notice


@pytest.fixture
def nav(office):
    return set_up_body(
        name="NAV", email="post@nav.example", postal_address="Postboks 1", words=("dagpeng",)
    )


def at(message, name="misdirected"):
    return reverse(f"intake:{name}", args=[message.pk])


def test_the_right_body_is_proposed_with_its_reason_and_its_letter_is_shown(office, registrar, nav):
    set_up_body(name="Skatteetaten", email="", postal_address="Postboks 2", words=("skattekort",))
    message = office.mail("Dagpengene mine")
    text = registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    assert f'href="{at(message)}"' in text
    assert 'data-key="m"' in text
    page = registrar.get(at(message))
    text = page.content.decode()
    assert "The mail says “Dagpengene”" in text
    assert page.context["form"]["forward"].value() is True
    assert "E-posten din hører til et annet organ" in text
    assert "It contains neither subject line nor case title." in text
    assert "Dagpengene" not in page.context["preview"].text
    chosen = {"body": nav.pk, "language": "en", "preview": "yes", "forward": "on"}
    shown = registrar.post(at(message), chosen).context["preview"]
    assert "The right authority is NAV." in shown.text
    assert "forwarded your email to post@nav.example" in shown.text
    assert Entry.objects.count() == 0


def test_finishing_registers_tells_goes_on_and_can_be_undone(office, registrar, nav):
    message, following = office.mail("Dagpengene mine"), office.mail("The next one")
    page = registrar.get(at(message))
    sent = {
        "body": nav.pk,
        "forward": "on",
        "language": "nb",
        "document_type": page.context["form"]["document_type"].value(),
    }
    response = registrar.post(at(message), sent)
    assert response.url == reverse("intake:message", args=[following.pk])
    incoming = Entry.objects.order_by("pk").first()
    assert incoming.title == "Feilsendt henvendelse, hører til NAV"
    assert incoming.public_title == "Feilsendt henvendelse"
    assert set(Letter.objects.values_list("kind", flat=True)) == {"misdirected", "forwarded"}
    text = registrar.get(response.url).content.decode()
    assert (
        f"{incoming.reference} is registered, its sender is told, and the mail is sent on." in text
    )
    registrar.post(reverse("intake:undo", args=[message.pk]))
    assert set(LetterRecipient.objects.values_list("fate", flat=True)) == {"cancelled"}
    assert Notice.objects.filter(undone_at=None).count() == 0
    message.refresh_from_db()
    assert message.state == "screened"


def test_sensitive_mail_is_not_offered_to_be_sent_on_and_a_forged_wish_is_ignored(
    office, registrar, nav
):
    message = office.mail("Dagpenger", "Jeg er sykemeldt.\n\nHilsen Ola Nordmann")
    page = registrar.get(at(message))
    assert "is not sent on, because something in it seems to be sensitive" in page.content.decode()
    assert "forward" not in page.context["form"].fields
    sent = {
        "body": nav.pk,
        "forward": "on",
        "language": "nb",
        "document_type": page.context["form"]["document_type"].value(),
    }
    assert registrar.post(at(message), sent).status_code == 302
    assert [each.kind for each in Letter.objects.all()] == ["misdirected"]


def test_what_is_missing_is_asked_for_and_attachments_must_have_been_read(office, registrar, nav):
    message = office.with_files()
    response = registrar.post(at(message), {"language": "nb"})
    assert response.status_code == 422
    page = registrar.get(at(message))
    assert page.context["form"]["forward"].value() is False
    sent = {
        "body": nav.pk,
        "forward": "on",
        "language": "nb",
        "document_type": page.context["form"]["document_type"].value(),
    }
    response = registrar.post(at(message), sent)
    assert response.status_code == 422
    assert "Read the attachments before you send it on." in response.content.decode()
    assert registrar.post(at(message), {**sent, "attachments_read": "on"}).status_code == 302


def test_a_second_registrar_comes_too_late_and_a_machine_gets_no_letter(office, registrar, nav):
    message = office.mail("Dagpenger", Auto_Submitted="auto-replied")
    page = registrar.get(at(message))
    assert "No letter is sent, because it is an automatic reply" in page.content.decode()
    sent = {
        "body": nav.pk,
        "language": "nb",
        "document_type": page.context["form"]["document_type"].value(),
    }
    assert registrar.post(at(message), sent).status_code == 302
    assert Letter.objects.count() == 0
    response = registrar.post(at(message), sent)
    assert response.status_code == 409
    assert "Somebody has dealt with this message already." in response.content.decode()


def test_strangers_and_those_without_the_role_do_not_get_in(office, registrar, nav):
    message = office.mail()
    assert Client().get(at(message)).status_code in (302, 403)
    other = Client()
    other.force_login(office.user("caseworker"))
    assert other.get(at(message)).status_code == 403
    assert other.post(at(message), {}).status_code == 403
    assert registrar.put(at(message)).status_code == 405
    assert registrar.get(reverse("intake:misdirected", args=[999_999])).status_code == 404


def ask_form(page):
    """What the page of missing information sends when only the points are filled in."""
    form = page.context["register_form"]
    found = {name: form[name].value() for name in form.fields}
    return {
        **{name: str(value) for name, value in found.items() if value not in (None, "", False)},
        "sender_is_person": "on",
        "language": "nb",
    }


def test_missing_information_is_ticked_previewed_asked_for_and_undone(office, registrar):
    message = office.mail("Byggesak", "Hei, kan jeg bygge?", From="<ola@example.net>")
    page = registrar.get(at(message, "ask"))
    assert page.context["form"]["points"].value() == ["name", "postal_address"]
    assert "– navnet ditt\n– postadressen din" in page.context["preview"].text
    assert "Byggesak" not in page.context["preview"].text
    sent = {**ask_form(page), "points": ["name"], "other": "gårds- og bruksnummer"}
    shown = registrar.post(at(message, "ask"), {**sent, "preview": "yes"}).context["preview"]
    assert "– navnet ditt\n– gårds- og bruksnummer" in shown.text
    assert (
        registrar.post(at(message, "ask"), {**sent, "points": [], "other": ""}).status_code == 422
    )
    sensitive = {**sent, "other": "når du fikk diagnosen"}
    refused = registrar.post(at(message, "ask"), sensitive)
    assert refused.status_code == 409
    assert "something sensitive" in refused.content.decode()
    assert Entry.objects.count() == 0
    response = registrar.post(at(message, "ask"), sent, follow=True)
    entry = Entry.objects.order_by("pk").first()
    assert f"{entry.reference} is registered, and its sender is told." in response.content.decode()
    case = registrar.get(reverse("registry:case", args=[entry.case_id])).content.decode()
    assert "Asked for what is missing" in case
    assert "gårds- og bruksnummer" in case
    assert "Handling waits for the answer." in case
    registrar.post(reverse("intake:undo", args=[message.pk]))
    assert LetterRecipient.objects.get().fate == "cancelled"


def test_a_registered_entry_is_asked_about_from_its_case_and_the_wait_is_ended_there(
    office, registrar
):
    message = office.mail("Byggesak")
    registrar.post(
        reverse("intake:register", args=[message.pk]), ask_form(registrar.get(at(message, "ask")))
    )
    entry = Entry.objects.order_by("pk").first()
    case = reverse("registry:case", args=[entry.case_id])
    where = reverse("intake:ask-about", args=[entry.pk])
    assert where in registrar.get(case).content.decode()
    assert registrar.get(where).status_code == 200
    response = registrar.post(where, {"points": ["signature"], "language": "en"}, follow=True)
    assert "The sender is asked." in response.content.decode()
    assert "your signature" in Letter.objects.get(kind="missing_information").text
    assert registrar.post(where, {"points": ["name"], "language": "en"}).status_code == 409
    undo = reverse("registry:entry-undo-asking", args=[entry.pk])
    assert "The letter does not leave." in registrar.post(undo, follow=True).content.decode()
    registrar.post(where, {"points": ["name"], "language": "en"})
    end = reverse("registry:entry-end-wait", args=[entry.pk])
    assert registrar.get(end).status_code == 405
    assert "The wait has ended" in registrar.post(end, follow=True).content.decode()
    assert "Nothing is waited for." in registrar.post(end, follow=True).content.decode()
    stranger = Client()
    stranger.force_login(office.user("official"))
    for url in (where, end, undo):
        assert stranger.post(url, {}).status_code in (403, 404)


def test_minor_importance_is_an_exception_of_the_records_plan_with_its_paragraph(office, registrar):
    for position, code in enumerate(("reklame", "kopi"), 1):
        set_up_records_plan_item(
            code=code,
            name=code.title(),
            reason="Uten verdi som dokumentasjon",
            legal_basis=f"arkivplan 3.{position}",
            position=position,
        )
    message, copied = office.mail("Kampanje"), office.mail("Kopi")
    page = registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    # e 1 is the commonest, e 2 stays spam, the others follow
    for value, key in (("minor:reklame", "e 1"), ("spam", "e 2"), ("minor:kopi", "e 3")):
        assert f'value="{value}" data-key="{key}"' in page
    aside = reverse("intake:set-aside", args=[message.pk])
    assert registrar.post(aside, {"state": "minor:nothing"}).status_code == 422
    registrar.post(aside, {"state": "minor:reklame"})
    message.refresh_from_db()
    assert message.state == "minor"
    why = "Reklame: Uten verdi som dokumentasjon (arkivplan 3.1)"
    assert message.triage_reason == why
    assert why in registrar.get(reverse("intake:set-aside-list")).content.decode()
    registrar.post(
        reverse("intake:set-aside", args=[copied.pk]), {"state": "minor:kopi", "reason": "sak 7"}
    )
    copied.refresh_from_db()
    assert copied.triage_reason == "Kopi: Uten verdi som dokumentasjon (arkivplan 3.2) sak 7"
    # Several at once keep it as well. What somebody writes is never what is cut off.
    both = [office.mail("Tilbud"), office.mail("Messe")]
    assert 'name="do" value="minor:reklame" data-key="e 1"' in registrar.get("/").content.decode()
    chosen = {"do": "minor:reklame", "chosen": [each.pk for each in both]}
    registrar.post(reverse("intake:bulk"), chosen)
    for each in both:
        each.refresh_from_db()
        assert (each.state, each.triage_reason) == ("minor", why)
    last = office.mail("Til slutt")
    aside = reverse("intake:set-aside", args=[last.pk])
    assert registrar.post(aside, {"state": "minor:kopi", "reason": "x" * 199}).status_code == 422
    registrar.post(aside, {"state": "minor:kopi", "reason": "x" * 190})
    last.refresh_from_db()
    assert last.triage_reason == "Kopi: Ute " + "x" * 190


def test_a_case_is_found_by_words_chosen_and_registered_in(office, registrar):
    case = office.town.register(at=timezone.now(), message_number="").case
    message = office.mail("Noe helt annet", sender="per@example.org")
    join = at(message, "join")
    assert join in registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    assert "No open case has this" in registrar.get(join, {"q": "finnes ikke"}).content.decode()
    assert f'href="?case={case.pk}"' in registrar.get(join, {"q": "støttek"}).content.decode()
    page = registrar.get(join, {"case": case.pk})
    form = page.context["register_form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}
    assert (sent["case"], sent["other_case"]) == ("other", case.reference)
    registrar.post(reverse("intake:register", args=[message.pk]), sent)
    assert case.entries.filter(message_number=message.number).exists()
    for wrong in ("999999", "²", "9" * 5_000):
        assert registrar.get(join, {"case": wrong}).status_code == 404


def test_words_where_a_cases_number_goes_find_it_and_what_was_typed_comes_along(office, registrar):
    case = office.town.register(at=timezone.now(), message_number="").case
    message = office.mail("Noe helt annet", sender="per@example.org")
    register = reverse("intake:register", args=[message.pk]) + "?warning=1"
    typed = {"case": "other", "other_case": "støttek", "title": "Typed already"}
    found = registrar.post(register, typed)
    join = at(message, "join")
    assert found.url == f"{join}?warning=1&q=st%C3%B8ttek"
    chosen = f"?warning=1&amp;case={case.pk}"
    assert f'href="{chosen}"' in registrar.get(found.url).content.decode()
    page = registrar.get(join, {"warning": "1", "case": case.pk})
    assert page.context["register_form"]["title"].value() == "Typed already"
    assert f'action="{register}"' in page.content.decode()
    # A number that does not exist is a mistake, and the page says so.
    mistyped = registrar.post(register, {**typed, "other_case": "2026/99999"})
    assert mistyped.status_code == 422
    assert "There is no case with this number." in mistyped.content.decode()


def test_other_outcomes_stay_in_the_part_of_the_queue_that_one_came_from(office, registrar):
    message = office.mail("Odd", Auto_Submitted="auto-replied")
    page = registrar.get(reverse("intake:message", args=[message.pk]) + "?warning=1")
    for name in ("misdirected", "ask", "join", "split"):
        there = f"{at(message, name)}?warning=1"
        assert f'href="{there}"' in page.content.decode()
        back = reverse("intake:message", args=[message.pk]) + "?warning=1"
        assert f'href="{back}"' in registrar.get(there).content.decode()


def test_a_mail_is_split_on_its_page_and_one_press_takes_all_back(office, registrar):
    message = office.with_files()
    page = registrar.get(at(message, "split"))
    sent = {"parts": "2"}
    for number, part in enumerate(page.context["parts"]):
        form = part["form"]
        for name in form.fields:
            if form[name].value():
                sent[form.add_prefix(name)] = form[name].value()
        sent[form.add_prefix("title")] = f"Part {number}"
    broken = registrar.post(at(message, "split"), {**sent, "part1-title": ""})
    assert broken.status_code == 422
    assert "Part 0" in broken.content.decode()
    text = registrar.post(at(message, "split"), sent, follow=True).content.decode()
    entries = Entry.objects.filter(direction="incoming").order_by("pk")
    assert [each.title for each in entries] == ["Part 0", "Part 1"]
    assert f"{entries[0].reference}, {entries[1].reference} are registered." in text
    registrar.post(reverse("intake:undo", args=[message.pk]))
    assert set(Entry.objects.values_list("status", flat=True)) == {"void"}


def test_what_was_typed_beside_the_letter_stays_for_asking_what_is_missing(office, registrar):
    message = office.mail("Byggesak")
    typed = {"case": "new", "title": "Typed already"}
    registrar.post(reverse("intake:draft", args=[message.pk]), typed)
    page = registrar.get(at(message, "ask"))
    assert page.context["register_form"]["title"].value() == "Typed already"
    shown = {"preview": "yes", "language": "nb", "title": "Typed here"}
    page = registrar.post(at(message, "ask"), shown)
    assert page.context["register_form"]["title"].value() == "Typed here"


def test_one_entry_more_keeps_what_was_typed_about_the_others(office, registrar):
    message = office.with_files()
    first = message.attachments.order_by("pk").first()
    sent = {"parts": "2", "more": "yes", "part0-title": "", "part1-title": "Half a ti"}
    page = registrar.post(at(message, "split"), {**sent, "part1-attachments": [first.pk]})
    assert page.status_code == 200
    forms = [part["form"] for part in page.context["parts"]]
    assert [form["title"].value() for form in forms[:2]] == ["", "Half a ti"]
    assert [form["attachments"].value() for form in forms[:2]] == [[], [str(first.pk)]]
    assert len(forms) == 3
    assert 'name="parts" value="3"' in page.content.decode()
    assert not any(form.errors for form in forms)


def test_an_entry_is_put_in_another_case_and_both_pages_say_so(office, registrar):
    entry = office.town.register(at=timezone.now(), message_number="")
    other = office.town.register(at=timezone.now(), message_number="").case
    link = reverse("registry:entry-link", args=[entry.pk])
    found = registrar.get(link, {"q": other.reference}).content.decode()
    assert f'value="{other.pk}"' in found
    assert f'value="{entry.case_id}"' not in found
    text = registrar.post(link, {"case": other.pk}, follow=True).content.decode()
    assert "The same document as" in text
    assert (
        "Lies also in"
        in registrar.get(reverse("registry:case", args=[entry.case_id])).content.decode()
    )
    assert registrar.post(link, {"case": other.pk}).status_code == 409
    stranger = Client()
    stranger.force_login(office.user("caseworker"))
    assert stranger.get(link).status_code == 403
    for name in ("join", "split"):
        assert stranger.get(reverse(f"intake:{name}", args=[1])).status_code == 403


def test_an_equal_letter_and_a_request_that_is_answered_are_told_of(office, registrar):
    first = office.mail("Byggesak", "Kan jeg bygge?")
    page = registrar.get(at(first, "ask"))
    registrar.post(at(first, "ask"), {**ask_form(page), "points": ["name"]})
    entry = Entry.objects.order_by("pk").first()
    again = office.mail("Byggesak", "Kan jeg bygge?")
    text = registrar.get(reverse("intake:message", args=[again.pk])).content.decode()
    assert f"The same letter lies already in {entry.reference}." in text
    reply = office.mail(f"Re: {entry.case.reference}", "Jeg heter Ola.")
    text = registrar.get(reverse("intake:message", args=[reply.pk])).content.decode()
    assert f"It answers the request about {entry.reference}" in text
    # Whoever may not know of the case is told no number of it.
    Case.objects.update(unit=office.town.roads)
    elsewhere = Client()
    health = office.town.health
    elsewhere.force_login(office.town.user(Role.REGISTRAR, unit=health, granted_for=health))
    for message in (again, reply):
        page = elsewhere.get(reverse("intake:message", args=[message.pk]))
        assert page.status_code == 200
        assert entry.reference not in page.content.decode()
    assert "lies already" not in text
