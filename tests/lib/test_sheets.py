"""Tables as files: numbers and days are what they are, and nothing is a formula."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest

from lib import sheets

# 14.30 in Oslo on 2 March 2026 is the serial 46083 and 14.5 of 24 hours (Excel counts 1 = 1 January
# 1900, with a 29 February 1900 that never was: 126 years × 365 + 31 leap days + 31 + 28 + 2 + 1).
LOCAL = datetime(2026, 3, 2, 14, 30, 5, 999, tzinfo=UTC)
ROWS = [
    ("Nummer", "Dag", "Sendt", "Antall", "Andel"),
    ("2026/1-1", date(2026, 3, 2), sheets.Worded("02.03.2026 14.30", LOCAL), 7, -2),
    ("=1+1", None, "–", 0, True),
]


def sheet_of(data: bytes) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(data)).active


def test_days_and_numbers_are_such_in_xlsx_and_all_else_is_text() -> None:
    sheet = sheet_of(
        sheets.as_xlsx([("Fra", sheets.Worded("2. mars 2026", date(2026, 3, 2)))], ROWS)
    )
    assert sheet["B1"].value == datetime(2026, 3, 2)  # noqa: DTZ001
    assert [cell.data_type for cell in sheet[4]] == ["s", "d", "d", "n", "n"]
    assert [cell.value for cell in sheet[4]][1:] == [
        datetime(2026, 3, 2),  # noqa: DTZ001
        datetime(2026, 3, 2, 14, 30, 5),  # noqa: DTZ001
        *(7, -2),
    ]
    assert "yy" in sheet["B4"].number_format
    assert [cell.data_type for cell in sheet[5]][2:] == ["s", "n", "s"]
    assert sheet["A5"].value == "'=1+1"


@pytest.mark.parametrize("start", [*"=+-@", "＝", " =", "\u00a0+"])
def test_no_words_of_a_day_become_a_formula(start: str) -> None:
    row = (f"{start}1", sheets.Worded(f"{start}1", date(2026, 3, 2)))
    sheet = sheet_of(sheets.as_xlsx([], [row]))
    assert [cell.data_type for cell in sheet[2]] == ["s", "d"]
    assert sheets.as_csv([], [row]).decode("utf-8-sig") == f"\r\n'{start}1;'{start}1\r\n"


def test_csv_says_what_people_read() -> None:
    lines = sheets.as_csv([], ROWS).decode("utf-8-sig").splitlines()
    assert lines[2] == "2026/1-1;2026-03-02;02.03.2026 14.30;7;'-2"
