"""Questions about consent."""

from __future__ import annotations

from django.db.models import Q

from decisions.models import Consent


def standing_consent(*, address: str, case_reference: str) -> Consent | None:
    """The consent under which a decision in the case may be notified at the address, if any.

    To be asked when the notice is sent, not when the case is opened: consent may be withdrawn and
    an address changed in between (eForvaltningsforskriften § 8).
    """
    return (
        Consent.objects.filter(address__iexact=address, withdrawn_at=None)
        .filter(Q(case_reference="") | Q(case_reference=case_reference))
        .order_by("-given_at")
        .first()
    )
