"""Administration: what is set there is checked, and the record cannot be touched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from lib.refusal import Refused
from registry.models import AnswerText, Entry, RuleOverride, Series
from tests.registry.cast import Town

RECORD = ["case", "entry", "document", "deadline", "hold", "acknowledgement"]


@pytest.fixture
def operator(town: Town, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator@nn.example", "Odd Drift"))
    return client


def series(town: Town, **changes: object) -> dict[str, object]:
    return {
        "authority": town.series.authority_id,
        "name": "Planarkiv",
        "prefix": "PLAN",
        "case_pattern": "{prefix} {year}/{number}",
        "document_pattern": "-{document}",
        "is_active": "on",
        **changes,
    }


def test_a_series_with_a_pattern_of_its_own_is_added(town: Town, operator: Client) -> None:
    address = reverse("admin:registry_series_add")
    assert operator.post(address, series(town)).status_code == 302
    assert Series.objects.get(name="Planarkiv").prefix == "PLAN"


@pytest.mark.parametrize(
    "changes",
    [
        {"case_pattern": "{prefix} {number}"},
        {"case_pattern": "{prefix} {year}/{nummer}"},
        {"document_pattern": "{case}-{document}"},
        # As the series that there is.
        {"prefix": "", "case_pattern": "{year}/{number}"},
    ],
)
def test_a_pattern_that_would_make_bad_numbers_is_refused(
    town: Town, operator: Client, changes: dict[str, str]
) -> None:
    response = operator.post(reverse("admin:registry_series_add"), series(town, **changes))
    assert response.status_code == 200
    assert Series.objects.count() == 1


def test_a_bad_pattern_that_came_another_way_makes_no_number(town: Town) -> None:
    Series.objects.update(document_pattern="{case}-{document}")
    with pytest.raises(Refused) as refused:
        town.register()
    assert refused.value.code == "bad_pattern"


def test_a_rule_in_force_is_ended_but_not_edited(town: Town, operator: Client) -> None:
    today = timezone.localdate()
    rule = RuleOverride.objects.create(
        key="answer", number=5, unit="workdays", paragraph="§ 4", valid_from=today
    )
    address = reverse("admin:registry_ruleoverride_change", args=[rule.pk])
    response = operator.post(address, {"number": 50, "valid_to": today + timedelta(days=9)})
    assert response.status_code == 302
    rule.refresh_from_db()
    assert (rule.number, rule.valid_to) == (5, today + timedelta(days=9))
    late = operator.post(address, {"valid_to": today - timedelta(days=1)})
    assert late.status_code == 200


def test_a_rule_to_come_may_still_be_edited(town: Town, operator: Client) -> None:
    begins = timezone.localdate() + timedelta(days=30)
    rule = RuleOverride.objects.create(
        key="answer", number=5, unit="workdays", paragraph="§ 4", valid_from=begins
    )
    values = {"key": "answer", "number": 7, "unit": "workdays", "paragraph": "§ 4"}
    address = reverse("admin:registry_ruleoverride_change", args=[rule.pk])
    assert operator.post(address, {**values, "valid_from": begins}).status_code == 302
    rule.refresh_from_db()
    assert rule.number == 7


@pytest.mark.parametrize("name", RECORD)
def test_the_record_is_read_only_for_operators_too(town: Town, operator: Client, name: str) -> None:
    town.acknowledge(town.register())
    assert operator.get(reverse(f"admin:registry_{name}_changelist")).status_code == 200
    assert operator.get(reverse(f"admin:registry_{name}_add")).status_code == 403


def test_an_operator_sees_no_protected_title(town: Town, operator: Client) -> None:
    entry = town.register()
    pages = [
        reverse("admin:registry_entry_changelist"),
        reverse("admin:registry_entry_change", args=[entry.pk]),
        reverse("admin:registry_case_change", args=[entry.case_id]),
    ]
    for page in pages:
        assert "Nordmann" not in operator.get(page).content.decode()
    assert operator.post(pages[1], {"reference": "x"}).status_code == 403
    assert Entry.objects.get(pk=entry.pk).reference == entry.reference


def test_a_ready_made_text_gets_versions_and_is_shown_filled_in(
    town: Town, operator: Client
) -> None:
    given = {
        "code": "svar",
        "language": "nb",
        "name": "Svar",
        "heading": "Svar på henvendelsen din",
        "text": "Sak ((reference)): ((vurdering))",
        "is_active": "on",
    }
    add = reverse("admin:registry_answertext_add")
    operator.post(add, given)
    operator.post(add, {**given, "text": "Vår sak er ((reference))."})
    refused = operator.post(add, {**given, "text": "Vår sak er ((reference)."})
    assert refused.status_code == 200
    texts = AnswerText.objects.order_by("version")
    assert [each.version for each in texts] == [1, 2]
    page = operator.get(reverse("admin:registry_answertext_change", args=[texts[0].pk]))
    assert "Sak 2026/123: ((vurdering))" in page.content.decode()
