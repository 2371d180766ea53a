"""Queue a letter: render it, compose the mail, and store both in the caller's transaction."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries import municipality
from ledger.actions.record import record
from lib import rows
from lib.enqueue import enqueue
from lib.mime.addresses import is_valid_address, normalise
from lib.mime.compose import AttachedFile, compose, new_message_id
from lib.mime.model import Address
from lib.refusal import Refused
from outbox import queries
from outbox.models import Letter, LetterRecipient
from outbox.rules import letters
from outbox.rules.envelope import envelope_sender

if TYPE_CHECKING:
    from accounts.models import Municipality

# RFC 5322 3.6.4, and short enough for a header line of 998 characters.
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_ANSWERS = frozenset({"acknowledgement", "receipt"})


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
    files: Sequence[AttachedFile] = (),
) -> Letter:
    """Store a letter that leaves at `not_before` at the earliest, and return it.

    The same `key` twice gives the letter that there is: a letter is made once. The footer with
    the municipality's address and a Reply-To to the central mailbox are on every letter, whoever
    sends it. An `in_reply_to` that is no Message-ID (the sender's own making) is left out.
    `files` go with it as attachments.
    Raises Refused ("no_municipality", "bad_address", "bad_letter", "bad_sender").
    """
    body = municipality()
    if body is None:
        raise Refused("no_municipality", _("The municipality has not been set up yet."))
    addresses = _addresses(to)
    rendered = _render(body, kind, language, values)
    token = secrets.token_hex(16)
    in_reply_to = in_reply_to if _MESSAGE_ID.fullmatch(in_reply_to) else ""
    try:
        message_id = new_message_id(body.domain)
        raw = compose(
            from_=Address(body.name, body.central_address),
            to=[Address("", address) for address in addresses],
            reply_to=[Address(body.name, body.central_address)],
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            message_id=message_id,
            date=at,
            headers=_headers(kind, language, automatic=automatic, in_reply_to=in_reply_to),
            files=files,
        )
    except ValueError as error:
        raise Refused(
            "bad_sender", _("The municipality's name, address or mail domain cannot be used.")
        ) from error
    # Nothing below is caught, so no savepoint is needed.
    with transaction.atomic(savepoint=False):
        letter = Letter(
            key=key,
            kind=kind,
            language=language,
            automatic=automatic,
            subject=rendered.subject,
            text=rendered.text,
            raw=raw,
            raw_sha256=hashlib.sha256(raw).hexdigest(),
            sender_name=body.name,
            sender_address=body.central_address,
            reply_to=body.central_address,
            message_id=message_id,
            in_reply_to=in_reply_to,
            envelope_from=envelope_sender(
                automatic=automatic, token=token, domain=message_id[1:-1].partition("@")[2]
            ),
            envelope_token=token,
            about=about,
            created_at=at,
            created_by=by,
            not_before=not_before,
        )
        recipients = [
            LetterRecipient(
                letter=letter,
                address=address,
                due_at=not_before,
                next_attempt_at=not_before,
                changed_at=at,
            )
            for address in addresses
        ]
        # Waits for a transaction that is about to store the same key.
        if not rows.insert_with(letter, recipients, unless_there=True):
            return Letter.objects.get(key=key)
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


def preview_letter(*, kind: str, language: str, values: Mapping[str, str]) -> letters.Rendered:
    """A letter as it would be sent, with its footer; nothing is stored.

    Raises Refused ("no_municipality", "bad_letter").
    """
    body = municipality()
    if body is None:
        raise Refused("no_municipality", _("The municipality has not been set up yet."))
    return _render(body, kind, language, values)


def _addresses(to: Sequence[str]) -> list[str]:
    """The recipients as they are written to, each once."""
    if not to or not all(is_valid_address(address) for address in to):
        raise Refused("bad_address", _("The letter has no address that mail can be sent to."))
    plain = list(dict.fromkeys(normalise(address) for address in to))
    # Needs SMTPUTF8 (RFC 6531) all the way, which a municipality's mail server rarely has.
    if not all(address.isascii() for address in plain):
        raise Refused("bad_address", _("Mail cannot be sent to an address with such letters."))
    return plain


def _render(
    body: Municipality, kind: str, language: str, values: Mapping[str, str]
) -> letters.Rendered:
    if kind not in letters.REQUIRED or language not in letters.LANGUAGES:
        raise Refused("bad_letter", _("There is no such letter."))
    template = letters.with_footer(
        queries.letter_template(kind, language), queries.shipped_template("footer", language)
    )
    footer = {
        "municipality": body.name,
        "postal_address": body.postal_address,
        "phone": body.phone,
        "central_address": body.central_address,
        "portal_address": body.portal_address,
    }
    try:
        return letters.render(
            template, {**footer, **values}, lang=language, required=letters.REQUIRED[kind]
        )
    except ValueError as error:
        raise Refused("bad_letter", _("The letter could not be written.")) from error


def _headers(kind: str, language: str, *, automatic: bool, in_reply_to: str) -> dict[str, str]:
    headers = {"Content-Language": language}
    if automatic:
        # RFC 3834 5: says what this is; the X- header asks Exchange not to answer it.
        answers = kind in _ANSWERS or bool(in_reply_to)
        headers["Auto-Submitted"] = "auto-replied" if answers else "auto-generated"
        headers["X-Auto-Response-Suppress"] = "All"
    if in_reply_to:
        headers["In-Reply-To"] = headers["References"] = in_reply_to
    return headers
