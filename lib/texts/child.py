"""The reader of files, in a process that may crash, spin or fill its memory."""

from __future__ import annotations

from dataclasses import dataclass

from lib.mime.child import ParserChild


@dataclass(frozen=True)
class FileText:
    """Text of a file; `cut` when there was more of it than is kept."""

    text: str
    cut: bool


class TextChild(ParserChild):
    """Reads files of many kinds; none of their macros, links or embedded programs is run.

    A fresh child takes over after 200 files: the libraries for office files keep memory.
    """

    def __init__(self, *, seconds: float = 20.0, memory: int = 640 * 2**20) -> None:
        super().__init__(seconds=seconds, memory=memory, mails=200, module="lib.texts.child_main")

    def text_of(self, data: bytes, filename: str = "") -> FileText:
        """Raises `lib.mime.limits.Unreadable`: no_text (a kind of file without any), encrypted,
        damaged, too_large, zip_too_many, zip_too_large, zip_ratio, entities, and
        parser_timeout, parser_memory, parser_crashed where the child had to be given up."""
        head, body = self._ask({"do": "text", "filename": filename}, data)
        return self._checked(lambda: FileText(body.decode("utf-8"), bool(head["cut"])))
