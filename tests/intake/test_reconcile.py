"""Every day proves itself: arrived = registered + minor + spam + held + waiting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from intake.actions.reconcile import count_day, days_back, differences, note_source_count
from intake.actions.triage import set_aside
from intake.models import FetchMark, Mailbox
from intake.queries import DayCount, source_prefix
from tests.world import HOUR, KARI, MINUTE, MORNING, World, mail

TODAY = date(2026, 3, 2)
TOMORROW = date(2026, 3, 3)


def row(mailbox: Mailbox, on: date = TODAY) -> DayCount:
    return next(each for each in count_day(on) if each.mailbox == mailbox)


def facts(count: DayCount) -> tuple[int, ...]:
    return (
        count.arrived,
        count.again,
        count.registered,
        count.minor,
        count.spam,
        count.held,
        count.waiting,
    )


def test_a_day_adds_up_whatever_became_of_its_post(world: World) -> None:
    messages = [world.arrive(mail(text=f"Brev {each}", message_id=f"<{each}@x>")) for each in "abc"]
    world.register(messages[0])
    set_aside(message_id=messages[1].pk, state="minor", reason="", by=KARI, at=MORNING)
    set_aside(message_id=messages[2].pk, state="spam", reason="", by=KARI, at=MORNING)
    world.arrive(b"")
    world.arrive(mail(text="venter"))
    world.receive(mail(text="ikke lest"))
    assert facts(row(world.central)) == (6, 0, 1, 1, 1, 1, 2)
    assert facts(row(world.health)) == (0, 0, 0, 0, 0, 0, 0)
    assert differences(TODAY) == []


def test_what_comes_again_is_counted_beside_and_not_twice(world: World) -> None:
    world.receive(mail())
    world.receive(mail(), at=MORNING + HOUR)
    world.receive(mail(), at=MORNING + timedelta(days=1))
    assert facts(row(world.central))[:2] == (1, 1)
    assert facts(row(world.central, TOMORROW))[:2] == (0, 1)
    assert differences(TODAY) == differences(TOMORROW) == []


def test_a_mail_to_three_mailboxes_counts_in_each(world: World) -> None:
    boxes = [world.central, world.health, world.official]
    world.arrive(mail(), to=[box.address for box in boxes])
    assert [facts(row(box))[0] for box in boxes] == [1, 1, 1]
    assert differences(TODAY) == []


def test_a_later_copy_in_another_mailbox_disturbs_neither_day(world: World) -> None:
    world.arrive(mail())
    world.receive(mail(), to=[world.health.address], at=MORNING + timedelta(days=1))
    assert facts(row(world.health, TODAY))[:2] == (0, 0)
    assert facts(row(world.health, TOMORROW))[:2] == (0, 1)
    assert differences(TODAY) == differences(TOMORROW) == []


def test_a_copy_that_lay_elsewhere_since_yesterday_disturbs_neither_day(world: World) -> None:
    world.arrive(mail(), at=MORNING + timedelta(days=1))
    world.receive(mail(), door="imap", at=MORNING)  # fetched later, has lain there since Monday
    assert facts(row(world.central, TODAY))[:2] == (0, 1)
    assert differences(TODAY) == differences(TOMORROW) == []


def test_a_day_begins_and_ends_at_midnight_in_oslo(world: World) -> None:
    # Midnight of 2 March in Oslo is 23:00 UTC of the day before.
    world.receive(mail(text="a"), at=datetime(2026, 3, 1, 22, 59, 59, tzinfo=UTC))
    world.receive(mail(text="b"), at=datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
    world.receive(mail(text="c"), at=datetime(2026, 3, 2, 22, 59, 59, tzinfo=UTC))
    world.receive(mail(text="d"), at=datetime(2026, 3, 2, 23, 0, tzinfo=UTC))
    assert facts(row(world.central))[0] == 2


def test_the_day_on_which_the_clock_is_set_forward_is_counted_whole(world: World) -> None:
    # 29 March 2026 has 23 hours in Oslo: from 23:00 UTC on the 28th until 22:00 UTC.
    world.receive(mail(text="a"), at=datetime(2026, 3, 28, 23, 0, tzinfo=UTC))
    world.receive(mail(text="b"), at=datetime(2026, 3, 29, 21, 59, tzinfo=UTC))
    world.receive(mail(text="c"), at=datetime(2026, 3, 29, 22, 0, tzinfo=UTC))
    assert facts(row(world.central, date(2026, 3, 29)))[0] == 2


def lose(message_id: int) -> None:
    """Delete a message's row, which the database refuses unless its guards are taken down."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM intake_message WHERE id = %s", [message_id])
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_message_lost_after_its_delivery_shows_as_a_difference(world: World) -> None:
    world.arrive(mail(text="a"))
    lost = world.arrive(mail(text="b"))
    with transaction.atomic():
        lose(lost.pk)
        assert facts(row(world.central)) == (2, 0, 0, 0, 0, 0, 1)
        assert [(each.mailbox, each.difference) for each in differences(TODAY)] == [
            (world.central, 1)
        ]
        transaction.set_rollback(True)


def fetched(world: World, uid: int, validity: int = 7, text: str = "Hei") -> None:
    key = f"{source_prefix(world.central, validity)}{uid}"
    world.receive(mail(text=text), door="imap", source_key=key)


def with_imap(world: World, validity: int = 7) -> None:
    world.central.imap_host, world.central.imap_user = "imap.example.net", "post"
    world.central.save()
    FetchMark.objects.update_or_create(
        mailbox=world.central, folder="INBOX", defaults={"uidvalidity": validity}
    )


def count(world: World, number: int) -> None:
    note_source_count(mailbox=world.central, on=TODAY, count=number, at=MORNING)


def test_a_mail_that_the_server_has_and_we_have_not_shows_as_a_difference(world: World) -> None:
    with_imap(world)
    fetched(world, 1)
    count(world, 2)
    assert row(world.central).difference == 1
    fetched(world, 2, text="To")
    assert row(world.central).difference == 0


def test_the_server_s_count_is_held_against_what_was_fetched_only(world: World) -> None:
    with_imap(world)
    fetched(world, 1)
    world.receive(mail(text="Hei"))  # the same one, by SMTP as well
    world.receive(mail(text="Bare SMTP"))
    count(world, 1)
    assert differences(TODAY) == []


def test_two_copies_in_the_mailbox_are_two_at_the_source(world: World) -> None:
    with_imap(world)
    fetched(world, 1)
    fetched(world, 2)
    count(world, 2)
    assert differences(TODAY) == []


def test_a_mailbox_numbered_anew_still_adds_up(world: World) -> None:
    with_imap(world)
    fetched(world, 1)
    with_imap(world, validity=8)
    fetched(world, 1, validity=8)
    count(world, 1)
    assert differences(TODAY) == []


def test_the_days_back_begin_with_today(world: World) -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half past midnight on the 2nd in Oslo
    assert days_back(late + MINUTE, 2) == [date(2026, 3, 2), date(2026, 3, 1)]
