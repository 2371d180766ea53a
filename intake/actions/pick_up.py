"""Pick up what a mail server delivered into a Maildir; a file goes only after commit."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import Error

from intake.actions.receive import Arrival, receive
from intake.clients import maildir
from lib.blobs import BlobError
from lib.refusal import Refused

log = logging.getLogger(__name__)


def pick_up(*, folder: Path, mailbox: str, by: str, clock: Callable[[], datetime]) -> int:
    """Receive every mail of the Maildir for the mailbox and remove it; return how many.

    A mail that cannot be stored stays where it is and stops no other. Its time of arrival is when
    the mail server delivered it, which is on our side of the network, and at the latest now.
    """
    done = 0
    for file in maildir.files(folder):
        try:
            raw = maildir.read(file)
            if raw is None:
                continue
            known = maildir.envelope(raw)
            receive(
                arrival=Arrival(
                    raw=raw,
                    door="maildir",
                    received_at=min(file.delivered_at, clock()),
                    recipients=[mailbox],
                    envelope_from=known.sender or "",
                    has_envelope=known.sender is not None,
                    source_key=_source_key(folder, file.key),
                ),
                by=by,
            )
        except (Refused, BlobError, Error, OSError) as error:
            log.error("a mail stays in the Maildir: %s", type(error).__name__)
            continue
        maildir.remove(file.path)
        done += 1
    return done


def _source_key(folder: Path, name: str) -> str:
    # A name that is no UTF-8 must still fit into a database column.
    key = os.fsencode(f"maildir:{folder}:{name}").decode("utf-8", "backslashreplace")
    return key[-300:]
