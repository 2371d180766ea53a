"""When a party's time to appeal ends, and whether an appeal came in time.

The time runs for each party from the day that party was notified, never from the day of the
decision. A finding is for a person to use: nothing is ever rejected by this module, because a late
appeal may still have to be tried (fvl. § 31; FL 45 §).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lib.jurisdictions import Due, Profile, Rule, due_on


class Regime(StrEnum):
    """Which law an appeal follows."""

    APPEAL = "appeal"  # klage (fvl. kap. VI); överklagande (FL 43-46 §§)
    LEGALITY_REVIEW = "legality_review"  # laglighetsprövning (KL 13 kap.), filed with the court


class TimelinessReason(StrEnum):
    """Why an appeal seems to be in time, late, or not yet to be told."""

    SENT_IN_TIME = "sent_in_time"  # fvl. § 30: given to the carrier before the end
    RECEIVED_IN_TIME = "received_in_time"  # came in before the end (enough in both countries)
    RECEIVED_BY_APPEAL_BODY_IN_TIME = "received_by_appeal_body_in_time"  # FL 45 §
    RECEIVED_BY_COURT_IN_TIME = "received_by_court_in_time"  # KL 13 kap.
    SENT_LATE = "sent_late"  # fvl. § 30: no proof of sending or arrival before the end
    RECEIVED_LATE = "received_late"  # FL 44 §: arrival decides, whenever it was sent
    NOT_RECEIVED_BY_COURT = "not_received_by_court"  # KL 13 kap.: forward, and tell the sender
    TIME_UNKNOWN = "time_unknown"  # nothing says when it was sent or came


class Consider(StrEnum):
    """What a person has to weigh before an appeal that seems late is rejected."""

    EXCUSE_OR_SPECIAL_REASONS = "excuse_or_special_reasons"  # fvl. § 31 first paragraph
    ABSOLUTE_LIMIT_PASSED = "absolute_limit_passed"  # fvl. § 31: one year (unverified)
    FAULTY_APPEAL_INFORMATION = "faulty_appeal_information"  # FL 45 §; fvl. § 27
    PROOF_OF_NOTIFICATION = "proof_of_notification"  # the authority proves when notice came
    ASK_FOR_PROOF_OF_SENDING = "ask_for_proof_of_sending"  # fvl. § 30: a postmark may save it
    FORWARD_TO_COURT = "forward_to_court"  # KL 13 kap.: guide and forward at once (FL 6 §)


@dataclass(frozen=True, slots=True)
class Timeliness:
    """What the dates say. `in_time` None means that they say nothing. A person decides."""

    in_time: bool | None
    reason: TimelinessReason
    paragraph: str
    consider: tuple[Consider, ...] = ()


def last_day_to_appeal(notified_on: date, profile: Profile, rule: Rule) -> Due:
    """Return the last day on which this party may appeal, with the explanation.

    `notified_on` is the local date on which notice reached this party (fvl. § 29; FL 44 §), or for
    a Swedish laglighetsprövning the day of the announcement (KL 13 kap.). `rule` is the one valid
    on that date: key `appeal_window` or `legality_review_window`.
    """
    return due_on(rule, notified_on, profile)


def is_timely(
    *,
    profile: Profile,
    period: Due,
    sent_at: datetime | None,
    received_at: datetime | None,
    regime: Regime = Regime.APPEAL,
    received_by_appeal_body_at: datetime | None = None,
    absolute_limit: Due | None = None,
) -> Timeliness:
    """Ask what the dates say about an appeal.

    All moments are aware. `sent_at` is a *proved* time of handing over (a postmark, our log), never
    a Date header. `received_at` is the arrival at the first server of the body that decided, a spam
    filter included. `absolute_limit` is the Norwegian year of fvl. § 31, counted from the decision.
    """
    if profile.country == "NO":
        return _norway(period, sent_at, received_at, absolute_limit)
    if regime is Regime.LEGALITY_REVIEW:
        return _legality_review(period, received_by_appeal_body_at)
    return _sweden(period, received_at, received_by_appeal_body_at)


def _norway(
    period: Due,
    sent_at: datetime | None,
    received_at: datetime | None,
    absolute_limit: Due | None,
) -> Timeliness:
    # fvl. § 30: enough that it was handed over before the end; arrival proves sending.
    paragraph = "forvaltningsloven § 30"
    if received_at is not None and received_at < period.at:
        return Timeliness(True, TimelinessReason.RECEIVED_IN_TIME, paragraph)
    if sent_at is not None and sent_at < period.at:
        return Timeliness(True, TimelinessReason.SENT_IN_TIME, paragraph)
    if sent_at is None and received_at is None:
        return Timeliness(None, TimelinessReason.TIME_UNKNOWN, paragraph)
    consider = [Consider.PROOF_OF_NOTIFICATION, Consider.FAULTY_APPEAL_INFORMATION]
    if sent_at is None:
        consider.append(Consider.ASK_FOR_PROOF_OF_SENDING)
    came_at = min(moment for moment in (sent_at, received_at) if moment is not None)
    if absolute_limit is not None and came_at >= absolute_limit.at:
        # fvl. § 31: never after one year (unverified), still a person's finding.
        consider.append(Consider.ABSOLUTE_LIMIT_PASSED)
    else:
        consider.append(Consider.EXCUSE_OR_SPECIAL_REASONS)
    return Timeliness(False, TimelinessReason.SENT_LATE, paragraph, tuple(consider))


def _sweden(
    period: Due, received_at: datetime | None, received_by_appeal_body_at: datetime | None
) -> Timeliness:
    # FL 44 §: must have come in to the deciding authority before the end.
    if received_at is not None and received_at < period.at:
        return Timeliness(True, TimelinessReason.RECEIVED_IN_TIME, "FL 44 §")
    # FL 45 §: not rejected if it came in time to the body that hears appeals.
    if received_by_appeal_body_at is not None and received_by_appeal_body_at < period.at:
        return Timeliness(True, TimelinessReason.RECEIVED_BY_APPEAL_BODY_IN_TIME, "FL 45 §")
    if received_at is None and received_by_appeal_body_at is None:
        return Timeliness(None, TimelinessReason.TIME_UNKNOWN, "FL 44 §")
    return Timeliness(
        False,
        TimelinessReason.RECEIVED_LATE,
        "FL 44-45 §§",
        (Consider.PROOF_OF_NOTIFICATION, Consider.FAULTY_APPEAL_INFORMATION),
    )


def _legality_review(period: Due, received_by_court_at: datetime | None) -> Timeliness:
    # KL 13 kap.: filed with förvaltningsrätten. Arrival at the municipality does not count, and
    # FL 45 § does not help the other way round (unverified): so forward at once.
    paragraph = "KL 13 kap."
    if received_by_court_at is None:
        return Timeliness(
            None,
            TimelinessReason.NOT_RECEIVED_BY_COURT,
            paragraph,
            (Consider.FORWARD_TO_COURT,),
        )
    if received_by_court_at < period.at:
        return Timeliness(True, TimelinessReason.RECEIVED_BY_COURT_IN_TIME, paragraph)
    return Timeliness(
        False, TimelinessReason.RECEIVED_LATE, paragraph, (Consider.PROOF_OF_NOTIFICATION,)
    )
