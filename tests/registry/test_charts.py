"""The picture of a case holds numbers and dates, and never a title."""

from __future__ import annotations

from datetime import timedelta

from django.utils import translation

from accounts.rules.roles import Role
from registry.access.timeline import timeline_for
from registry.actions.void import void_entry
from registry.templatetags.registry_charts import case_axis
from tests.registry.cast import MORNING, REGISTRAR


def test_case_is_drawn_with_what_came_left_and_is_due(town):
    entry = town.register()
    town.acknowledge(entry)
    wrong = town.register(entry.case_id, message_number="M18")
    void_entry(entry_id=wrong.pk, reason="Registered twice", by=REGISTRAR, at=MORNING)
    town.register(entry.case_id, message_number="M19", arrived_at=MORNING + timedelta(days=3))
    with translation.override("en"):
        shown = timeline_for(town.user(Role.REGISTRAR), entry.case)
        picture = case_axis(entry.case, shown)["picture"]
    drawn = [(mark.event.kind, mark.event.label) for mark in picture.shape.marks]
    assert drawn[:3] == [
        ("in", "Received (1)"),
        ("out", "Acknowledged (2)"),
        ("in", "Received (4)"),
    ]
    assert drawn[-1] == ("now", "Today")
    assert {kind for kind, _ in drawn[3:-1]} == {"over"}
    assert "are over, the first on" in picture.conclusion
    assert not any("støttekontakt" in label.lower() for _, label in drawn)


def test_long_case_is_drawn_by_its_first_and_its_newest_entries(town):
    entry = town.register()
    for number in range(2, 15):
        town.register(
            entry.case_id, message_number=f"M{number + 100}", arrived_at=MORNING, title="Brev"
        )
    with translation.override("en"):
        shown = timeline_for(town.user(Role.REGISTRAR), entry.case)
        picture = case_axis(entry.case, shown)["picture"]
    numbers = [m.event.label for m in picture.shape.marks if m.event.kind == "in"]
    assert numbers == [f"Received ({number})" for number in (1, *range(4, 15))]
    assert "2 entries between the first and the newest are not drawn." in picture.conclusion
