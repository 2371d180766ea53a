"""The registry's list as a page: filters in the address, saved views, files."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta

import openpyxl
import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rules.roles import Role
from ledger.queries import history
from lib import sheets
from registry.models import SavedView, SearchName
from registry.views import search as views
from tests.registry.cast import MORNING, Town
from tests.registry.test_search import EXEMPT, party, titled

CASES = "registry:cases"


@pytest.fixture
def registrar(town: Town, client: Client) -> User:
    user = town.user(Role.REGISTRAR)
    user.language = "en"
    user.save()
    client.force_login(user)
    return user


def page(client: Client, **query: str) -> str:
    response = client.get(reverse(CASES), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_list_shows_each_entry_as_the_person_may_read_it(town: Town, client: Client) -> None:
    entry = titled(town, "Vold mot Ola", "Henvendelse", parties=(party("Ola N"),), **EXEMPT)
    for role, seen, unseen in (
        (Role.REGISTRAR, ("Vold mot Ola", "Ola N"), ()),
        (Role.SECRETARY, ("Henvendelse",), ("Vold", "Ola N")),
    ):
        client.force_login(town.user(role))
        shown = page(client)
        assert entry.reference in shown
        assert all(text in shown for text in seen)
        assert not any(text in shown for text in unseen)
    for user in (town.user(Role.OFFICIAL), town.user()):
        client.force_login(user)
        for name in (CASES, "registry:export-csv", "registry:export-xlsx"):
            assert client.get(reverse(name)).status_code == 403
        assert client.post(reverse("registry:save-view"), {"name": "a"}).status_code == 403
    client.logout()
    assert client.get(reverse(CASES)).status_code == 302
    assert not AnonymousUser().is_authenticated


def test_filters_stand_in_the_address_and_no_hit_names_the_filter_in_the_way(
    town: Town, client: Client, registrar: User
) -> None:
    titled(town, "Vann og avløp")
    shown = page(client, q="avløp", direction="outgoing", unit=str(town.health.pk))
    assert "No entry fits." in shown
    assert "Without “In or out”" in shown
    assert f'href="?q=avl%C3%B8p&amp;unit={town.health.pk}"' in shown
    # Neither of these alone brings a hit.
    assert "Without “Unit”" not in shown
    assert "Vann og avløp" in page(client, q="avløp", unit=str(town.health.pk))
    # What was filled in wrongly says so, and does not narrow.
    shown = page(client, q="avløp", start="yesterday", unit="x")
    assert "Enter a valid date." in shown
    assert "Vann og avløp" in shown


def test_where_nothing_is_spelt_so_what_is_spelt_nearly_so_is_shown(
    town: Town, client: Client, registrar: User
) -> None:
    titled(town, "Vann", parties=(party("Bjørn Ødegård"),))
    SearchName.objects.bulk_create([SearchName(word="odegard")])
    shown = page(client, q="Ødegårdh", order="newest")
    assert "Nothing is spelt “Ødegårdh”. These have names that are spelt nearly like it." in shown
    assert "Bjørn Ødegård" in shown
    # The file holds what the page shows.
    assert 'export.csv?q=%C3%98deg%C3%A5rdh&amp;order=newest&amp;near=on"' in shown
    # Who filters it away is told so, and gets no near name from elsewhere.
    shown = page(client, q="Ødegårdh", direction="outgoing")
    assert "No entry fits." in shown
    assert "Without “In or out”" not in shown
    # What is spelt so comes alone, with the way to the others.
    shown = page(client, q="Ødegård")
    assert "Nothing is spelt" not in shown
    assert "Also names spelt nearly like this" in shown
    assert "No entry fits." in page(client, q="Xyzzy")


def test_a_page_of_words_in_a_row_says_how_far_it_looked(
    town: Town, client: Client, registrar: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.search._AT_ONCE", 1)
    monkeypatch.setattr("registry.search._MOST_LOOKED_AT", 1)
    old = titled(town, "Vann og avløp")
    titled(town, "Avløp og vann", case=old.case_id, at=MORNING + timedelta(hours=1))
    shown = page(client, q='"vann og avløp"')
    assert "No entry fits so far." in shown
    assert "1 entries with all these words were looked through" in shown
    (following,) = re.findall(r'rel="next" href="[?]([^"]*)"', shown)
    shown = client.get(f"{reverse(CASES)}?{following.replace('&amp;', '&')}").content.decode()
    assert old.reference in shown


def test_a_page_leads_to_the_next_one_and_a_case_is_found_too(
    town: Town, client: Client, registrar: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_ROWS", 2)
    first = titled(town, "Vann 0")
    for number in (1, 2):
        titled(town, f"Vann {number}", case=first.case_id, at=MORNING + timedelta(hours=number))
    shown = page(client)
    assert "Vann 2" in shown
    assert "Vann 0" not in shown
    (further,) = re.findall(r'rel="next" href="\?([^"]+)"', shown)
    shown = client.get(f"{reverse(CASES)}?{further.replace('&amp;', '&')}").content.decode()
    assert "Vann 0" in shown
    assert "Vann 2" not in shown
    assert 'rel="next"' not in shown
    found = page(client, q=first.case.title)
    assert found.index("Cases</h2>") < found.index(first.case.reference)


def test_a_saved_view_is_the_persons_own_and_says_when_something_is_new(
    town: Town, client: Client, registrar: User
) -> None:
    titled(town, "Vann")
    kept = {"q": "vann", "order": "newest", "name": "Water"}
    assert client.post(reverse("registry:save-view"), kept).url.endswith("?q=vann&order=newest")
    (view,) = SavedView.objects.all()
    assert (view.name, view.query, view.user_id) == ("Water", "q=vann&order=newest", registrar.pk)
    assert "Water</a></li>" in page(client)
    titled(town, "Vann igjen", at=timezone.now())
    titled(town, "Vei", at=timezone.now())
    assert "New</span>" in page(client)
    page(client, q="vann", order="newest")
    assert "Water</a></li>" in page(client, view="all")
    for nothing in (" ", "\0"):
        answer = client.post(reverse("registry:save-view"), {"name": nothing}, follow=True)
        assert "Give the view a name." in answer.content.decode()
    client.force_login(town.user(Role.REGISTRAR))
    assert "Water" not in page(client)
    assert client.post(reverse("registry:forget-view", args=[view.pk])).status_code == 404
    client.force_login(registrar)
    client.post(reverse("registry:forget-view", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_a_file_holds_the_list_its_filter_and_its_time_and_nothing_that_runs(
    town: Town, client: Client, registrar: User
) -> None:
    titled(town, '=HYPERLINK("http://evil.example";"Vann")', parties=(party("@SUM(A1)"),))
    titled(town, 'Blåbær; og "søtt" vann, ja', at=MORNING + timedelta(hours=1))
    response = client.get(reverse("registry:export-csv"), {"q": "vann", "direction": "incoming"})
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in response["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Entries of the registry"]
    assert rows[1][0] == "Taken out"
    assert rows[2:4] == [["Search", "vann"], ["In or out", "Incoming"]]
    assert rows[5][:4] == ["Number", "Registered", "In or out", "Title"]
    assert rows[6][1:4] == ["2026-03-02", "Incoming", 'Blåbær; og "søtt" vann, ja']
    assert rows[7][3:5] == ['\'=HYPERLINK("http://evil.example";"Vann")', "'@SUM(A1)"]
    response = client.get(reverse("registry:export-xlsx"), {"q": "vann", "direction": "incoming"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    table = [list(row[:4]) for row in sheet.iter_rows(min_row=6, values_only=True)]
    assert [row[1] for row in table[1:]] == [datetime(2026, 3, 2), datetime(2026, 3, 2)]  # noqa: DTZ001
    assert [[row[0], *row[2:]] for row in table] == [[row[0], *row[2:4]] for row in rows[5:]]
    # Days are days, all else is text: nothing is calculated.
    kinds = {cell.data_type for row in sheet.iter_rows(min_row=7) for cell in row if cell.value}
    assert kinds == {"s", "d"}
    assert sheet["B2"].data_type == "d"
    taken = [event.data for event in history(registrar.actor)]
    assert [each["rows"] for each in taken] == [2, 2]


def test_too_long_a_list_asks_for_narrowing(
    town: Town, client: Client, registrar: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_MOST_ROWS_OF_A_FILE", 1)
    for _ in range(2):
        titled(town, "Vann")
    response = client.get(reverse("registry:export-csv"), {"q": "vann"}, follow=True)
    assert response.redirect_chain == [(f"{reverse(CASES)}?q=vann", 302)]
    assert "Narrow the list first" in response.content.decode()


def test_what_was_not_readable_is_not_in_the_file(town: Town, client: Client) -> None:
    titled(town, "Vold mot Ola", "", parties=(party("Ola N"),), **EXEMPT)
    client.force_login(town.user(Role.SECRETARY))
    text = client.get(reverse("registry:export-csv")).content.decode("utf-8-sig")
    assert "2026/1-1" in text
    assert "Ola" not in text


@pytest.mark.parametrize("start", [*"=+-@\t\r\n", "＝", " =", "\u00a0+"])
def test_a_cell_that_begins_as_a_formula_is_made_text(start: str) -> None:
    assert sheets.harmless(f"{start}1") == f"'{start}1"


def test_a_cell_keeps_everything_else() -> None:
    assert sheets.harmless("2026/1-1") == "2026/1-1"
    assert sheets.harmless("a=b") == "a=b"
    assert sheets.harmless("a\x00b\x0bc\ud800") == "abc"
    assert sheets.harmless(None) == ""
