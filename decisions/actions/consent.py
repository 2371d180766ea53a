"""Note that somebody has consented to electronic notice, and that the consent was withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from decisions.models import Consent
from ledger.actions.record import record
from lib.mime.addresses import is_public_address
from lib.refusal import Refused
from registry.queries import case_id_by_reference


def check_consent(*, address: str, case_reference: str, given_at: datetime, at: datetime) -> None:
    """Raise what `note_consent` would refuse with; return when it would not."""
    if not is_public_address(address):
        raise Refused("bad_address", _("Mail cannot be sent to this address."))
    if case_reference and case_id_by_reference(case_reference) is None:
        raise Refused("no_such_case", _("There is no case with this number."))
    if given_at > at:
        raise Refused("in_future", _("The consent cannot have been given in the future."))


def note_consent(
    *,
    person: str,
    address: str,
    case_reference: str,
    way: str,
    text_version: str,
    given_at: datetime,
    by: str,
    at: datetime,
) -> Consent:
    """Keep a consent as evidence.

    Raises Refused ("bad_address", "no_such_case", "in_future").
    """
    check_consent(address=address, case_reference=case_reference, given_at=given_at, at=at)
    with transaction.atomic():
        consent = Consent.objects.create(
            person=person,
            address=address,
            case_reference=case_reference,
            way=way,
            text_version=text_version,
            given_at=given_at,
            noted_by=by,
        )
        record(
            verb="decisions.consent_noted",
            subject=f"consent:{consent.pk}",
            by=by,
            at=at,
            reason=way,
            text_version=text_version,
        )
    return consent


def withdraw_consent(*, consent_id: int, by: str, at: datetime) -> None:
    """End a consent that stands. Raises Refused ("withdrawn") when it has ended already."""
    with transaction.atomic():
        consent = Consent.objects.select_for_update().get(pk=consent_id)
        if consent.withdrawn_at is not None:
            raise Refused("withdrawn", _("The consent has been withdrawn already."))
        consent.withdrawn_at = at
        consent.withdrawn_by = by
        consent.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record(verb="decisions.consent_withdrawn", subject=f"consent:{consent.pk}", by=by, at=at)
