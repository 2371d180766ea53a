"""Where people begin after signing in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.rules.roles import Role
from tests.office import Office, open_office


@pytest.fixture
def office(db: None) -> Office:
    return open_office()


@pytest.mark.parametrize(
    ("role", "begins_at"),
    [
        (Role.CASEWORKER, "registry:my-work"),
        (Role.UNIT_LEADER, "registry:my-work"),
        (Role.ADMINISTRATOR, "outbox:letters"),
    ],
)
def test_who_does_not_triage_begins_with_the_first_section_of_the_own_work(
    office: Office, client: Client, role: Role, begins_at: str
) -> None:
    client.force_login(office.user(role))
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, reverse(begins_at))


def test_a_registrar_begins_in_the_queue(office: Office, client: Client) -> None:
    client.force_login(office.registrar)
    answer = client.get("/")
    assert answer.status_code == 200
    assert "queue-list" in answer.content.decode()


def test_who_has_no_role_is_told_so_and_a_stranger_signs_in(office: Office, client: Client) -> None:
    assert client.get("/")["Location"].startswith(reverse("sign-in"))
    client.force_login(office.user())
    assert client.get("/").status_code == 403
