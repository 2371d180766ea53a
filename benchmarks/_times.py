"""How long something takes when it is done again and again, and a line that says so."""

from __future__ import annotations

import time
from collections.abc import Callable

HEADINGS = f"{'':<46} {'p50 ms':>8} {'p95 ms':>8} {'goal':>6} {'own CPU':>8}   "


class Taken(list[float]):
    """Sorted milliseconds of each run, and what this process computed in the mean of them.

    The second does not depend on what else the machine does; the database's work is not in it.
    """

    cpu = 0.0


def milliseconds(work: Callable[[int], object], times: int) -> Taken:
    """The times of `work(0)`, `work(1)`, …; three runs before that only warm up."""
    for number in range(3):
        work(number)
    taken = Taken()
    computed = time.process_time()
    for number in range(times):
        start = time.perf_counter()
        work(number)
        taken.append(1_000 * (time.perf_counter() - start))
    taken.cpu = 1_000 * (time.process_time() - computed) / times
    taken.sort()
    return taken


def say(what: str, taken: Taken, goal: float | None = None, more: str = "") -> None:
    """One line: median and 95th percentile, the goal, and whether it was missed."""
    p50, p95 = taken[len(taken) // 2], taken[min(len(taken) - 1, int(len(taken) * 0.95))]
    aim = f"{goal:6.0f}" if goal else "      "
    missed = "  MISSED" if goal and p95 > goal else ""
    print(f"{what:<46} {p50:8.1f} {p95:8.1f} {aim} {taken.cpu:8.1f}   {more}{missed}", flush=True)
