"""Who gets which page of the front door, and what the pages say."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from intake.models import Alarm, Message

PAGES = ["queue", "held", "set-aside-list", "reconciliation"]
OF_A_MESSAGE = ["message", "message-body", "message-headers", "message-original"]
OF_A_PART = ["attachment", "preview"]
POSTS = [
    *["register", "set-aside", "put-back", "undo", "give", "draft", "title-check"],
    *["bulk", "undo-set-aside"],
]
OF_MANY = ["bulk", "undo-set-aside"]
# Somebody who was signed out while typing comes back to these by GET.
RETURNED_TO = ["register", "set-aside", "draft"]


def address(name: str, message: int = 0) -> str:
    if name in (*PAGES, *OF_MANY):
        return reverse(f"intake:{name}")
    if name in OF_A_PART:
        return reverse(f"intake:{name}", args=[message, "2"])
    return reverse(f"intake:{name}", args=[message])


@pytest.mark.parametrize("name", [*PAGES, *OF_A_MESSAGE, *OF_A_PART, *POSTS])
def test_stranger_is_sent_to_the_sign_in(office, name):
    message = office.with_files()
    asked = Client().post if name in POSTS else Client().get
    response = asked(address(name, message.pk))
    assert response.status_code == 302
    assert response.url.startswith("/sign-in/?next=")


@pytest.mark.parametrize("name", [*PAGES, *OF_A_MESSAGE, *OF_A_PART, *POSTS])
def test_caseworker_is_refused_whether_the_message_exists_or_not(office, name):
    client = Client()
    client.force_login(office.user(Role.CASEWORKER))
    message = office.with_files()
    # The queue's address is also where everybody begins (tests/kommunepost/test_start.py).
    refused = 302 if name == "queue" else 403
    for number in [message.pk, message.pk + 1000]:
        asked = client.post if name in POSTS else client.get
        assert asked(address(name, number)).status_code == refused


@pytest.mark.parametrize(
    "name", [*OF_A_MESSAGE, *OF_A_PART, *(name for name in POSTS if name not in OF_MANY)]
)
def test_message_that_does_not_exist_is_not_found(registrar, name):
    asked = registrar.post if name in POSTS else registrar.get
    assert asked(address(name, 99_999)).status_code == 404


@pytest.mark.parametrize("name", [*PAGES, *OF_A_MESSAGE, *OF_A_PART, *POSTS])
def test_other_method_is_refused(office, registrar, name):
    message = office.with_files()
    asked = registrar.get if name in POSTS else registrar.post
    response = asked(address(name, message.pk))
    if name in RETURNED_TO:
        assert response.url == reverse("intake:message", args=[message.pk])
    else:
        assert response.status_code == 405


def test_queue_lists_the_oldest_first_and_says_how_many_wait(office, registrar):
    now = timezone.now()
    office.mail("Younger", at=now - timedelta(hours=1))
    office.mail("Older", at=now - timedelta(hours=2))
    page = registrar.get("/").content.decode()
    assert page.index("Older") < page.index("Younger")
    assert "2 messages wait" in page
    assert "Acknowledgement" in page


def test_looking_at_the_list_does_not_count_as_opening_its_first_message(office, registrar):
    message = office.mail()
    registrar.get("/")
    message.refresh_from_db()
    assert message.opened_at is None
    registrar.get(reverse("intake:message", args=[message.pk]))
    message.refresh_from_db()
    assert message.opened_at is not None


def test_empty_queue_says_so_and_when_something_last_came(office, registrar):
    office.held()
    page = registrar.get("/").content.decode()
    assert "Everything is dealt with." in page
    assert "Last arrival:" in page
    assert "1 held" in page


def test_standing_alarm_stands_above_the_queue_in_words(registrar):
    Alarm.objects.create(code="worker_silent", raised_at=timezone.now())
    assert "The worker is silent" in registrar.get("/").content.decode()


def test_long_queue_is_cut_and_says_so_and_shows_where_one_is(office, registrar):
    first = office.mail("First")
    last = None
    for number in range(60):
        last = Message.objects.create(
            fingerprint=f"{number}",
            raw_sha256=first.raw_sha256,
            size=1,
            received_at=timezone.now() + timedelta(seconds=number),
            state="screened",
            state_at=timezone.now(),
            screened_at=timezone.now(),
            mailbox=office.mailbox,
            kind="person",
            subject=f"Number {number}",
        )
    page = registrar.get("/").content.decode()
    assert "Number 49" not in page
    later = re.search(r'href="([^"]*from=\d+)">Later ones', page)
    second = registrar.get(later[1]).content.decode()
    assert "Number 49" in second
    assert "Number 59" in second
    assert "Number 48" not in second
    assert "Later ones" not in second
    first_again = re.search(r'href="([^"]*from=\d+)">Earlier ones', second)
    assert "Number 48" in registrar.get(first_again[1]).content.decode()
    page = registrar.get(reverse("intake:message", args=[last.pk])).content.decode()
    assert page.count('aria-current="true"') == 1
    assert "Show the oldest" in page


def test_message_shows_the_real_address_beside_the_name(office, registrar):
    message = office.mail(From='"post@nn.example" <robber@evil.example>')
    page = registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    assert "&lt;robber@evil.example&gt;" in page


def test_claimed_date_is_shown_as_claimed_only_when_it_is_far_off(office, registrar):
    far = office.mail(Date="Mon, 05 Jan 2015 10:00:00 +0100")
    near = office.mail(Date=timezone.now().strftime("%a, %d %b %Y %H:%M:%S +0000"))
    page = registrar.get(reverse("intake:message", args=[far.pk])).content.decode()
    assert "the sender's clock said 5 January 2015, 10:00" in page
    page = registrar.get(reverse("intake:message", args=[near.pk])).content.decode()
    assert "clock said" not in page


def test_message_that_came_twice_says_so(office, registrar):
    message = office.with_files()
    office.with_files()
    page = registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    assert "(arrived again)" in page
    assert Message.objects.count() == 1


def test_automatic_reply_says_why_it_is_one_and_that_no_acknowledgement_goes(office, registrar):
    message = office.mail(Auto_Submitted="auto-replied")
    page = registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    assert "Automatic reply: it says that it is an automatic reply." in page
    assert "No acknowledgement will be sent, because it is an automatic reply" in page


def test_held_message_says_why_and_can_be_downloaded_and_registered(office, registrar):
    message = office.held()
    assert message.state == "held"
    page = registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    assert "lie too deep" in page
    assert reverse("intake:message-original", args=[message.pk]) in page
    assert "Mail that could not be read" in page
    assert "<iframe" not in page
    assert message.number in registrar.get("/held/").content.decode()


def test_message_that_is_not_read_yet_waits(office, registrar):
    message = office.mail()
    Message.objects.filter(pk=message.pk).update(state="received", screened_at=None, kind="")
    page = registrar.get(reverse("intake:message", args=[message.pk])).content.decode()
    assert "is being read" in page
    assert "<iframe" not in page
    assert 'name="title"' not in page


def test_headers_are_shown_as_they_came(office, registrar):
    message = office.mail(X_Odd="<script>alert(1)</script>")
    page = registrar.get(reverse("intake:message-headers", args=[message.pk])).content.decode()
    assert "X-Odd: &lt;script&gt;" in page
    assert "<script>alert" not in page


def test_pages_tell_nobody_else_and_are_not_kept(office, registrar):
    message = office.mail()
    response = registrar.get(reverse("intake:message", args=[message.pk]))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in response["Cache-Control"]


def test_list_costs_the_same_number_of_queries_however_many_wait(
    office, registrar, django_assert_max_num_queries
):
    for number in range(12):
        office.mail(f"Subject {number}")
    registrar.get("/")  # what is asked once a minute
    with django_assert_max_num_queries(29):
        registrar.get("/")
