"""The one way in which an action says no."""

from __future__ import annotations


class Refused(Exception):
    """An action was not carried out, and nothing was written.

    `code` is stable and for programs (tests, logs); `sentence` is for the person who asked
    and may be a lazy translation. Neither holds personal content.
    """

    def __init__(self, code: str, sentence: object) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)
