"""The page that counts a party's time to appeal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.actions.set_up import set_up_municipality, set_up_person, set_up_unit
from accounts.rules.roles import Role

pytestmark = pytest.mark.django_db
URL = "/decisions/appeal-period/"


def signed_in(client: Client, profile: str, *roles: Role) -> Client:
    set_up_municipality(
        profile=profile,
        name="Nes",
        domain="nes.example",
        central_address="post@nes.example",
        postal_address="Boks 1",
        phone="1",
        default_language="en",
    )
    set_up_unit(code="arkiv", name="Arkiv")
    person: Any = set_up_person(
        email="kari@nes.example",
        name="Kari",
        unit="arkiv",
        language="en",
        roles=roles,
        password="a long enough one",
        by="system:test",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


# law.md's worked table: notice on Thursday 12 March 2026 gives 2 April, which is Maundy Thursday.
@pytest.mark.parametrize(
    ("profile", "last"), [("NO", "Tuesday 7 April 2026"), ("SE", "Thursday 2 April 2026")]
)
def test_maundy_thursday_moves_the_last_day_in_norway_only(
    client: Client, profile: str, last: str
) -> None:
    page = signed_in(client, profile, Role.CASEWORKER).get(URL, {"notified_on": "2026-03-12"})
    assert page.status_code == 200
    assert last in page.content.decode()


def test_a_day_that_is_none_is_answered_with_the_error_and_what_was_typed(client: Client) -> None:
    page = signed_in(client, "NO", Role.CASEWORKER).get(URL, {"notified_on": "2026-02-30"})
    assert page.status_code == 422
    assert "2026-02-30" in page.content.decode()


def test_who_may_not_read_cases_does_not_see_the_page(client: Client) -> None:
    assert signed_in(client, "NO", Role.OFFICIAL).get(URL).status_code == 403


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    assert client.get(URL).status_code == 302
