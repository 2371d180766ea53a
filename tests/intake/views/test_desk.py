"""The desk: proposals, filters, several at once, two people, drafts, what is new."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from intake.models import Draft, Message, Presence, Proposal
from ledger.models import Event
from outbox.models import Letter
from registry.models import Case

NUMBER = "01010750160"


def of(message):
    return reverse("intake:message", args=[message.pk])


def text_of(client, address):
    return client.get(address).content.decode()


def test_like_titles_propose_a_case_a_unit_and_a_type_each_with_its_reason(office, registrar):
    roads = office.town.roads
    new = office.town.new_case(unit_id=roads.pk, title="Hull i veien ved skolen")
    office.town.register(
        case=new, title="Hull i veien ved skolen", at=timezone.now(), message_number=""
    )
    message = office.mail("Re: hull i veien ved skulen", sender="per@example.org")
    assert Proposal.objects.get().reason == "like_title"
    assert (message.unit, message.unit_reason) == (roads, "earlier")
    assert (message.document_type, message.document_type_reason) == (office.town.letter, "earlier")
    page = text_of(registrar, of(message))
    assert "Post with a like title was registered here lately" in page
    assert "Proposed: Vei, because it has post with like titles." in page
    # A suggestion is not taken by itself, and nothing unlike is suggested.
    assert registrar.get(of(message)).context["register_form"]["case"].value() == "new"
    office.mail("Søknad om skjenkebevilling", sender="per@example.org")
    assert Proposal.objects.count() == 1


def test_restricted_case_is_never_proposed_for_likeness(office):
    entry = office.town.register(
        title="Hull i veien ved skolen", at=timezone.now(), message_number=""
    )
    Case.objects.filter(pk=entry.case_id).update(is_restricted=True)
    message = office.mail("Hull i veien ved skolen", sender="per@example.org")
    assert not Proposal.objects.exists()
    assert message.unit_reason == "mailbox"


def test_what_was_taken_back_from_a_restricted_case_is_out_of_sight_of_nobody_who_triages(
    office, registrar
):
    message = office.mail()
    form = registrar.get(of(message)).context["register_form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "keep_public_title"}
    registrar.post(reverse("intake:register", args=[message.pk]), sent)
    Case.objects.update(is_restricted=True)
    colleague = Client()
    colleague.force_login(office.user(Role.REGISTRAR))
    assert colleague.get(of(message)).status_code == 404
    registrar.post(reverse("intake:undo", args=[message.pk]))
    assert colleague.get(of(message)).status_code == 200


def test_a_page_that_is_older_than_the_last_deed_undoes_nothing(office, registrar):
    aside, message = office.mail(), office.mail()
    registrar.post(reverse("intake:set-aside", args=[aside.pk]), {"state": "spam"})
    form = registrar.get(of(message)).context["register_form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "keep_public_title"}
    registrar.post(reverse("intake:register", args=[message.pk]), sent)
    page = registrar.post(reverse("intake:undo-set-aside"), follow=True).content.decode()
    assert "There is nothing to undo." in page
    registrar.post(reverse("intake:undo", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == "screened"


def test_addresses_that_nobody_made_show_the_oldest(office, registrar):
    message = office.mail("Only one")
    for odd in ("²", "9" * 5_000, "-1", "x"):
        assert registrar.get("/", {"from": odd}).context["message"] == message
    # Browsers keep titles of pages for weeks.
    title = text_of(registrar, of(message)).partition("<title>")[2].partition("</title>")[0]
    assert message.number in title
    assert "Only" not in title


def test_filters_stand_in_the_address_and_the_next_message_follows_them(office, registrar):
    now = timezone.now()
    first, _other, second = (
        office.mail(name, at=now - timedelta(hours=3 - n))
        for n, name in enumerate(["First", "Other", "Second"])
    )
    Message.objects.filter(pk__in=[first.pk, second.pk]).update(assignee=office.registrar)
    page = text_of(registrar, "/?mine=1")
    assert "Other" not in page
    assert "2 messages wait" in page
    response = registrar.get(f"{of(first)}?mine=1")
    assert response.context["next_url"] == f"{of(second)}?mine=1"
    form = response.context["register_form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "sender_is_person"}
    done = registrar.post(reverse("intake:register", args=[first.pk]) + "?mine=1", sent)
    assert done.url == f"{of(second)}?mine=1"
    office.mail("Odd", Auto_Submitted="auto-replied")
    assert "Odd" in text_of(registrar, "/?warning=1")
    assert "Other" not in text_of(registrar, "/?warning=1")
    assert "Other" in text_of(registrar, "/?mailbox=x&unit=-1&mine=2")


def test_messages_are_given_to_a_unit_and_a_person_who_is_told_by_number_alone(office, registrar):
    colleague = office.user(Role.REGISTRAR)
    messages = [office.mail("Secret matter"), office.mail("Another")]
    given = {
        "do": "assign",
        "chosen": [message.pk for message in messages],
        "unit": office.town.roads.pk,
        "person": colleague.pk,
    }
    page = registrar.post(reverse("intake:bulk"), given, follow=True).content.decode()
    assert "2 messages are given." in page
    for message in messages:
        message.refresh_from_db()
        assert (message.unit, message.assignee) == (office.town.roads, colleague)
    assert Event.objects.filter(verb="intake.message_assigned").count() == 2
    letter = Letter.objects.get()
    assert messages[0].number in letter.text
    assert "Secret" not in letter.text
    # What registering proposes is the unit that was said.
    assert "because it was given the message" in text_of(registrar, of(messages[0]))
    caseworker = office.user(Role.CASEWORKER)
    one = reverse("intake:give", args=[messages[0].pk])
    registrar.post(one, {"person": caseworker.pk})
    messages[0].refresh_from_db()
    assert messages[0].assignee == colleague


def test_bulk_passes_over_what_is_done_and_registers_nothing(office, registrar):
    done, waiting = office.mail(), office.mail()
    registrar.post(reverse("intake:set-aside", args=[done.pk]), {"state": "spam"})
    sent = {"do": "spam", "chosen": [done.pk, waiting.pk]}
    page = registrar.post(reverse("intake:bulk"), sent, follow=True).content.decode()
    assert "1 message is set aside." in page
    assert "1 message could not be set aside" in page
    for wrong in (
        {"do": "register", "chosen": [waiting.pk]},
        {"do": "spam"},
        {"do": "spam", "chosen": ["²"]},
    ):
        page = registrar.post(reverse("intake:bulk"), wrong, follow=True).content.decode()
        assert "Choose messages in the list first." in page


def test_colleagues_who_have_it_open_are_named_for_a_while(office, registrar, client):
    message = office.mail()
    colleague = office.user(Role.REGISTRAR)
    client.force_login(colleague)
    client.get(of(message))
    said = f"{colleague.name} is registering this now"
    assert text_of(registrar, of(message)).count(said) >= 2  # in the list and above the letter
    ask = reverse("intake:presence", args=[message.pk])
    assert registrar.get(f"{ask}?known={colleague.pk}").status_code == 204
    Presence.objects.filter(user=colleague).update(seen_at=timezone.now() - timedelta(minutes=1))
    assert said not in text_of(registrar, f"{ask}?known={colleague.pk}")
    # Opening another message leaves this one; there is one row for each person.
    client.get(of(office.mail()))
    assert registrar.get(of(message)).context["presence"]["names"] == ""
    assert Presence.objects.filter(user=colleague).count() == 1


def test_what_polls_says_nothing_to_somebody_who_was_signed_out(office):
    message = office.mail()
    since = "2026-01-01T00:00:00Z"
    assert Client().get(reverse("intake:presence", args=[message.pk])).status_code == 204
    assert Client().get(reverse("intake:arrivals") + f"?since={since}").status_code == 204
    assert not Presence.objects.exists()


def test_new_post_is_counted_from_when_the_list_was_made(office, registrar):
    since = timezone.now() - timedelta(hours=1)
    office.mail(at=timezone.now() - timedelta(hours=2))
    ask = reverse("intake:arrivals")
    query = {"since": since.isoformat()}
    assert registrar.get(ask, query).status_code == 204
    office.mail(at=timezone.now())
    found = registrar.get(ask, query)
    assert "1 new – show" in found.content.decode()
    assert registrar.get(ask, {**query, "shown": "1"}).status_code == 204
    assert registrar.get(ask, {"since": "yesterday"}).status_code == 204


def test_drafts_are_each_persons_own_and_end_with_the_message(office, registrar, client):
    message = office.mail()
    draft = reverse("intake:draft", args=[message.pk])
    typed = {"title": "Half a ti", "case": "other", "other_case": "2026/", "nonsense": "x"}
    assert registrar.post(draft, typed, headers={"X-Draft": "yes"}).status_code == 204
    assert "nonsense" not in Draft.objects.get().values
    page = text_of(registrar, of(message))
    assert 'value="Half a ti"' in page
    assert "This is as you left it" in page
    client.force_login(office.user(Role.REGISTRAR))
    assert "Half a ti" not in text_of(client, of(message))
    assert registrar.post(draft, {"forget": "yes"}).url == of(message)
    assert not Draft.objects.exists()
    registrar.post(draft, typed)
    registrar.post(reverse("intake:set-aside", args=[message.pk]), {"state": "spam"})
    assert not Draft.objects.exists()
    assert registrar.post(draft, typed, headers={"X-Draft": "yes"}).status_code == 409
    assert not Draft.objects.exists()
    too_much = {"title": "x" * 30_000}
    other = reverse("intake:draft", args=[office.mail().pk])
    assert registrar.post(other, too_much, headers={"X-Draft": "yes"}).status_code == 409


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        ({"title": f"Søknad for {NUMBER}", "public_title": ""}, "an identity number"),
        ({"title": "x", "public_title": "Klage fra Ola Nordmann"}, "what seems to be a name"),
        ({"title": f"Søknad for {NUMBER}", "public_title": "Søknad"}, "Nothing in the public"),
    ],
)
def test_titles_are_looked_through_as_they_stand(office, registrar, titles, said):
    message = office.mail()
    response = registrar.post(reverse("intake:title-check", args=[message.pk]), titles)
    assert said in response.content.decode()


def test_marked_words_may_stay_when_a_person_has_looked_but_no_identity_number(office, registrar):
    message = office.mail("Klage fra Hansen Bygg")
    form = registrar.get(of(message)).context["register_form"]
    assert form["public_title"].value() == ""
    sent = {name: form[name].value() or "" for name in form.fields if name != "keep_public_title"}
    sent["public_title"] = "Klage fra Hansen Bygg"
    address = reverse("intake:register", args=[message.pk])
    refused = registrar.post(address, sent)
    assert refused.status_code == 422
    assert "I have looked" in refused.content.decode()
    number = {**sent, "public_title": f"Klage {NUMBER}", "keep_public_title": "on"}
    assert registrar.post(address, number).status_code == 422
    assert registrar.post(address, {**sent, "keep_public_title": "on"}).status_code == 302


def test_title_of_a_proposed_case_is_only_for_those_who_may_read_it(office, registrar, client):
    entry = office.town.register(at=timezone.now(), message_number="")
    message = office.mail(f"Re: {entry.case.reference} Hei")
    secretary = office.user(Role.SECRETARY)
    client.force_login(secretary)
    page = text_of(client, of(message))
    assert entry.case.title not in page
    assert entry.case.public_title in page
    assert entry.case.title in text_of(registrar, of(message))
    assert re.search(r'data-key="1"', page)
