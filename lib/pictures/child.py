"""The one who draws, in a process that may crash, spin or fill its memory."""

from __future__ import annotations

from lib.mime.child import ParserChild
from lib.mime.limits import Unreadable
from lib.pictures.draw import Drawn


class PictureChild(ParserChild):
    """Draws pages of PDF files and images; nothing that a file wants to run is run.

    A fresh child takes over after 200 pages: what a broken file has left behind goes with it.
    """

    def __init__(self, *, seconds: float = 10.0, memory: int = 512 * 2**20) -> None:
        super().__init__(
            seconds=seconds, memory=memory, mails=200, module="lib.pictures.child_main"
        )

    def draw(self, data: bytes, media_type: str, number: int) -> Drawn:
        """As `lib.pictures.draw.draw`; raises its codes, too_large, and parser_timeout,
        parser_memory, parser_crashed where the child had to be given up."""
        head, picture = self._ask({"do": "draw", "type": media_type, "number": number}, data)
        drawn = self._checked(lambda: Drawn(picture, int(head["pages"]), int(head["all_pages"])))
        if picture[:4] != b"RIFF" or picture[8:12] != b"WEBP":
            # A child that was taken over can answer anything; only a picture reaches a browser.
            raise Unreadable("parser_crashed")
        return drawn
