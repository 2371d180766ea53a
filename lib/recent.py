"""Remember for a few seconds what hardly ever changes and is asked for with every message."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Strangers choose some of the questions: their number must not fill the memory.
_MOST = 1_000

_remembered: list[Callable[[], None]] = []


class Recent(Generic[P, R]):
    """A question whose answer is kept in this process for `seconds`.

    For settings that people make (the municipality, mailboxes, series, wordings), and only where
    an answer that is so many seconds old does no harm; never for the state of a message or case.
    Callers must not change what they are given. None is not kept: what is not there yet may be
    made at any moment.
    """

    def __init__(self, question: Callable[P, R], seconds: float) -> None:
        self._question = question
        self._seconds = seconds
        self._answers: dict[object, tuple[float, R]] = {}
        update_wrapper(self, question)
        _remembered.append(self.forget)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        asked_at = time.monotonic()
        known = self.remembered(*args, **kwargs)
        if known is not None:
            return known
        answer = self._question(*args, **kwargs)
        if answer is None:
            return answer
        if len(self._answers) >= _MOST:
            self._answers.clear()
        self._answers[_key(args, kwargs)] = (asked_at + self._seconds, answer)
        return answer

    def remembered(self, *args: P.args, **kwargs: P.kwargs) -> R | None:
        """The answer if it is kept, else None; the question is not asked."""
        known = self._answers.get(_key(args, kwargs))
        return known[1] if known is not None and time.monotonic() < known[0] else None

    def forget(self) -> None:
        """Ask anew next time: to be called where the answer is changed."""
        self._answers.clear()


def _key(args: object, kwargs: dict[str, object]) -> object:
    return args, tuple(sorted(kwargs.items()))


def recent(seconds: float) -> Callable[[Callable[P, R]], Recent[P, R]]:
    """Decorate a question with how many seconds old its answer may be."""
    return lambda question: Recent(question, seconds)


def forget_everything() -> None:
    """Forget all answers, as a test does between two databases."""
    for forget in _remembered:
        forget()
