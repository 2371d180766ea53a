"""Notices to colleagues: at once, in their language, a number and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Absence, User
from outbox.actions.notify import notify_person
from outbox.models import Letter, LetterRecipient
from tests.outbox.builders import NOW


def person(name: str, **fields: Any) -> User:
    return User.objects.create(email=f"{name}@fjordvik.example", name=name.title(), **fields)


def tell(user: User, kind: str = "assigned", **changes: Any) -> list[Letter]:
    given = {"about": "2026/17", "by": "user:0", "at": NOW}
    return notify_person(user_id=user.pk, kind=kind, **{**given, **changes})


@pytest.mark.usefixtures("municipality")
def test_a_colleague_is_told_in_the_own_language_and_only_the_number() -> None:
    (letter,) = tell(person("kari", language="sv"))
    assert letter.subject == "2026/17 har tilldelats dig"
    assert letter.automatic
    assert letter.envelope_from == ""
    assert "http" not in letter.text
    (english,) = tell(person("john", language="en"), "mention")
    assert english.subject == "You are mentioned in 2026/17"


@pytest.mark.usefixtures("municipality")
def test_one_letter_for_each_person_kind_and_subject_within_the_hour() -> None:
    kari = person("kari")
    assert len(tell(kari)) == 1
    assert tell(kari) == []
    assert tell(kari, at=NOW + timedelta(minutes=59)) == []
    assert len(tell(kari, "mention")) == 1
    assert len(tell(kari, about="2026/18")) == 1
    assert len(tell(person("per"))) == 1
    assert len(tell(kari, at=NOW + timedelta(minutes=61))) == 1


@pytest.mark.usefixtures("municipality")
def test_what_one_does_oneself_or_has_switched_off_is_not_told_but_a_threat_is() -> None:
    kari = person("kari", notices=False)
    assert tell(kari) == tell(kari, "mention") == []
    assert len(tell(kari, "threat")) == 1
    assert tell(person("per"), by=User.objects.get(name="Per").actor) == []
    assert tell(person("gone", is_active=False), "threat") == []
    assert notify_person(user_id=0, kind="threat", about="M17", by="user:1", at=NOW) == []
    with pytest.raises(ValueError, match="gossip"):
        tell(kari, "gossip")


@pytest.mark.usefixtures("municipality")
def test_whoever_stands_in_is_told_too() -> None:
    kari, per = person("kari"), person("per")
    Absence.objects.create(
        user=kari,
        delegate=per,
        from_on=date(2026, 3, 1),
        to_on=date(2026, 3, 2),
        made_at=NOW,
        made_by=kari.actor,
    )
    tell(kari)
    tell(kari, about="2026/18", at=NOW + timedelta(days=1))
    told = LetterRecipient.objects.order_by("letter__about", "address")
    assert list(told.values_list("letter__about", "address")) == [
        ("2026/17", "kari@fjordvik.example"),
        ("2026/17", "per@fjordvik.example"),
        ("2026/18", "kari@fjordvik.example"),
    ]
