"""Is this HTML nested so deeply that reading it would take seconds?

A browser-grade parser looks through all open elements at many tags, so its time grows with
tags times depth: 20,000 nested <div> take nine seconds. Real mail stays under a depth of 100.
"""

from __future__ import annotations

import re
from collections import Counter

_MOST_OPEN = 200
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})")
_ANY_TAG = re.compile(r"<[^>]*>?")
# Elements that never stay open, or that the next of their kind closes.
_NOT_COUNTED = frozenset(
    "area base br col colgroup dd dt embed hr img input li link meta option p param source"
    " tbody td tfoot th thead tr track wbr html head body".split()
)


def too_nested(source: str) -> bool:
    """True when more elements are open at once than any real mail has; linear in the length."""
    opened: Counter[str] = Counter()
    total = 0
    for match in _TAG.finditer(source):
        name = match[2].lower()
        foreign = opened["svg"] or opened["math"]  # where every element nests
        if name in _NOT_COUNTED and not foreign:
            continue
        if not match[1]:
            opened[name] += 1
            total += 1
            if total > _MOST_OPEN:
                return True
        elif opened[name]:
            opened[name] -= 1
            total -= 1
    return False


def without_tags(source: str) -> str:
    """What is left of `source` without anything between angle brackets; no HTML is understood."""
    return _ANY_TAG.sub(" ", source)
