"""What stands behind the SMTP and LMTP door: who may be written to, and keeping what comes."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from intake import queries
from intake.actions import watch
from intake.actions.receive import Arrival
from intake.actions.receive_together import Together
from intake.clients.smtp_contract import Answer, IncomingMail, Peer
from lib.blobs import BlobError, BlobStoreFull
from lib.refusal import Refused
from outbox.tasks import send_letters

log = logging.getLogger(__name__)

T = TypeVar("T")

_WATCH_SECONDS = 20

_LATER = Answer(451, "4.3.0", "Could not be stored just now, please try again")
_FULL = Answer(452, "4.3.1", "No room just now, please try again")
_NO_SUCH = Answer(550, "5.1.1", "No such mailbox here")


class Intake:
    """Answers the door. The database is spoken to in threads, so that the door stays open."""

    def __init__(self, *, threads: int = 8) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="intake")
        self._together = Together(by="system:receiver")

    async def check_recipient(self, address: str, peer: Peer) -> Answer:
        """250 for a mailbox of ours, 550 for any other address, 451 when we can't tell."""
        box = queries.mailbox_remembered(address)
        try:
            box = box or await self._run(lambda: queries.mailbox_for(address))
        except Error:
            return _LATER
        return Answer(250, "2.1.5", "Recipient ok") if box is not None else _NO_SUCH

    async def deliver(self, mail: IncomingMail) -> list[Answer]:
        """250 only when the mail and its row are durable; one answer per recipient for LMTP."""
        answer = await self._run(lambda: _receive(mail, self._together))
        return [answer] * (len(mail.recipients) if mail.protocol == "lmtp" else 1)

    async def _run(self, work: Callable[[], T]) -> T:
        def fresh() -> T:
            close_old_connections()
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._threads, fresh)


def _receive(mail: IncomingMail, together: Together) -> Answer:
    arrival = Arrival(
        raw=mail.raw,
        door=mail.protocol,
        received_at=mail.received_at,
        recipients=mail.recipients,
        envelope_from=mail.envelope_from,
        peer=mail.peer_ip or "",
        helo=mail.helo,
        tls=mail.tls or "",
        keep_before=mail.keep_before,
    )
    try:
        received = together.receive(arrival)
    except BlobStoreFull:
        log.error("the store is full: mail was put off")
        return _FULL
    except Refused as refusal:
        return _NO_SUCH if refusal.code == "unknown_recipient" else _LATER
    except (Error, BlobError, OSError) as error:
        log.error("mail was put off: %s", type(error).__name__)
        return _LATER
    return Answer(250, "2.0.0", f"Received as M{received.message_id}")


def keep_watch() -> None:
    """Start the receiver's sign of life, and its watch over the other processes.

    They cannot report their own silence, and when they are silent nobody else sends the
    alarm's notice: so it is done from here.
    """
    threading.Thread(target=_watch_for_ever, name="watch", daemon=True).start()


def _watch_for_ever() -> None:
    look = Watch(send=send_letters)
    while True:
        look(timezone.now())
        time.sleep(_WATCH_SECONDS)


class Watch:
    """Shows that the receiver lives, and raises alarms when others do not.

    The notices leave in a thread of their own, for a mail server may take minutes over one, and
    whoever waited for it would fall silent too.
    """

    def __init__(self, *, send: Callable[[], None]) -> None:
        self._send = send
        self._sending: threading.Thread | None = None

    def __call__(self, at: datetime) -> None:
        """Look once."""
        close_old_connections()
        try:
            watch.beat(name="receiver", at=at)
            if queries.silent_processes(at):
                watch.raise_alarms(by="system:receiver", at=at)
                self._send_meanwhile()
        except Error as error:
            log.warning("the receiver's watch could not write: %s", type(error).__name__)

    def _send_meanwhile(self) -> None:
        if self._sending is None or not self._sending.is_alive():
            self._sending = threading.Thread(target=self._send_once, name="notices", daemon=True)
            self._sending.start()

    def _send_once(self) -> None:
        try:
            self._send()
        except Error as error:
            log.warning("the receiver could not send notices: %s", type(error).__name__)
        finally:
            # The thread ends here, and its connection with it.
            connection.close()
