"""What an answer of the mail server means for a letter, and when to try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Answer(StrEnum):
    """How an attempt to hand over a letter ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # 5yz: for good (RFC 5321 4.2.1)
    LATER = "later"  # 4yz, or the connection broke before the final dot: not handed over
    UNREACHED = "unreached"  # no session with our mail server: nothing to do with this letter
    LOST = "lost"  # the connection broke after the final dot: it may have been delivered


@dataclass(frozen=True)
class Next:
    """The fate that follows, and after how long the next attempt is due (None: no more)."""

    fate: str
    wait: timedelta | None = None


# RFC 5321 4.5.4.1: retry after at least 30 minutes, give up after 4 to 5 days. The first tries
# are closer together, because greylisting ends within minutes and an acknowledgement has a
# legal limit of hours.
_WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120)]
_LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)
# When our own mail server is back, what waits should leave within minutes and not hours.
_LONGEST_WAIT_UNREACHED = timedelta(minutes=5)
# After a session could not be had, nobody tries to get one for so long: workers that wait for a
# server that does not answer do nothing else, and a wrong password should not be tried for ever.
PAUSE = timedelta(minutes=1)
# A worker that has not recorded an end within this time has died with the letter in its hands.
# More than a letter can take (its task is stopped after 25 minutes, outbox.tasks).
STALE_AFTER = timedelta(minutes=30)
_AFTER_LOSS = timedelta(minutes=10)

# Nor does it harm anyone to hear of a threat twice.
_MAY_REPEAT = frozenset({"acknowledgement", "receipt", "notice_threat"})


def after(answer: Answer, *, kind: str, attempts: int, losses: int, age: timedelta) -> Next:
    """The next fate of a letter of `kind` after `attempts` tries, the last of which gave `answer`.

    `losses` counts the tries (this one included) after which it was not known whether the letter
    had gone; `age` is the time since the letter was due to leave.
    """
    if answer is Answer.ACCEPTED:
        return Next("sent")
    if answer is Answer.REFUSED:
        return Next("failed")
    if answer is Answer.LOST:
        # An acknowledgement twice is a nuisance, and none at all breaks the duty to confirm
        # receipt (eForvaltningsforskriften § 6); a decision or notice twice starts two clocks.
        if kind in _MAY_REPEAT and losses == 1:
            return Next("unknown", _AFTER_LOSS)
        return Next("unknown")
    if age >= GIVE_UP_AFTER:
        return Next("failed")
    wait = _WAITS[attempts - 1] if attempts <= len(_WAITS) else _LONGEST_WAIT
    if answer is Answer.UNREACHED:
        wait = min(wait, _LONGEST_WAIT_UNREACHED)
    return Next("retry", wait)
