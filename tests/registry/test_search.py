"""What is found in the registry, by whom, and in which order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from accounts.rules.roles import Role
from registry import access
from registry.actions.assign import assign_case
from registry.actions.correct import EntryDescription, correct_entry
from registry.actions.index import index_entries
from registry.actions.post import PostParty
from registry.actions.void import void_entry
from registry.models import Entry, SearchEntry, SearchName
from registry.rules.searching import Criteria, Kind, Order, Term, message_number, number_key, terms
from registry.search import Page, Search
from tests.registry.cast import MORNING, REGISTRAR, Town

OSLO = ZoneInfo("Europe/Oslo")
EXEMPT = {"access": "exempt", "legal_basis": "offl. § 13"}


def search(user: User, text: str = "", **criteria: Any) -> Search:
    fresh = User.objects.get(pk=user.pk)  # as each request has it
    return Search(fresh, Criteria(text=text, **criteria), OSLO)


def found(user: User, text: str = "", **criteria: Any) -> list[str]:
    return [hit.entry.reference for hit in search(user, text, **criteria).page("", 50).hits]


def titled(town: Town, title: str, public_title: str = "", **changes: Any) -> Entry:
    given = {"title": title, "public_title": public_title, "message_number": "", "access": "open"}
    return town.register(**{**given, **changes})


def party(name: str, email: str = "", address: str = "") -> PostParty:
    return PostParty("sender", name, email, address, is_person=True)


@pytest.fixture
def registrar(town: Town) -> User:
    return town.user(Role.REGISTRAR)


def test_the_terms_of_a_text() -> None:
    assert terms('barn "plan og bygg" ?') == [
        Term("barn", Kind.WORD),
        Term("plan og bygg", Kind.PHRASE),
    ]
    # A minus is no "not": leaving out would tell what stands where one may not read.
    assert [term.kind for term in terms("barn -vold")] == [Kind.WORD, Kind.WORD]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2026/17-3", "2026173"),
        ("KS 2026/17", "ks202617"),
        ("ks-26/0017", "ks260017"),
        ("2026173", "2026173"),
        ("2026", ""),
        ("Storgata 17", ""),
        ("17 mai", ""),
    ],
)
def test_what_looks_like_a_number(text: str, key: str) -> None:
    assert number_key(text) == key


def test_a_message_number() -> None:
    assert message_number(" m17 ") == "M17"
    assert message_number("Mai 17") == ""


def test_words_are_found_in_other_forms_and_spellings(town: Town, registrar: User) -> None:
    norwegian = titled(town, "Klage på vedtakene om byggesøknader i Ålesund").reference
    swedish = titled(town, "Ansökningar om förskoleplatser i Västerås").reference
    for text in (
        # Norwegian forms of vedtak and byggesøknad, and å = aa = a, ø = ö = oe = o.
        *("vedtak", "vedtaket", "BYGGESØKNAD", "byggesöknaden", "byggesoknad", "byggesoeknad"),
        *("Ålesund", "Aalesund", "Alesund", "vedtak klage", '"vedtakene om"'),
    ):
        assert found(registrar, text) == [norwegian], text
    # Swedish forms of ansökan and förskoleplats, and ä = æ = ae = a.
    for text in ("förskoleplats", "förskoleplatserna", "forskoleplats", "Västerås", "Vesterås"):
        assert found(registrar, text) == ([] if text == "Vesterås" else [swedish]), text
    for text in ("Væsterås", "Vaesteraas", "vasteras", "ansökning"):
        assert found(registrar, text) == [swedish], text
    assert found(registrar, "vedtak förskoleplats") == []
    assert found(registrar, '"klage vedtakene"') == []


def test_parties_are_found_by_name_and_address_also_misspelt(town: Town, registrar: User) -> None:
    entry = titled(
        town,
        "Søknad",
        parties=(party("Bjørn Ødegård", "bjorn.o@example.net", "Åsveien 12"),),
    )
    SearchName.objects.bulk_create([SearchName(word="odegard"), SearchName(word="bjorn")])
    for text in ("Ødegård", "odegaard", "bjorn.o@example.net", "Åsveien 12", "Bjørn søknad"):
        assert found(registrar, text) == [entry.reference], text
    assert found(registrar, "Ødegårdh") == []
    assert found(registrar, "Ødegårdh", near=True) == [entry.reference]
    # A near name stands for a name only, not for a word of a title.
    titled(town, "Odegard skole")
    assert found(registrar, "Ødegårdh", near=True) == [entry.reference]


def test_words_in_a_row_are_found_however_far_back_and_the_page_says_how_far_it_looked(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two looks of two entries for a page: what stands in a row lies before, among and after."""
    monkeypatch.setattr("registry.search._AT_ONCE", 2)
    monkeypatch.setattr("registry.search._MOST_LOOKED_AT", 4)
    registrar, own = town.user(Role.REGISTRAR), town.user(Role.CASEWORKER, unit=town.health)
    secretary = town.user(Role.SECRETARY)
    case = titled(town, "Brev om skole").case_id

    def add(hour: int, title: str, public_title: str = "", **changes: str) -> str:
        at = MORNING + timedelta(hours=hour)
        return titled(town, title, public_title, case=case, at=at, **changes).reference

    oldest = add(1, "Klage på vedtak skole nå")
    secret = add(2, "Nytt vedtak skole nå", "Om skole, klage på vedtak nå", **EXEMPT)
    for hour in range(3, 9):
        add(hour, "En skole fikk vedtak nå")
    newest = add(9, "Dette vedtak skole gjelder")
    add(10, "Et vedtak for en skole nå")

    def walk(user: User, order: Order) -> tuple[list[str], list[int]]:
        seen, looked_at, after = [], [], ""
        while True:
            page = search(user, '"vedtak skole"', order=order).page(after, 5)
            seen += [hit.entry.reference for hit in page.hits]
            looked_at.append(page.looked_at)
            assert page.total is None or not page.after
            if not (after := page.after):
                return seen, looked_at

    for order in Order:
        # Ten hold both words: four, four, and the last two, after which nothing is left to look at.
        assert walk(registrar, order) == ([newest, secret, oldest], [4, 4, 0]), order
        assert walk(own, order)[0] == [newest, secret, oldest]
        # By its public title the words do not stand so.
        assert walk(secretary, order)[0] == [newest, oldest]
    assert [hit.entry.reference for hit in search(registrar, '"vedtak skole"').all(50)] == [
        *(newest, secret, oldest)
    ]
    # Looking ends with a page that is full, and goes on where it ended.
    page = search(registrar, '"vedtak skole"').page("", 1)
    assert [hit.entry.reference for hit in page.hits] == [newest]
    assert (page.looked_at, page.total) == (4, None)
    # One word in a row is a word, and so is what is found at once.
    assert search(registrar, '"skole"').page("", 50).looked_at == 0
    both = found(registrar, '"klage på vedtak" skole', order=Order.NEWEST)
    assert both == [secret, oldest]


