"""How fast the pages of a busy day are, through the whole of the web but for the network.

./dev bench pages [--entries 1000000] [--waiting 5000] [--times 30]

As for ./dev bench search, a database named in DATABASE_URL is filled once and kept.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
from datetime import UTC, datetime, timedelta

import django

# The pages are asked for without TLS, and would all lead to it.
os.environ["INSECURE_COOKIES"] = "on"
django.setup()

from _mix import mix, sender  # noqa: E402
from _registry import COMMON, UNITS, fill, filled  # noqa: E402
from _times import HEADINGS, milliseconds, say  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from tqdm import tqdm  # noqa: E402

from accounts.models import RoleGrant, Unit, User  # noqa: E402
from accounts.rules.roles import Role  # noqa: E402
from intake.actions.receive import Arrival, receive  # noqa: E402
from intake.actions.screen import screen  # noqa: E402
from intake.models import Mailbox, Message  # noqa: E402
from intake.models.message import State  # noqa: E402
from lib.reading import reader  # noqa: E402
from registry.models import Deadline, Entry  # noqa: E402

_REAL = 50
_PAGE, _LIST, _TRIAGE = 150.0, 20.0, 150.0


def wait(number: int) -> None:
    """Have so many messages wait: some are received and screened as real ones, then copied."""
    box = Mailbox.objects.order_by("pk").first()
    assert box is not None
    waiting = Message.objects.filter(state=State.SCREENED)
    short = (raw for raw in mix(4 * _REAL, seed=2, recipient=box.address) if len(raw) < 20_000)
    for index in tqdm(range(waiting.count(), _REAL), desc="messages", unit="message"):
        at = timezone.now() - timedelta(days=3) + timedelta(seconds=index)
        arrival = Arrival(
            raw=next(short),
            door="smtp",
            received_at=at,
            recipients=[box.address],
            envelope_from=sender(index),
        )
        received = receive(arrival=arrival, by="system:bench")
        screen(message_id=received.message_id, read=reader(), by="system:bench", at=at)
    originals = list(waiting[:_REAL])
    running = Deadline.objects.filter(message_number__in=[each.number for each in originals])
    deadlines: dict[str, list[Deadline]] = {}
    for deadline in running:
        deadlines.setdefault(deadline.message_number, []).append(deadline)
    for index in tqdm(range(waiting.count(), number), desc="copies", unit="message"):
        copy(originals[index % len(originals)], index, deadlines)


def copy(message: Message, index: int, deadlines: dict[str, list[Deadline]]) -> None:
    """One more message like this one, with its deadlines, a little later."""
    running = deadlines.get(message.number, [])
    twin = Message.objects.get(pk=message.pk)
    twin.pk = None
    twin.fingerprint = hashlib.sha256(f"copy {index}".encode()).hexdigest()
    twin.received_at = message.received_at + timedelta(seconds=index)
    twin.save(force_insert=True)
    for deadline in running:
        deadline.pk = None
        deadline.message_number = twin.number
        deadline.save(force_insert=True)


def visitor(role: Role, unit: Unit | None = None) -> Client:
    """A signed-in person with the role."""
    user, _ = User.objects.get_or_create(
        email=f"{role}.pages@bench.example", defaults={"name": str(role), "unit": unit}
    )
    RoleGrant.objects.get_or_create(
        user=user, role=role, defaults={"granted_at": timezone.now(), "granted_by": "system:bench"}
    )
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, what: str, address: str, goal: float, times: int) -> None:
    """One line for a page, which must be there."""
    size = 0

    def get(number: int) -> None:
        nonlocal size
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        size = len(response.content)

    say(what, milliseconds(get, times), goal, f"{size / 1000:.0f} KB")


def further(part: float) -> str:
    """The address of a list page so far down."""
    pk = max(1, int(filled() * (1 - part)))
    at = Entry.objects.values_list("registered_at", flat=True).get(pk=pk)
    micros = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return f"{reverse('registry:cases')}?after=t{micros}.{pk}"


def main(entries: int, waiting: int, times: int) -> None:
    if not Mailbox.objects.exists():
        call_command("setup_demo", municipality="nn", stdout=io.StringIO())
    if filled() < entries:
        fill(entries)
    wait(waiting)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    registrar = visitor(Role.REGISTRAR)
    caseworker = visitor(Role.CASEWORKER, Unit.objects.get(pk=UNITS[2]))
    message = Message.objects.filter(state=State.SCREENED).order_by("received_at").last()
    assert message is not None
    big = Entry.objects.filter(document=200).order_by("-pk").values_list("case", flat=True).first()
    cases = reverse("registry:cases")
    rows = [
        (registrar, f"the queue with {waiting:,} waiting", reverse("intake:queue"), _TRIAGE),
        (registrar, "a message", reverse("intake:message", args=[message.pk]), _TRIAGE),
        (registrar, "the list", cases, _LIST),
        *((registrar, f"the list, {part:.1%} down", further(part), _LIST) for part in (0.5, 0.999)),
        (registrar, "two very common words", f"{cases}?q={COMMON[0]}+{COMMON[1]}", _PAGE),
        (registrar, "a misspelt name", f"{cases}?q=Nordmanm&near=on", _PAGE),
        (caseworker, "the list, for a caseworker", cases, _LIST),
        (
            caseworker,
            "two very common words, the same",
            f"{cases}?q={COMMON[2]}+{COMMON[1]}",
            _PAGE,
        ),
        (registrar, "a case with 200 entries", reverse("registry:case", args=[big]), _PAGE),
        (registrar, "the board", reverse("registry:deadlines"), _PAGE),
        (caseworker, "the board, for a caseworker", reverse("registry:deadlines"), _PAGE),
        (caseworker, "my work", reverse("registry:my-work"), _PAGE),
        (registrar, "the reports of a month", reverse("intake:reports"), _PAGE),
    ]
    print(f"{filled():,} entries, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
    print(HEADINGS)
    for client, what, address, goal in rows:
        page(client, what, address, goal, times)
    print(f"\nload {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--waiting", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=30)
    chosen = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    main(chosen.entries, chosen.waiting, chosen.times)
