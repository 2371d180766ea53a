"""Who stands in for whom while people are away.

Work that would wait for somebody who is away goes to the delegate; if the delegate is away too, on
to the delegate's own. The rule of who may say so is in the action; here is only the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def stands_in_for(user: int, away: Mapping[int, int]) -> set[int]:
    """Everybody whose work comes to `user`; `away` names the delegate of each who is away.

    Ends also where the rows form a ring, which `closes_a_ring` keeps out.
    """
    found: set[int] = set()
    following = {user}
    while following:
        following = {
            person
            for person, delegate in away.items()
            if delegate in following and person not in found and person != user
        }
        found |= following
    return found


def stand_in(user: int, away: Mapping[int, int]) -> int | None:
    """Who has the work of `user` in the end; None when it stays (not away, or nobody is here)."""
    seen = {user}
    following = user
    while following in away:
        following = away[following]
        if following in seen:
            return None
        seen.add(following)
    return following if following != user else None


def closes_a_ring(user: int, delegate: int, others: Iterable[tuple[int, int]]) -> bool:
    """Whether sending work of `user` to `delegate` would bring it back to `user`.

    `others` are the pairs of all absences that overlap the new one, so a person may stand there
    more than once; a ring that would close on some days only counts as one.
    """
    delegates: dict[int, set[int]] = {}
    for person, other in others:
        delegates.setdefault(person, set()).add(other)
    seen: set[int] = set()
    following = {delegate}
    while following:
        if user in following:
            return True
        seen |= following
        following = {other for person in following for other in delegates.get(person, ())} - seen
    return False