def test_a_number_is_found_whole_begun_and_without_punctuation(town: Town, registrar: User) -> None:
    first = titled(town, "En", message_number="M17")
    second = titled(town, "To", case=first.case_id)
    other = titled(town, "Tre")
    assert (first.reference, second.reference, other.reference) == (
        "2026/1-1",
        "2026/1-2",
        "2026/2-1",
    )
    assert found(registrar, "2026/1-2") == ["2026/1-2"]
    assert found(registrar, "2026/1") == ["2026/1-1", "2026/1-2"]
    assert found(registrar, "202612") == ["2026/1-2"]
    assert found(registrar, "M17") == ["2026/1-1"]
    assert search(registrar, "2026/1").page("", 50).by_number


def test_filters_narrow(town: Town, registrar: User) -> None:
    old = titled(town, "Vann", at=MORNING - timedelta(days=400)).reference
    entry = titled(town, "Vann", **EXEMPT)
    out = titled(town, "Vann", case=entry.case_id, direction="outgoing", files=())
    roads = town.register(case=None, title="Vann", message_number="", access="open")
    assign_case(
        case_id=roads.case_id,
        unit_id=town.roads.pk,
        caseworker_id=registrar.pk,
        by=REGISTRAR,
        at=MORNING,
    )
    everything = [roads.reference, out.reference, entry.reference, old]
    for narrow, expected in (
        ({}, everything),
        ({"start": date(2026, 1, 1)}, everything[:3]),
        ({"end": date(2026, 1, 1)}, [old]),
        ({"start": MORNING.date(), "end": MORNING.date()}, everything[:3]),
        ({"direction": "outgoing"}, [out.reference]),
        ({"unit": town.roads.pk}, [roads.reference]),
        ({"mine": True}, [roads.reference]),
        ({"access": "exempt"}, [entry.reference]),
        ({"document_type": town.letter.pk}, everything),
        ({"document_type": town.access_request.pk}, []),
        ({"series": town.series.pk}, everything),
        ({"authority": town.series.authority_id}, everything),
        ({"attachment": True}, [roads.reference, entry.reference, old]),
        ({"status": "void"}, []),
    ):
        for text in ("", "vann"):
            assert found(registrar, text, order=Order.NEWEST, **narrow) == expected, narrow
    void_entry(entry_id=entry.pk, reason="Feil", by=REGISTRAR, at=MORNING)
    assert found(registrar, status="void") == [entry.reference]


