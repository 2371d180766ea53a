"""Queue a letter: render it, compose the mail, and store both in the caller's transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries import municipality
from ledger.actions.record import record
from lib.enqueue import enqueue
from lib.mime.addresses import is_valid_address
from lib.mime.compose import compose, new_message_id
from lib.mime.model import Address
from lib.refusal import Refused
from outbox import queries
from outbox.models import Letter, LetterRecipient
from outbox.rules import letters


def queue_letter(
    *,
    key: str,
    kind: str,
    language: str,
    values: Mapping[str, str],
    to: Sequence[str],
    automatic: bool,
    about: str,
    not_before: datetime,
    by: str,
    at: datetime,
    in_reply_to: str = "",
) -> Letter:
    """Store a letter that leaves at `not_before` at the earliest, and return it.

    The same `key` twice gives the letter that there is: a letter is made once. The footer with
    the municipality's address and a Reply-To to the central mailbox are on every letter, whoever
    sends it. Raises Refused ("no_municipality", "bad_address", "bad_letter").
    """
    body = municipality()
    if body is None:
        raise Refused("no_municipality", _("The municipality has not been set up yet."))
    if not to or not all(is_valid_address(address) for address in to):
        raise Refused("bad_address", _("The letter has no address that mail can be sent to."))
    footer = {
        "municipality": body.name,
        "postal_address": body.postal_address,
        "phone": body.phone,
        "central_address": body.central_address,
        "portal_address": body.portal_address,
    }
    template = letters.with_footer(
        queries.letter_template(kind, language), queries.shipped_template("footer", language)
    )
    try:
        rendered = letters.render(
            template, {**footer, **values}, lang=language, required=letters.REQUIRED[kind]
        )
    except ValueError as error:
        raise Refused("bad_letter", _("The letter could not be written.")) from error
    message_id = new_message_id(body.domain)
    raw = compose(
        from_=Address(body.name, body.central_address),
        to=[Address("", address) for address in to],
        reply_to=[Address(body.name, body.central_address)],
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=message_id,
        date=at,
        headers=_headers(language, automatic=automatic, in_reply_to=in_reply_to),
    )
    with transaction.atomic():
        letter, made = Letter.objects.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "language": language,
                "automatic": automatic,
                "subject": rendered.subject,
                "text": rendered.text,
                "raw": raw,
                "raw_sha256": hashlib.sha256(raw).hexdigest(),
                "sender_name": body.name,
                "sender_address": body.central_address,
                "reply_to": body.central_address,
                "message_id": message_id,
                "in_reply_to": in_reply_to[:1000],
                "envelope_token": secrets.token_hex(16),
                "about": about,
                "created_at": at,
                "created_by": by,
                "not_before": not_before,
            },
        )
        if not made:
            return letter
        LetterRecipient.objects.bulk_create(
            LetterRecipient(
                letter=letter, address=address, next_attempt_at=not_before, changed_at=at
            )
            for address in to
        )
        record(
            verb="outbox.letter_queued",
            subject=f"letter:{letter.pk}",
            by=by,
            at=at,
            kind=kind,
            about=about,
            raw_sha256=letter.raw_sha256,
        )
        if not_before <= at:
            enqueue("outbox.tasks.send_letters")
    return letter


def _headers(language: str, *, automatic: bool, in_reply_to: str) -> dict[str, str]:
    headers = {"Content-Language": language}
    if automatic:
        # RFC 3834 5: says what this is; the X- header asks Exchange not to answer it.
        headers["Auto-Submitted"] = "auto-replied" if in_reply_to else "auto-generated"
        headers["X-Auto-Response-Suppress"] = "All"
    if in_reply_to:
        headers["In-Reply-To"] = headers["References"] = in_reply_to
    return headers
