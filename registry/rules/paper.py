"""A letter on paper, read back from the document that was stored (registry/actions/sheet.py)."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

_BLOCKS = frozenset({"div", "h2", "p"})


@dataclass(frozen=True)
class Block:
    """A part of the sheet: its element, and its text with the ends of its lines."""

    element: str
    text: str


def blocks(document: str) -> tuple[Block, ...]:
    """What stands on the sheet, in order: plain text, for a page that escapes what it shows."""
    reader = _Reader()
    reader.feed(document)
    reader.close()
    return tuple(
        Block(element, "\n".join(line.strip() for line in "".join(parts).split("\n")))
        for element, parts in reader.found
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, list[str]]] = []
        self._in_block = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _BLOCKS:
            self.found.append((tag, []))
            self._in_block = True
        elif tag == "br" and self._in_block:
            self.found[-1][1].append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._in_block = False

    def handle_data(self, data: str) -> None:
        # In the document a line ends with <br>; where else it is broken is a space.
        if self._in_block:
            self.found[-1][1].append(data.replace("\n", " "))