def test_what_may_not_be_read_is_not_found_by_its_words(town: Town) -> None:
    """The same words found, or not, by each kind of person; and a correction is obeyed at once."""
    entry = titled(
        town,
        "Vold mot Ola Nordmann",
        "Henvendelse om skole",
        parties=(party("Ola Nordmann", "ola@example.net", "Storgata 1"),),
        **EXEMPT,
    )
    elsewhere = assigned(
        town, titled(town, "Veilys", parties=(party("Per Nordmann"),), files=()), town.roads.pk
    )
    registrar, own = town.user(Role.REGISTRAR), town.user(Role.CASEWORKER, unit=town.health)
    secretary, other = town.user(Role.SECRETARY), town.user(Role.CASEWORKER, unit=town.roads)
    nobody = town.user()
    protected = ("vold", "Nordmann skole", "ola@example.net", "Storgata", "kart")
    for text in protected:
        assert found(registrar, text) == found(own, text) == [entry.reference], text
        assert found(secretary, text) == found(other, text) == found(nobody, text) == [], text
        assert search(secretary, text).page("", 50).total == 0
        assert not search(secretary, text).exists()
    assert found(secretary, "Nordmann", near=True) == [elsewhere.reference]
    assert found(secretary, "henvendelse skole") == [entry.reference]
    assert found(other, "skole") == found(other, entry.reference) == []
    (hit,) = search(secretary, "skole").page("", 50).hits
    assert (hit.title, hit.parties, hit.in_full) == ("Henvendelse om skole", (), False)

    correct_entry(
        entry_id=entry.pk,
        expected_version=1,
        description=EntryDescription(
            "Mobbing", "Sak om buss", "exempt", "offl. § 13", town.letter.pk, None
        ),
        reason="Rettet",
        by=REGISTRAR,
        at=MORNING,
    )
    assert found(registrar, "vold") == found(secretary, "skole") == []
    assert found(registrar, "mobbing") == found(secretary, "buss") == [entry.reference]
    assert found(secretary, "mobbing") == []


def test_the_order_of_hits_does_not_betray_what_may_not_be_read(town: Town) -> None:
    """The protected title names the school three times, which only those who may read it notice."""
    secret = titled(town, "Skole skole skole", "Brev om skole", **EXEMPT)
    plain = titled(town, "Brev om skole", "Brev om skole", at=MORNING + timedelta(hours=1))
    assert found(town.user(Role.REGISTRAR), "skole") == [secret.reference, plain.reference]
    assert found(town.user(Role.SECRETARY), "skole") == [plain.reference, secret.reference]


