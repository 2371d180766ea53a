"""What Norwegian and Swedish law and practice say about time, as dated rules.

The shipped rules are never edited in place. A municipality's own numbers are rows in its database,
handed in as `overrides`.
"""

from __future__ import annotations

from collections.abc import Mapping

from lib.jurisdictions import no, se
from lib.jurisdictions.model import (
    Due,
    NoRuleError,
    Pause,
    Profile,
    Roll,
    Rule,
    RuleKind,
    Unit,
    due,
    due_on,
    end_of_day,
    local_date,
    rule,
)
from lib.workdays import Country

__all__ = [
    "PROFILES",
    "Country",
    "Due",
    "NoRuleError",
    "Pause",
    "Profile",
    "Roll",
    "Rule",
    "RuleKind",
    "Unit",
    "due",
    "due_on",
    "end_of_day",
    "local_date",
    "profile_for",
    "rule",
    "rules_for",
]

PROFILES: Mapping[str, Profile] = {"NO": no.PROFILE, "SE": se.PROFILE}


def profile_for(country: str) -> Profile:
    """Return the profile of "NO" or "SE". Raises KeyError for anything else."""
    return PROFILES[country]


def rules_for(country: Country) -> tuple[Rule, ...]:
    """Return every shipped rule of the country, past ones too."""
    return PROFILES[country].rules
