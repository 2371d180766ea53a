"""A table as a file that a spreadsheet opens: CSV or XLSX, with nothing in it that it would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from openpyxl import Workbook

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What makes a spreadsheet read a cell as a formula (OWASP, CSV injection), also as the full-width
# signs that some programs take for the same, and also behind blanks.
_FORMULA = re.compile(r"^[\s\u00a0]*[=+\-@＝＋－＠]|^[\t\r\n]")
# What may not stand in XML 1.0.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_767  # characters of a cell in XLSX


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
    """One sheet, every cell a text. As `as_csv`."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in (*about, (), *rows):
        sheet.append([harmless(value) for value in line])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