def test_an_index_that_is_behind_gives_nothing_away(town: Town) -> None:
    """Access is judged by the record as it stands, whatever the index still says."""
    entry = titled(town, "Vold i hjemmet", "Henvendelse")
    other = town.user(Role.SECRETARY)
    assert found(other, "vold") == [entry.reference]
    correct_entry(
        entry_id=entry.pk,
        expected_version=1,
        description=EntryDescription(
            entry.title, "Henvendelse", "exempt", "offl. § 13", town.letter.pk, None
        ),
        reason="Skjermes",
        by=REGISTRAR,
        at=MORNING,
    )
    entry.refresh_from_db()
    _pretend_open(entry)
    assert found(other, "vold") == []
    index_entries([entry.pk])
    assert found(other, "vold") == []
    assert found(other, "henvendelse") == [entry.reference]


def _pretend_open(entry: Entry) -> None:
    row = SearchEntry.objects.defer("words", "public_words").get(pk=entry.pk)
    row.marks = [mark.replace("access:exempt", "access:open") for mark in row.marks]
    row.save(update_fields=["marks"])


def assigned(town: Town, entry: Entry, unit: int) -> Entry:
    assign_case(case_id=entry.case_id, unit_id=unit, caseworker_id=None, by=REGISTRAR, at=MORNING)
    return entry


def test_the_ends_of_the_calendar_are_days_like_any_other(town: Town, registrar: User) -> None:
    entry = titled(town, "Vann")
    everything = {"start": date.min, "end": date.max}
    assert found(registrar, "vann", **everything) == [entry.reference]
    assert found(registrar, "vann", start=date.max) == found(registrar, "vann", end=date.min) == []


@pytest.mark.parametrize("order", [Order.BEST, Order.NEWEST])
@pytest.mark.parametrize("text", ["", "vann"])
def test_pages_neither_repeat_nor_skip_while_new_entries_come(
    town: Town, registrar: User, text: str, order: Order
) -> None:
    first = titled(town, "Vann og vann")
    expected = {first.reference}
    for number in range(1, 8):
        # Two at the same instant, so that the time alone does not tell them apart.
        at = MORNING + timedelta(hours=number // 2)
        expected.add(titled(town, f"Vann {number}", case=first.case_id, at=at).reference)
    seen: list[str] = []
    after = ""
    while True:
        page: Page = search(registrar, text, order=order).page(after, 3)
        seen += [hit.entry.reference for hit in page.hits]
        titled(town, "Vann", case=first.case_id, at=MORNING + timedelta(days=1))
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


@pytest.mark.parametrize(
    "after", ["t", "b", "t1.x", "b1.x", "b\u00b2.t1.1.t4e18.1", "t9e99.1", "x" * 500]
)
def test_a_cursor_that_makes_no_sense_is_the_start(town: Town, registrar: User, after: str) -> None:
    entry = titled(town, "Vann")
    page = search(registrar, "vann").page(after, 3)
    assert [hit.entry.reference for hit in page.hits] == [entry.reference]


def test_a_case_is_found_by_part_of_its_titles_and_only_by_what_may_be_known(town: Town) -> None:
    entry = titled(town, "Brev")
    case = entry.case
    assert (case.title, case.public_title) == ("Støttekontakt, Ola Nordmann", "Støttekontakt")
    registrar, secretary = town.user(Role.REGISTRAR), town.user(Role.SECRETARY)
    stranger = town.user(Role.CASEWORKER, unit=town.roads)
    for text, seen_by_secretary in (
        *(("kontakt", True), ("STOTTEKONTAKT", True), ("stöttekontakt", True)),
        *((case.reference, True), ("nordmann", False), ("Ola", False), ("kontakt, ola", False)),
        *(("%", False), ("_", False)),
    ):
        by_title = text not in ("%", "_")
        assert access.find_cases(registrar, text).exists() == by_title, text
        assert access.find_cases(secretary, text).exists() == seen_by_secretary, text
        assert not access.find_cases(stranger, text).exists(), text
    assert access.find_cases(registrar, " ").exists()
