"""The picture of two weeks at the front door: what came on each day and what waited at its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.utils import translation

from intake.actions.reconcile import DayFlow, flow
from intake.actions.triage import put_back, set_aside
from intake.templatetags.intake_charts import _conclusion
from lib.recent import forget_everything
from tests.world import KARI, MORNING, World, mail

DAY = timedelta(days=1)
SATURDAY, SUNDAY, MONDAY = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)


def test_each_day_has_what_came_and_what_waited_when_it_ended(world: World) -> None:
    def arrive(text: str, at: datetime):
        return world.arrive(mail(text=text, message_id=f"<{text}@x>"), at=at)

    arrive("a", MORNING - 2 * DAY)
    second = arrive("b", MORNING - DAY)
    arrive("c", MORNING)
    fourth = arrive("d", MORNING)
    # Half past midnight in Oslo, when it is still Sunday in UTC.
    arrive("e", datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    world.register(second)
    set_aside(message_id=fourth.pk, state="spam", reason="", by=KARI, at=MORNING)
    # Saturday: a. Sunday: a, b. Monday: three came, two were dealt with.
    expected = [DayFlow(SATURDAY, 1, 1), DayFlow(SUNDAY, 1, 2), DayFlow(MONDAY, 3, 3)]
    assert flow(MONDAY, 3) == expected
    with translation.override("en"):
        assert _conclusion(expected) == (
            "5 messages in 14 days, most on 2 March (3). More wait now than then."
        )

    forget_everything()
    put_back(message_id=fourth.pk, by=KARI, at=MORNING + DAY)
    assert flow(MONDAY, 3)[-1] == DayFlow(MONDAY, 3, 4)
