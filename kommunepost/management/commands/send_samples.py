"""Send the demo municipality's sample mail through a real SMTP door."""

from __future__ import annotations

import smtplib
from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from kommunepost.demo import MUNICIPALITIES
from kommunepost.demo.model import Municipality
from kommunepost.demo.samples import Sample, samples

SECONDS_TO_ANSWER = 30
ZONES = {"NO": ZoneInfo("Europe/Oslo"), "SE": ZoneInfo("Europe/Stockholm")}


class Command(BaseCommand):
    """Ends with an error when a mail was refused that should have been taken, or the reverse."""

    help = "Send about 60 sample mails to a demo municipality through an SMTP door."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--municipality", choices=sorted(MUNICIPALITIES), default="nn")
        parser.add_argument("--smtp", required=True, metavar="HOST:PORT")
        parser.add_argument("--count", type=int, help="send only the first COUNT mails")

    def handle(self, *, municipality: str, smtp: str, count: int | None, **_: Any) -> None:
        host, port = _door(smtp)
        if count is not None and count < 1:
            raise CommandError("--count must be 1 or more")
        chosen = _written(MUNICIPALITIES[municipality])[:count]
        try:
            with smtplib.SMTP(host, port, timeout=SECONDS_TO_ANSWER) as door:
                wrong = [
                    line
                    for sample in tqdm(chosen, unit="mail", disable=None)
                    if (line := _send(door, sample))
                ]
        except (OSError, smtplib.SMTPException) as error:
            raise CommandError(f"The SMTP door at {smtp} does not work: {error}") from error
        for line in wrong:
            self.stderr.write(line)
        if wrong:
            raise CommandError(f"{len(wrong)} of {len(chosen)} mails were not handled as expected.")
        self.stdout.write(f"{len(chosen)} mails sent to {smtp}.")


def _door(smtp: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:2525` or `[::1]:2525`."""
    host, _, port = smtp.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"--smtp must be HOST:PORT, not {smtp}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _written(municipality: Municipality) -> list[Sample]:
    return samples(municipality, now=datetime.now(ZONES[municipality.profile]))


def _send(door: smtplib.SMTP, sample: Sample) -> str:
    """Send one mail; what went against expectation in one line, or nothing.

    A refusal of one mail lets the next be sent. A door that hangs up raises instead.
    """
    refused: dict[str, tuple[int, bytes | str]] = {}
    try:
        refused.update(door.sendmail(sample.envelope_from, sample.recipients, sample.raw))
    except smtplib.SMTPRecipientsRefused as error:
        refused.update(error.recipients)
    except smtplib.SMTPResponseException as error:
        refused[sample.recipients[0]] = (error.smtp_code, error.smtp_error)
    if refused and not sample.refused:
        code, text = next(iter(refused.values()))
        said = text.decode(errors="replace") if isinstance(text, bytes) else text
        return f"{sample.note}: refused with {code} {said}"
    if sample.refused and not refused:
        return f"{sample.note}: taken, though nobody has that address"
    return ""
