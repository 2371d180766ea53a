"""A table as a file that a spreadsheet opens: CSV or XLSX, with nothing in it that it would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from openpyxl import Workbook

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What makes a spreadsheet read a cell as a formula (OWASP, CSV injection), also as the full-width
# signs that some programs take for the same, and also behind blanks.
_FORMULA = re.compile(r"^[\s\u00a0]*[=+\-@＝＋－＠]|^[\t\r\n]")
# What may not stand in XML 1.0.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_767  # characters of a cell in XLSX


class Worded(str):
    """A day or an instant as people read it, with what it is; an instant in its local time."""

    value: date

    def __new__(cls, words: str, value: date) -> Worded:
        worded = super().__new__(cls, words)
        worded.value = value
        return worded


def harmless(value: object) -> str:
    """The value as text that no spreadsheet calculates: an apostrophe goes before a formula."""
    text = _FORBIDDEN.sub("", "" if value is None else str(value))[: _LONGEST - 1]
    return f"'{text}" if _FORMULA.match(text) else text


def as_csv(about: Iterable[Sequence[object]], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark and semicolons, as Excel in Norway and Sweden expects it.

    `about` are lines above the table, set off by an empty one.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for line in (*about, (), *rows):
        writer.writerow([harmless(value) for value in line])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(about: Iterable[Sequence[object]], rows: Iterable[Sequence[object]]) -> bytes:
    """One sheet, as `as_csv`; days, instants and numbers are such, all else is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in (*about, (), *rows):
        sheet.append([_cell(value) for value in line])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(value: object) -> object:
    """What a cell of XLSX holds: nothing in it is calculated, whatever it begins with."""
    if isinstance(value, Worded):
        value = value.value
    if isinstance(value, datetime):
        # A spreadsheet knows no time zones.
        return value.replace(tzinfo=None, microsecond=0)
    if isinstance(value, date | int | float) and not isinstance(value, bool):
        return value
    return harmless(value)
