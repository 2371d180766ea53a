"""What the timer asks of the workers, and how often; every one of them may run twice harmlessly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    # sweepers: what a lost job left behind
    "sweep-messages": {"task": "intake.tasks.sweep_messages", "schedule": timedelta(seconds=20)},
    "sweep-letters": {"task": "outbox.tasks.sweep_letters", "schedule": timedelta(seconds=10)},
    "read-texts": {
        "task": "registry.tasks.read_texts",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10},
    },
    "send-due-receipts": {
        "task": "intake.tasks.send_due_receipts",
        "schedule": timedelta(minutes=1),
    },
    "fetch-mailboxes": {"task": "intake.tasks.fetch_mailboxes", "schedule": timedelta(minutes=1)},
    "send-daily-digests": {
        "task": "registry.tasks.send_daily_digests",
        "schedule": timedelta(minutes=10),
    },
    "escalate-deadlines": {
        "task": "registry.tasks.escalate_deadlines",
        "schedule": timedelta(minutes=10),
    },
    "recount-deadlines": {
        "task": "registry.tasks.recount_deadlines",
        "schedule": timedelta(minutes=1),
    },
    "clear-sessions": {"task": "accounts.tasks.clear_sessions", "schedule": timedelta(hours=1)},
    "seal-ledger": {"task": "ledger.tasks.seal", "schedule": timedelta(minutes=1)},
    "raise-alarms": {"task": "intake.tasks.raise_alarms", "schedule": timedelta(minutes=1)},
}
