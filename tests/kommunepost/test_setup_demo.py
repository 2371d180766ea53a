"""The demo municipalities, once they stand in the database."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from kommunepost.demo import MUNICIPALITIES
from registry.actions.numbers import take_numbers
from registry.models import Series


@pytest.mark.django_db
@pytest.mark.parametrize("municipality", sorted(MUNICIPALITIES))
def test_every_diary_of_a_demo_municipality_gives_numbers(municipality: str) -> None:
    call_command("setup_demo", municipality=municipality)
    assert Series.objects.exists()
    for series in Series.objects.all():
        assert take_numbers(series_id=series.pk, year=2026, new_case=True).case == 1
