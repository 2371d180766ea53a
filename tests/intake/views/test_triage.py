"""Registering, undoing and setting aside by way of the pages."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.models import Proposal
from outbox.models import LetterRecipient
from registry.models import Case, Entry


def fields(response) -> dict[str, str]:
    """What the form sends when nobody touches it."""
    form = response.context["register_form"]
    found = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else str(value)
        for name, value in found.items()
        if value not in (None, "", False)
    }


def page(client, message):
    return client.get(reverse("intake:message", args=[message.pk]))


def register(client, message, **changes):
    sent = {**fields(page(client, message)), **changes}
    return client.post(reverse("intake:register", args=[message.pk]), sent)


def test_common_message_is_registered_and_acknowledged_as_the_form_stands(office, registrar):
    message = office.mail("Spørsmål om veglys")
    following = office.mail("The next one")
    response = register(registrar, message)
    assert response.status_code == 302
    assert response.url == reverse("intake:message", args=[following.pk])
    message.refresh_from_db()
    assert message.state == "registered"
    incoming, outgoing = Entry.objects.order_by("pk")
    assert incoming.title == "Spørsmål om veglys"
    assert incoming.public_title == "Spørsmål om veglys"
    assert outgoing.direction == "outgoing"
    assert LetterRecipient.objects.get().address == "ola@example.net"


def test_next_page_offers_undo_and_undo_takes_all_back(office, registrar):
    message = office.mail()
    response = registrar.get(register(registrar, message).url)
    number = Entry.objects.order_by("pk").first().reference
    assert f"{number} is registered and acknowledged." in response.content.decode()
    undo = reverse("intake:undo", args=[message.pk])
    assert f'action="{undo}"' in response.content.decode()
    response = registrar.post(undo, follow=True)
    assert "Undone." in response.content.decode()
    message.refresh_from_db()
    assert message.state == "screened"
    assert {entry.status for entry in Entry.objects.all()} == {"void"}
    assert LetterRecipient.objects.get().fate == "cancelled"


def test_undo_is_not_offered_when_its_time_is_over(office, registrar, settings):
    message = office.mail()
    settings.UNDO_SECONDS = 0
    response = registrar.get(register(registrar, message).url)
    assert reverse("intake:undo", args=[message.pk]) not in response.content.decode()


def test_undo_of_somebody_elses_registration_is_refused(office, registrar, client):
    message = office.mail()
    register(registrar, message)
    client.force_login(office.user("registrar"))
    response = client.post(reverse("intake:undo", args=[message.pk]), follow=True)
    assert "There is nothing to undo." in response.content.decode()
    message.refresh_from_db()
    assert message.state == "registered"


def test_proposed_case_is_chosen_with_its_reason_and_taken(office, registrar):
    entry = office.town.register(at=timezone.now(), message_number="")
    message = office.mail(f"Re: {entry.case.reference} Støttekontakt")
    assert Proposal.objects.get().reason == "reference_from_party"
    response = page(registrar, message)
    text = response.content.decode()
    assert "Names the case in the subject; the sender is a party" in text
    assert fields(response)["case"] == str(entry.case_id)
    assert register(registrar, message).status_code == 302
    assert Case.objects.count() == 1
    assert entry.case.entries.count() == 3


def test_another_case_is_found_by_its_number(office, registrar):
    entry = office.town.register(at=timezone.now(), message_number="")
    message = office.mail(sender="stranger@example.net", From="Per Hansen <stranger@example.net>")
    response = register(registrar, message, case="other", other_case=entry.case.reference)
    assert response.status_code == 302
    assert entry.case.entries.filter(message_number=message.number).exists()


@pytest.mark.parametrize(
    ("case", "number", "sentence"),
    [
        ("other", "1999/1", "There is no case with this number."),
        ("new", "1999/1", "A number is written here, but another case is chosen."),
    ],
)
def test_unclear_choice_of_case_is_asked_again(office, registrar, case, number, sentence):
    message = office.mail()
    response = register(registrar, message, case=case, other_case=number, title="As I typed it")
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "As I typed it" in response.content.decode()
    assert Entry.objects.count() == 0


def test_empty_title_keeps_everything_else_and_names_the_field(office, registrar):
    message = office.mail()
    response = register(registrar, message, title="", public_title="Kept", legal_basis="Kept too")
    text = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error:" in text
    assert 'href="#id_title"' in text
    assert 'value="Kept"' in text
    assert 'value="Kept too"' in text


def test_identity_number_in_the_public_title_is_refused_and_the_text_kept(office, registrar):
    # 01010750160: the synthetic number of Skatteverket's and Skatteetaten's public examples has
    # right control digits.
    message = office.mail()
    response = register(registrar, message, public_title="Søknad 01010750160")
    assert response.status_code == 422
    assert 'value="Søknad 01010750160"' in response.content.decode()
    assert "There is a problem" in response.content.decode()
    assert Entry.objects.count() == 0


def test_message_that_somebody_else_has_registered_meanwhile_keeps_what_was_typed(
    office, registrar, client
):
    message = office.mail()
    sent = {**fields(page(registrar, message)), "title": "My own words"}
    client.force_login(office.user("registrar"))
    register(client, message)
    response = registrar.post(reverse("intake:register", args=[message.pk]), sent)
    assert response.status_code == 409
    assert "Somebody has dealt with this message already." in response.content.decode()
    assert 'value="My own words"' in response.content.decode()
    assert Entry.objects.filter(direction="incoming").count() == 1


def test_message_set_aside_is_listed_and_can_be_put_back(office, registrar):
    message = office.mail()
    aside = reverse("intake:set-aside", args=[message.pk])
    response = registrar.post(aside, {"state": "spam", "reason": "Phishing"})
    assert response.status_code == 302
    message.refresh_from_db()
    assert message.state == "spam"
    text = registrar.get("/set-aside/").content.decode()
    assert message.number in text
    assert "Phishing" in text
    assert "Put back" in page(registrar, message).content.decode()
    registrar.post(reverse("intake:put-back", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == "screened"


def test_setting_aside_as_something_else_is_refused(office, registrar):
    message = office.mail()
    response = registrar.post(reverse("intake:set-aside", args=[message.pk]), {"state": "held"})
    assert response.status_code == 422
    message.refresh_from_db()
    assert message.state == "screened"


def test_done_message_shows_where_it_went(office, registrar):
    message = office.mail()
    register(registrar, message)
    entry = Entry.objects.order_by("pk").first()
    text = page(registrar, message).content.decode()
    assert entry.reference in text
    assert reverse("registry:case", args=[entry.case_id]) in text
    assert "The sender has an acknowledgement." in text
    assert 'name="title"' not in text


def test_automatic_mail_registered_by_hand_says_that_no_letter_goes(office, registrar):
    message = office.mail(Auto_Submitted="auto-replied")
    text = registrar.get(register(registrar, message).url).content.decode()
    assert "No acknowledgement is sent, because it is an automatic reply" in text
    assert LetterRecipient.objects.count() == 0
